"""REST in front of a grpcio server, from its reflection alone; see check-reflection."""
import http.client
import json
import re
import socket
import subprocess
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import timestamp_pb2, wrappers_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from parts import book_pb2
import shelf_pb2
import shelf_pb2_grpc

gateway = sys.argv[1]
SECONDS = 20


class Shelf(shelf_pb2_grpc.ShelfServicer):
    def Put(self, request, context):
        return wrappers_pb2.StringValue(value=f"{request.title}, {request.pages} pages")

    def List(self, request, context):
        for number in range(3):
            yield book_pb2.Book(title=f"T{number}", pages=2**53 + number, printed=request)


def serve(port=0, reflected=True):
    """A grpcio server: (server, port)."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    shelf_pb2_grpc.add_ShelfServicer_to_server(Shelf(), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    if reflected:
        names = (shelf_pb2.DESCRIPTOR.services_by_name["Shelf"].full_name,
                 health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


def start(upstream, *options):
    return subprocess.Popen(
        [gateway, "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}", "--reflection", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(process):
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert found, f"no address in {line!r}: {process.stderr.read()}"
    return int(found.group(1))


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request(method, path, body, headers or {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def ended(process):
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def ask(port):
    equal(request(port, "POST", "/shelf.v1.Shelf/Put", '{"title":"A","pages":"9007199254740993"}'),
          (200, '"A, 9007199254740993 pages"'))
    status, text = request(port, "POST", "/shelf.v1.Shelf/List", '"2026-01-02T03:04:05Z"',
                           {"Content-Type": "application/json", "Accept": "application/json"})
    equal(status, 200)
    equal([book["pages"] for book in json.loads(text)], [str(2**53 + n) for n in range(3)])
    equal({book["printed"] for book in json.loads(text)}, {"2026-01-02T03:04:05Z"})
    equal(request(port, "POST", "/shelf.v1.Shelf/Put", '{"titel":"A"}')[0], 400)
    equal(request(port, "POST", "/grpc.health.v1.Health/Check", "{}"), (200, '{"status":"SERVING"}'))
    document = json.loads(request(port, "GET", "/openapi.json")[1])
    assert "/shelf.v1.Shelf/Put" in document["paths"], document["paths"].keys()


def rest_without_a_file():
    server, upstream = serve()
    process = start(upstream)
    try:
        ask(port_of(process))
    finally:
        ended(process)
        server.stop(None)


def the_upstream_may_come_later():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        upstream = s.getsockname()[1]
    process = start(upstream)
    try:
        assert "cannot be reached yet" in process.stderr.readline()
        time.sleep(0.5)
        server, _ = serve(upstream)
        ask(port_of(process))
        server.stop(None)
    finally:
        ended(process)


def a_server_without_reflection_is_named():
    server, upstream = serve(reflected=False)
    process = start(upstream)
    try:
        equal(process.wait(SECONDS), 1)
        text = process.stderr.read()
        assert "serves neither grpc.reflection.v1 nor v1alpha" in text, text
    finally:
        ended(process)
        server.stop(None)


def main():
    failed = 0
    checks = [rest_without_a_file, the_upstream_may_come_later, a_server_without_reflection_is_named]
    for check in checks:
        try:
            check()
            print(f"ok   {check.__name__}", flush=True)
        except Exception as error:  # every kind of failure is one line and the next check
            failed += 1
            print(f"FAIL {check.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
