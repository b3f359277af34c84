"""Bidi full duplex and failing streams with Python's http.client: client.py PORT"""
import http.client
import json
import sys

port = int(sys.argv[1])


def connect():
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


def chunk(text):
    data = text.encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


def duplex():
    connection = connect()
    connection.putrequest("POST", "/v1/orders:process")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(chunk('"a"\n'))
    answer = connection.getresponse()
    socket = connection.sock
    for following in ("b", "c", None):
        line = json.loads(answer.readline())
        assert line["id"] == {"b": "a", "c": "b", None: "c"}[following], line
        socket.sendall(chunk(f'"{following}"\n') if following else b"0\r\n\r\n")
    assert answer.read() == b""
    connection.close()


def broken(accept):
    connection = connect()
    connection.request("GET", "/v1/orders:search?value=broken", headers={"Accept": accept})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    try:
        answer.read()
    except http.client.IncompleteRead:
        return
    finally:
        connection.close()
    raise AssertionError(f"{accept}: the failed stream looked complete")


def whole(accept):
    connection = connect()
    connection.request("GET", "/v1/orders:search?value=whole", headers={"Accept": accept})
    assert connection.getresponse().read()
    connection.close()


duplex()
for form in ("application/x-ndjson", "application/json", "application/json-seq"):
    broken(form)
    whole(form)
