"""REST in front of a grpcio server, from its reflection alone; see check-reflection."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
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
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = 20


class Shelf(shelf_pb2_grpc.ShelfServicer):
    def Put(self, request, context):
        return wrappers_pb2.StringValue(value=f"{request.title}, {request.pages} pages")

    def List(self, request, context):
        for number in range(3):
            yield book_pb2.Book(title=f"T{number}", pages=2**53 + number, printed=request)


def serve(port=0, reflected=True, credentials=None):
    """A grpcio server, with TLS where it has credentials: (server, port)."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    shelf_pb2_grpc.add_ShelfServicer_to_server(Shelf(), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    if reflected:
        names = (shelf_pb2.DESCRIPTOR.services_by_name["Shelf"].full_name,
                 health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    address = f"127.0.0.1:{port}"
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    return server, port


def start(upstream, *options):
    return subprocess.Popen(
        [gateway, "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}", "--reflection", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(process):
    line = process.stdout.readline()
    found = re.search(r"https?://127\.0\.0\.1:(\d+)", line)
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


def tls_on_both_sides():
    with tempfile.TemporaryDirectory() as folder:
        certificates = os.path.join(folder, "certificates")
        subprocess.run([os.path.join(root, "Tests/Support/certificates/make"), certificates], check=True)

        def path(name):
            return os.path.join(certificates, name)

        def content(name):
            with open(path(name), "rb") as f:
                return f.read()

        server, upstream = serve(credentials=grpc.ssl_server_credentials(
            [(content("server.key"), content("server.pem"))], content("ca.pem"), require_client_auth=True))
        for kind in ("pem", "key"):
            shutil.copy(path("server." + kind), path("shown." + kind))
        process = start(
            upstream, "--upstream-tls", "--upstream-ca", path("ca.pem"), "--upstream-certificate", path("client.pem"),
            "--upstream-key", path("client.key"), "--tls-certificate", path("shown.pem"), "--tls-key", path("shown.key"))
        try:
            port = port_of(process)
            base = f"https://localhost:{port}"

            def curl(*args):
                done = subprocess.run(
                    ["curl", "-sS", "-m", str(SECONDS), "--cacert", path("ca.pem"), *args], capture_output=True, text=True)
                return done.returncode, done.stdout

            equal(curl("--json", '{"title":"A","pages":"7"}', base + "/shelf.v1.Shelf/Put"), (0, '"A, 7 pages"'))
            code, lines = curl("--json", '"2026-01-02T03:04:05Z"', base + "/shelf.v1.Shelf/List")
            equal((code, len(json.loads(lines))), (0, 3))
            # 60: the certificate is verified, and by no authority of the system.
            equal(subprocess.run(["curl", "-sS", base + "/healthz"], capture_output=True).returncode, 60)
            assert curl(f"http://localhost:{port}/healthz")[0] != 0, "plaintext was answered"
            equal(curl("--tls-max", "1.1", base + "/healthz")[0], 35)
            probe = [gateway, "healthcheck", "--url", f"https://127.0.0.1:{port}/readyz"]
            equal(subprocess.run(probe, capture_output=True, text=True).stdout, "200\n")

            def serial():
                context = ssl.create_default_context(cafile=path("ca.pem"))
                with socket.create_connection(("127.0.0.1", port), SECONDS) as s:
                    with context.wrap_socket(s, server_hostname="localhost") as secured:
                        return secured.getpeercert()["serialNumber"]

            kept = http.client.HTTPSConnection(
                "localhost", port, timeout=SECONDS, context=ssl.create_default_context(cafile=path("ca.pem")))

            def alive():
                kept.request("GET", "/readyz")
                equal(kept.getresponse().read(), b'{"status":"SERVING"}')

            alive()
            before = serial()
            # A certificate that is another key's: kept, with a line that says so.
            shutil.copy(path("renewed.pem"), path("shown.pem"))
            process.send_signal(signal.SIGHUP)
            while "is not the key of the certificate" not in (line := process.stderr.readline()):
                assert line, "the log has ended"
            equal(serial(), before)
            shutil.copy(path("renewed.key"), path("shown.key"))
            process.send_signal(signal.SIGHUP)
            end = time.monotonic() + SECONDS
            while serial() == before:
                assert time.monotonic() < end, "the certificate stays the old one"
                time.sleep(0.05)
            alive()
            kept.close()
        finally:
            ended(process)
            server.stop(None)


def main():
    failed = 0
    checks = [rest_without_a_file, the_upstream_may_come_later, a_server_without_reflection_is_named,
              tls_on_both_sides]
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
