"""What callers are promised of streams, headers, deadlines and cancellation, tried with curl and raw sockets against
grpcio: contract.py GATEWAY"""
import contextlib
import json
import queue
import socket
import subprocess
import sys
import time

from gateway import serving
import upstream

binary = sys.argv[1]
TIMES = ["--event-stream-keep-alive", "200ms", "--max-deadline", "20s", "--unary-deadline", "2s",
         "--upstream-compression", "gzip"]
UPGRADE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
NDJSON = "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"


class Caller:
    """A socket and what has come on it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, line, headers="", version="1.1"):
        self.send(f"{line} HTTP/{version}\r\nHost: a\r\n{headers}\r\n")
        return self

    def send(self, text):
        self.socket.sendall(text.encode())

    def chunk(self, text):
        self.send(f"{len(text):x}\r\n{text}\r\n")

    def until(self, mark):
        while mark not in self.seen:
            data = self.socket.recv(65536)
            assert data, f"closed before {mark!r}: {self.seen!r}"
            self.seen += data
        return self.seen.decode(errors="replace")


def curl(port, path, *arguments):
    done = subprocess.run(
        ["curl", "-sS", "-N", "-m", "20", *arguments, f"http://127.0.0.1:{port}{path}"], capture_output=True,
        timeout=60)
    return done.stdout.decode()


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def metadata(port, *headers):
    """What the upstream was sent, and the head of the answer."""
    arguments = [argument for header in headers for argument in ("-H", header)]
    head, body = curl(port, "/v1/orders/metadata", "-i", *arguments).split("\r\n\r\n", 1)
    return json.loads(json.loads(body)["description"]), head.lower().split("\r\n")


def headers_cross(port):
    told, head = metadata(
        port, "X-Trace-Bin: AAEC/w==", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: https", "X-Request-Id: r-1",
        "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Grpc-Metadata-Mine: m",
        "Connection: X-Hop", "X-Hop: 1", "Origin: http://127.0.0.1", "Sec-Fetch-Mode: cors", "Grpc-Timeout: 99999999H")
    sent = dict(told["metadata"])
    equal(sent.get("x-trace-bin"), "000102ff")
    equal(sent.get("x-forwarded-for"), "10.0.0.1, 127.0.0.1")
    equal(sent.get("x-forwarded-proto"), "https, http")
    equal(sent.get("x-forwarded-host"), f"127.0.0.1:{port}")
    equal(sent.get("x-request-id"), "r-1")
    equal(sent.get("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    equal(sent.get("mine"), "m")
    for name in ("x-hop", "origin", "sec-fetch-mode", "host", "accept", "connection"):
        assert name not in sent, name
    # The caller's wish is capped.
    assert 0 < told["remaining"] <= 20, told["remaining"]
    for line in ("x-request-id: r-1", "grpc-metadata-x-initial: 1", "grpc-metadata-a-bin: aaec/w",
                 "grpc-trailer-x-trailing: 2", "grpc-trailer-b-bin: /w"):
        assert line in head, f"{line} is not in {head}"
    assert "400" in curl(port, "/v1/orders/1", "-i", "-H", "X-Trace-Bin: no base64!").split("\n")[0]
    # The default deadline is told as well.
    assert 0 < metadata(port)[0]["remaining"] <= 2


def deadline_is_of_the_call(port):
    """A body that takes longer than the default deadline is no call that takes too long."""
    body = json.dumps({"id": "1", "description": "x" * 300_000})
    answer = subprocess.run(
        ["curl", "-sS", "-m", "20", "--limit-rate", "100k", "--data-binary", "@-",
         "-H", "Content-Type: application/json", "-w", "%{time_total}", f"http://127.0.0.1:{port}/v1/orders"],
        capture_output=True, text=True, input=body, timeout=60).stdout
    # The body is a string, and behind it stands the time.
    said, taken = answer.rsplit('"', 1)
    count, left = said[1:].split(" bytes, ")
    assert int(count) > 300_000 and 1 < float(left.split()[0]) <= 2, answer
    assert float(taken) > 2, taken
    began = time.monotonic()
    with Caller(port) as caller:
        caller.ask("GET /v1/orders/hang", "X-Server-Timeout: 0.3\r\n")
        assert caller.until(b"DEADLINE_EXCEEDED").startswith("HTTP/1.1 504 ")
    assert 0.2 < time.monotonic() - began < 5


def head_after_silence(port):
    began = time.monotonic()
    with Caller(port) as caller:
        head = caller.ask("GET /v1/orders:search?value=silent").until(b"\r\n\r\n")
        assert head.startswith("HTTP/1.1 200 "), head
        assert "grpc-metadata-x-initial: 1" in head.lower(), head
        assert 0.9 < time.monotonic() - began < 5, time.monotonic() - began
    with Caller(port) as caller:
        equal(caller.ask("GET /v1/orders:search?value=refused").until(b"\r\n")[:12], "HTTP/1.1 409")


def comments_keep_alive(port):
    with Caller(port) as caller:
        caller.ask("GET /v1/orders:search?value=silent", "Accept: text/event-stream\r\n")
        caller.until(b": keepalive\n\n")
        caller.seen = b""
        caller.until(b": keepalive\n\n")


def cancels(port):
    """Each mode: from the caller's close to the end of the call at the upstream; the best of five, since a busy
    machine makes the others late."""
    modes = {
        "get": lambda caller: (caller.ask("GET /v1/orders/hang"), upstream.arrivals.get(timeout=20)),
        "search": lambda caller: caller.ask("GET /v1/orders:search?value=endless").until(b"}\n"),
        "update": lambda caller: (caller.ask("POST /v1/orders:update", NDJSON).chunk('{"id":"a"}\n'),
                                  upstream.arrivals.get(timeout=20)),
        "process": lambda caller: (caller.ask("POST /v1/orders:process", NDJSON).chunk('"a"\n'), caller.until(b"}\n")),
        "search over WebSocket": lambda caller: caller.ask("GET /v1/orders:search?value=endless", UPGRADE).until(b"}"),
    }
    for mode, begin in modes.items():
        taken = []
        for _ in range(5):
            for left_over in (upstream.ends, upstream.arrivals):
                with contextlib.suppress(queue.Empty):
                    while True:
                        left_over.get_nowait()
            with Caller(port) as caller:
                begin(caller)
            closed = time.monotonic()
            method, ended = upstream.ends.get(timeout=20)
            while method != mode.split()[0]:    # of a call that another check has begun
                method, ended = upstream.ends.get(timeout=20)
            taken.append(ended - closed)
        assert min(taken) < 0.1, f"{mode}: {taken}"


def uploads(port):
    upstream.arrivals.queue.clear()
    with Caller(port) as caller:
        # An element of an array goes on before the array's end.
        caller.ask("POST /v1/orders:update", NDJSON.replace("x-ndjson", "json"))
        caller.chunk('[{"id":"first"},')
        equal(upstream.arrivals.get(timeout=20), "first")
        # The upstream ends early: its status is the answer, though the upload is open.
        caller.chunk('{"id":"break"},')
        equal(caller.until(b"\r\n")[:12], "HTTP/1.1 409")
    with Caller(port) as caller:
        caller.ask("POST /v1/orders:update", NDJSON)
        caller.chunk('{"id":"1"}\n{"id":"2","price":"dear"}\n')
        answer = caller.until(b"[1].price")
        assert answer.startswith("HTTP/1.1 400 "), answer


def refusals(port):
    for line, headers, version, status in (
            ("GET /v1/orders:search?value=whole", "", "1.0", 505),
            ("GET /v1/orders/1", "", "1.0", 200),
            ("GET /v1/orders:search?value=whole", "Accept: text/html\r\n", "1.1", 406),
            ("GET /v1/orders:search?value=whole", "Accept: application/json;q=0, text/*;q=0\r\n", "1.1", 406),
            ("POST /v1/orders", "Content-Type: text/html\r\nContent-Length: 2\r\n", "1.1", 415),
            ("POST /v1/orders", "Expect: 100-continue\r\nContent-Length: 5000000\r\n", "1.1", 413),
            ("POST /v1/orders", "Expect: 100-continue\r\nContent-Length: 2\r\n", "1.1", 100),
            ("GET /v1/orders/1", "Grpc-Timeout: 1\r\n", "1.1", 400)):
        with Caller(port) as caller:
            equal(caller.ask(line, headers, version).until(b"\r\n").split()[1], str(status))
    # What is refused by its length is not sent at all.
    body = "x" * 5_000_000
    done = subprocess.run(
        ["curl", "-sS", "-m", "20", "--data-binary", "@-", "-H", "Content-Type: application/json",
         "-H", "Expect: 100-continue", "--expect100-timeout", "10", "-o", "/dev/null",
         "-w", "%{http_code} %{size_upload}", f"http://127.0.0.1:{port}/v1/orders"],
        capture_output=True, text=True, input=body, timeout=60)
    equal(done.stdout, "413 0")


with serving(binary, *TIMES) as port:
    for check in (headers_cross, deadline_is_of_the_call, head_after_silence, comments_keep_alive, cancels, uploads,
                  refusals):
        try:
            check(port)
        except AssertionError as error:
            sys.exit(f"{check.__name__}: {error}")
