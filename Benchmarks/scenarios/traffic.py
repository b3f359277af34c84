"""Calls of every mode and faults of callers, for the scenarios that mix them."""
import json
import os
import socket

from scenario import request


def order(n):
    return json.dumps({"id": "s%d" % (n % 500), "items": ["iPhone %d" % n], "price": n % 1000,
                       "addresses": [{"address": "street %d" % (n % 7)}]}).encode()


def exchange(connection, method, path, body=None, kind="application/json"):
    connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
    response = connection.getresponse()
    response.read()
    return response.status


def unary_add(c, n):
    return exchange(c, "POST", "/v1/orders", order(n))


def unary_get(c, n):
    return exchange(c, "GET", "/v1/orders/s%d" % (n % 500))


def server_stream(c, n):
    return exchange(c, "GET", "/v1/orders:search?value=iPhone%%20%d" % (n % 100))


def client_stream(c, n):
    return exchange(c, "POST", "/v1/orders:update", b"\n".join(order(n + i) for i in range(20)), "application/x-ndjson")


def bidi(c, n):
    ids = b"\n".join(b'"s%d"' % ((n + i) % 500) for i in range(6))
    return exchange(c, "POST", "/v1/orders:process", ids, "application/x-ndjson")


def raw(port, data, read=True):
    s = socket.create_connection(("127.0.0.1", port), 10)
    try:
        s.sendall(data)
        if read:
            s.settimeout(20)
            while s.recv(65536):
                pass
    finally:
        s.close()


def leaves_in_the_head(port, n):
    raw(port, b"GET /v1/orders/1 HTTP/1.1\r\nHo", read=False)


def leaves_in_the_body(port, n):
    raw(port, b"POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{", read=False)


def leaves_before_the_answer(port, n):
    raw(port, b"GET /v1/orders:search?value=i HTTP/1.1\r\nHost: a\r\n\r\n", read=False)


def sends_bad_json(port, n):
    if request(port, "POST", "/v1/orders", b'{"id":')[0] != 400:
        raise OSError("not 400")


def sends_too_much(port, n):
    if request(port, "POST", "/v1/orders", b" " * 5_000_000)[0] != 413:
        raise OSError("not 413")


def sends_no_http(port, n):
    raw(port, os.urandom(200) + b"\r\n\r\n")


def asks_for_nothing_there(port, n):
    if request(port, "GET", "/nowhere")[0] != 404:
        raise OSError("not 404")


def has_no_time(port, n):
    if request(port, "GET", "/v1/orders/s1", headers={"Grpc-Timeout": "0n"})[0] != 504:
        raise OSError("not 504")


CALLS = [unary_add, unary_get, unary_get, server_stream, client_stream, bidi]
FAULTS = [leaves_in_the_head, leaves_in_the_body, leaves_before_the_answer, sends_bad_json, sends_too_much,
          sends_no_http, asks_for_nothing_there, has_no_time]
