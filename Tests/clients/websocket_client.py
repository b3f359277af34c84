"""Every streaming mode over WebSocket with PyPI's `websockets`: websocket_client.py PORT"""
import asyncio
import json
import sys

import websockets
from websockets.exceptions import ConnectionClosed

base = f"ws://127.0.0.1:{sys.argv[1]}"


async def until_close(socket):
    texts = []
    try:
        while True:
            texts.append(json.loads(await socket.recv()))
    except ConnectionClosed as closed:
        assert closed.rcvd is not None, "no closing handshake"
        return texts, closed.rcvd.code


async def refused(path, **options):
    try:
        async with websockets.connect(base + path, **options):
            raise AssertionError(f"{path} was not refused")
    except websockets.exceptions.InvalidStatus as error:
        return error.response.status_code


async def main():
    async with websockets.connect(base + "/v1/orders:search?value=whole") as socket:
        assert socket.protocol.extensions == [], "compression was agreed on"
        texts, code = await until_close(socket)
        assert ([t["id"] for t in texts], code) == (["0", "1", "2"], 1000), (texts, code)
    async with websockets.connect(base + "/v1/orders:search?value=broken") as socket:
        texts, code = await until_close(socket)
        assert (len(texts), texts[-1]["error"]["status"], code) == (4, "ABORTED", 4010), (texts, code)
    async with websockets.connect(base + "/v1/orders:update") as socket:
        for number in range(100):
            await socket.send(json.dumps({"id": str(number)}))
        await socket.send("")
        assert await until_close(socket) == (["100 orders"], 1000)
    async with websockets.connect(base + "/order.OrderManagement/processOrders") as socket:
        for text in ("a", "b", "c"):
            # In two fragments.
            await socket.send(iter(['"' + text, '"']))
            assert json.loads(await socket.recv())["id"] == text
        await (await socket.ping())
        await socket.send("")
        assert await until_close(socket) == ([], 1000)
    async with websockets.connect(base + "/v1/orders:update") as socket:
        await socket.send('{"id":7}')
        texts, code = await until_close(socket)
        assert (texts[0]["error"]["status"], code) == ("INVALID_ARGUMENT", 4003), (texts, code)
    async with websockets.connect(base + "/v1/orders:update") as socket:
        await socket.send(b"{}")
        assert await until_close(socket) == ([], 1003)
    # Not closed by `async with`: once the other end has closed while much was still being sent, that ends in asyncio's
    # transport with AttributeError (websockets aborts it after it is lost).
    socket = await websockets.connect(base + "/v1/orders:update")
    await socket.send('{"id":"1","description":"' + "x" * (4 * 1024 * 1024) + '"}')
    assert await until_close(socket) == ([], 1009)
    await socket.wait_closed()
    async with websockets.connect(base + "/v1/orders:search?value=endless", max_queue=4) as socket:
        assert json.loads(await socket.recv())["id"] == "0"
        await asyncio.sleep(0)
        assert json.loads(await socket.recv())["id"] == "1"
    async with websockets.connect(
            base + "/v1/orders:search?value=whole", subprotocols=["bearer", "secret"]) as socket:
        assert socket.subprotocol == "bearer", socket.subprotocol
    assert await refused("/v1/orders/1") == 400
    assert await refused("/v1/none") == 404
    assert await refused("/v1/orders:process", origin="http://evil.example") == 403


asyncio.run(main())
