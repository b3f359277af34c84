"""Exercises wiretap and order-client: between our own programs, and between grpcio's client and server with gzip."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import grpc
from google.protobuf import wrappers_pb2

import order_pb2
import order_pb2_grpc

SECONDS = 20
binaries = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
descriptors = os.path.join(root, "proto", "order.binpb")
certificates = os.path.join(root, "Tests", "WireTapTests", "Certificates")
checks = []


def check(function):
    checks.append(function)
    return function


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def contains(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in:\n{text[:6000]}"


def binary(name):
    return os.path.join(binaries, name)


@contextlib.contextmanager
def started(args, pattern):
    """A program, and the port that its first lines name."""
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        found = re.search(pattern, line)
        assert found, f"no address in the first line: {line!r}"
        yield process, int(found.group(1))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


# As anybody but root would run it; a container has no capabilities either.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] if os.geteuid() == 0 else []


def order_server():
    args = [*UNPRIVILEGED, binary("order-server"), "--listen", "127.0.0.1:0", "--database", ":memory:"]
    return started(args, r"127\.0\.0\.1:(\d+)")


class Tapped:
    """A wiretap; what it showed is there after `end`."""

    def __init__(self, process):
        self.process = process

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.output, self.totals = self.process.communicate(timeout=SECONDS)
        equal(self.process.returncode, 0)
        return self.output


@contextlib.contextmanager
def wiretap(remote, *options):
    args = [binary("wiretap"), "-p", "0", "-r", f"127.0.0.1:{remote}", *options]
    with started(args, r"127\.0\.0\.1:(\d+)") as (process, port):
        yield Tapped(process), port


def client(*args):
    done = subprocess.run([binary("order-client"), *args], capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, done.stdout, done.stderr


@check
def the_demonstration_is_shown_with_names_and_values():
    with order_server() as (_, server), wiretap(server, "--descriptors", descriptors) as (tap, port):
        code, out, err = client("all", "--address", f"127.0.0.1:{port}")
        equal((code, err), (0, ""))
        contains(out, "AddOrder Response -> Order Added: 101", 'GetOrder Response -> : id:"102" items:"Oppo"',
                 'Update Orders Res : value:"Orders processed Updated Order IDs : 101, 102, "',
                 'Search Result:  id:"102" items:"iPhone XS" items:"Mac Book Pro" description:"C with D" price:2500',
                 "Combined shipment :  cmb - Mike, Shanghai Processed!")
        text = tap.end()
        contains(text, "] Accepted from: 127.0.0.1:", "[1] Connected to server: 127.0.0.1:", "grpc:(http2:preface)\n",
                 '\nitems: "iPhone XS"\nitems: "Mac Book Pro"\nprice: 2300\n', '\nvalue: "Order Added: 101"\n',
                 ":path: /order.OrderManagement/processOrders\n", "\ngrpc-status: 0\n", '  type: WORK\n',
                 "[1] Client connection closed", "[1] Server connection closed")
        for call in ("addOrder -> 0 OK [0-9.]+ ms, 1 up 1 down", "updateOrders -> 0 OK [0-9.]+ ms, 2 up 1 down",
                     "searchOrders -> 0 OK [0-9.]+ ms, 1 up 1 down", "processOrders -> 0 OK [0-9.]+ ms, 2 up 2 down"):
            assert re.search(rf"POST /order\.OrderManagement/{call}\n", text), f"{call}\n{text[-3000:]}"
        assert "\x1b" not in text, "colours in a pipe"
        assert re.search(r"^1 connections, 7 calls, \d+ bytes up, \d+ bytes down$", tap.totals.strip()), tap.totals


@check
def schema_comes_by_reflection():
    with order_server() as (_, server), wiretap(server, "--reflection") as (tap, port):
        line = tap.process.stdout.readline()
        contains(line, " Schema of ", "order.OrderManagement", " by server reflection")
        equal(client("unary", "--address", f"127.0.0.1:{port}")[0], 0)
        contains(tap.end(), '\nid: "101"\nitems: "iPhone XS"\n')


@check
def one_json_record_per_frame():
    with order_server() as (_, server), wiretap(server, "--json", "--descriptors", descriptors) as (tap, port):
        equal(client("unary", "--address", f"127.0.0.1:{port}")[0], 0)
        records = [json.loads(line) for line in tap.end().splitlines()]
    messages = [m["value"] for r in records for m in r.get("messages", []) if r["from"] == "client"]
    equal(messages[0], {"id": "101", "items": ["iPhone XS", "Mac Book Pro"], "price": 2300,
                        "destination": "San Jose, CA"})
    equal(len([r for r in records if "call" in r]), 4)


@check
def filter_quiet_and_statistics():
    with order_server() as (_, server):
        with wiretap(server, "--filter", "path=getOrder type=headers from=client") as (tap, port):
            equal(client("unary", "--address", f"127.0.0.1:{port}")[0], 0)
            text = tap.end()
            equal(text.count("grpc:(http2:"), 2)
            equal(text.count("getOrder -> 0 OK"), 2)
        with wiretap(server, "-q", "-s", "-t", "http2") as (tap, port):
            equal(client("unary", "--address", f"127.0.0.1:{port}")[0], 0)
            text = tap.end()
            assert "http2:" not in text, text
            contains(text, "[1] client: ", " octets up, rtt ", " retransmitted")


@check
def wrong_usage_says_what_is_wrong():
    def failing(*args):
        done = subprocess.run([binary("wiretap"), *args], capture_output=True, text=True, timeout=SECONDS)
        return done.returncode, done.stderr
    code, text = failing("-p", "0", "-r", "a:1", "--filter", "stream=x")
    equal(code, 64)
    contains(text, "filter 'stream=x', column 8: 'x' is neither a stream's number nor a range such as 1-9")
    equal(failing("-p", "0")[0], 64)
    code, text = failing("-p", "0", "-r", "127.0.0.1:1", "--descriptors", "/none.binpb")
    equal((code, text), (1, "error: cannot read /none.binpb: No such file or directory\n"))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        code, text = failing("-p", str(port), "-r", "127.0.0.1:1")
        equal((code, text), (1, f"error: cannot listen on 127.0.0.1:{port}: Address already in use\n"))


@check
def order_client_says_what_went_wrong():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    code, _, err = client("unary", "--address", f"127.0.0.1:{port}")
    equal(code, 69)
    contains(err, f"error: cannot reach 127.0.0.1:{port}")
    with order_server() as (_, server):
        code, _, err = client("bidi", "--id", "none", "--address", f"127.0.0.1:{server}")
        equal((code, err), (1, "error: the call ended with 5 NOT_FOUND: Order does not exist. : none\n"))
    equal(client("client-stream", "--orders", "/none")[0], 64)
    equal(client("unary", "--address", "nowhere")[0], 64)


@check
def order_client_sends_what_it_is_told():
    with order_server() as (_, server), tempfile.TemporaryDirectory() as folder:
        address = f"127.0.0.1:{server}"
        code, out, _ = client("unary", "--id", "7", "--item", "Pixel", "--price", "1.5", "--json", "--address", address)
        equal(code, 0)
        equal([json.loads(line) for line in out.splitlines()][1]["items"], ["Pixel"])
        path = os.path.join(folder, "orders.ndjson")
        with open(path, "w") as f:
            f.write('{"id":"8","items":["a"]}\n\n{"id":"9","items":["b"]}\n')
        code, out, _ = client("client-stream", "--orders", path, "--rate", "100", "--address", address)
        contains(out, "Updated Order IDs : 8, 9, ")
        code, out, _ = client("client-stream", "--count", "3", "--id", "20", "--json", "--address", address)
        equal(json.loads(out), "Orders processed Updated Order IDs : 20, 21, 22, ")
        with open(path, "w") as f:
            f.write('{"id":"8"}\n{"id":}\n')
        code, _, err = client("client-stream", "--orders", path, "--address", address)
        equal(code, 64)
        contains(err, f"{path}, line 2")


class Orders(order_pb2_grpc.OrderManagementServicer):
    def addOrder(self, request, context):
        return wrappers_pb2.StringValue(value="Order Added: " + request.id + " " + "x" * 2000)

    def searchOrders(self, request, context):
        for number in range(3):
            yield order_pb2.Order(id=str(number), items=["iPhone XS"] * 200)


@check
def grpcio_client_and_server_with_gzip():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), compression=grpc.Compression.Gzip)
    order_pb2_grpc.add_OrderManagementServicer_to_server(Orders(), server)
    remote = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with wiretap(remote, "--descriptors", descriptors) as (tap, port):
            with grpc.insecure_channel(f"127.0.0.1:{port}", compression=grpc.Compression.Gzip) as channel:
                stub = order_pb2_grpc.OrderManagementStub(channel)
                big = order_pb2.Order(id="101", items=["Mac Book Pro"] * 500)
                assert stub.addOrder(big, timeout=SECONDS).value.startswith("Order Added: 101")
                equal(len(list(stub.searchOrders(wrappers_pb2.StringValue(value="i"), timeout=SECONDS))), 3)
                stub.addOrder(big, timeout=SECONDS)
            text = tap.end()
        contains(text, "\ngzip, ", '\nid: "101"\nitems: "Mac Book Pro"\n', '\nvalue: "Order Added: 101 xxx',
                 '\nid: "2"\nitems: "iPhone XS"\n', "addOrder -> 0 OK", "searchOrders -> 0 OK")
        equal(text.count("1 up 3 down"), 1)
        equal(len(re.findall(r'^items: "Mac Book Pro"$', text, re.M)), 1000)
        assert "not decoded" not in text and "\n! " not in text, re.findall(r"^! .*$", text, re.M)
    finally:
        server.stop(0)


def pem(name):
    with open(os.path.join(certificates, name), "rb") as f:
        return f.read()


@contextlib.contextmanager
def grpcio_server(certificate=None):
    """grpcio's own server, with TLS where a certificate is named; its port."""
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    order_pb2_grpc.add_OrderManagementServicer_to_server(Orders(), server)
    if certificate:
        server_credentials = grpc.ssl_server_credentials([(pem("server.key"), pem(certificate))])
        port = server.add_secure_port("127.0.0.1:0", server_credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0)


def added(port):
    """What a cleartext client of grpcio is answered, or the code that it gets."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            return order_pb2_grpc.OrderManagementStub(channel).addOrder(order_pb2.Order(id="101"), timeout=SECONDS).value
        except grpc.RpcError as error:
            return error.code()


@check
def tls_towards_a_grpcio_server():
    roots = ("--tls", "--tls-roots", os.path.join(certificates, "root.pem"))
    with grpcio_server("server.pem") as remote:
        with wiretap(remote, "--descriptors", descriptors, *roots, "--tls-server-name", "localhost") as (tap, port):
            assert added(port).startswith("Order Added: 101")
            contains(tap.end(), "[1] TLS with server, h2\n", ":path: /order.OrderManagement/addOrder\n",
                     '\nid: "101"\n', '\nvalue: "Order Added: 101 xxx', "addOrder -> 0 OK", "1 up 1 down")
        for options, reason in (
                (roots + ("--tls-server-name", "orders.example"), "the certificate is for other names"),
                (roots, "the certificate is for other names"),
                (("--tls",), "the certificate is not trusted")):
            with wiretap(remote, *options) as (tap, port):
                equal(added(port), grpc.StatusCode.UNAVAILABLE)
                contains(tap.end(), "SERVER error, " + reason)
        with wiretap(remote, "--tls", "--tls-insecure") as (tap, port):
            assert added(port).startswith("Order Added: 101")
    with grpcio_server("address.pem") as remote, wiretap(remote, *roots) as (tap, port):
        assert added(port).startswith("Order Added: 101")
    with grpcio_server("expired.pem") as remote, wiretap(remote, *roots) as (tap, port):
        equal(added(port), grpc.StatusCode.UNAVAILABLE)
        contains(tap.end(), "SERVER error, the certificate is not trusted", "its time is over")
    with grpcio_server() as remote, wiretap(remote, *roots) as (tap, port):
        equal(added(port), grpc.StatusCode.UNAVAILABLE)
        contains(tap.end(), "SERVER error, the other side does not speak TLS")


def on_a_terminal(remote, options=(), **environment):
    """What wiretap writes to a terminal while a call goes through it and Ctrl-C is pressed there, and its exit code."""
    variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    variables.update({"TERM": "xterm", **environment})
    terminal, inner = pty.openpty()
    # setsid makes it the controlling terminal, so that Ctrl-C is a signal.
    args = ["setsid", "--ctty", binary("wiretap"), "-p", "0", "-r", f"127.0.0.1:{remote}", *options]
    process = subprocess.Popen(args, stdin=inner, stdout=inner, stderr=inner, env=variables)
    os.close(inner)
    text, port, pressed = "", None, False
    deadline = time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"nothing more came on the terminal:\n{text}"
        try:
            piece = os.read(terminal, 65536).decode()
        except OSError:  # EIO: the last one has closed it
            break
        text += piece
        if port is None and (found := re.search(r"Listening on 127\.0\.0\.1:(\d+)", text)):
            port = int(found.group(1))
            assert added(port).startswith("Order Added: 101")
        if "connection closed" in text and not pressed:
            pressed = True
            os.write(terminal, b"\x03")
    os.close(terminal)
    return text.replace("\r\n", "\n"), process.wait(SECONDS)


@check
def terminal_gets_colours_unless_told_otherwise_and_ctrl_c_ends_with_totals():
    with grpcio_server() as remote:
        for hasColours, options, environment in (
                (True, (), {}), (True, (), {"NO_COLOR": ""}), (False, (), {"NO_COLOR": "1"}),
                (False, (), {"TERM": "dumb"}), (False, ("--no-color",), {})):
            text, code = on_a_terminal(remote, options, **environment)
            equal(code, 0)
            equal("\x1b[" in text, hasColours)
            assert re.search(r"\n1 connections, 1 calls, \d+ bytes up, \d+ bytes down\n$", text), text[-400:]


@check
def delay_and_rates_slow_the_traffic():
    def seconds(*options):
        with grpcio_server() as remote, wiretap(remote, "-q", *options) as (tap, port):
            began = time.monotonic()
            assert added(port).startswith("Order Added: 101")
            return time.monotonic() - began
    # There and back once for SETTINGS or the call, at least.
    assert seconds("-d", "300ms") >= 0.6
    # An answer of 2 KB at 1,000 octets a second, a tenth of which may go at once.
    assert seconds("-down", "1000") >= 1.5


@check
def help_has_examples():
    for program, parts in (("wiretap", ("EXAMPLES:", "wiretap -p 9008 -r localhost:9009 -t grpc", "--filter")),
                           ("order-client", ("EXAMPLES:", "order-client all", "order-client bidi --id 101"))):
        done = subprocess.run([binary(program), "--help"], capture_output=True, text=True, timeout=SECONDS)
        equal((done.returncode, done.stderr), (0, ""))
        contains(done.stdout, *parts)


@check
def noise_in_both_directions_ends_nothing():
    listener = socket.create_server(("127.0.0.1", 0))
    noise = os.urandom(300_000)

    def answer():
        for _ in range(8):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(noise)
                while connection.recv(65536):
                    pass

    with concurrent.futures.ThreadPoolExecutor(1) as executor, wiretap(listener.getsockname()[1]) as (tap, port):
        answering = executor.submit(answer)
        for number in range(8):
            with socket.create_connection(("127.0.0.1", port)) as s:
                # The even ones begin as HTTP/2 does, so that what follows is taken for frames.
                if number % 2 == 0:
                    s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
                s.sendall(noise[::-1])
                s.shutdown(socket.SHUT_WR)
                count = 0
                while piece := s.recv(65536):
                    count += len(piece)
                equal(count, len(noise))
        answering.result(SECONDS)
        tap.end()
        contains(tap.totals, "8 connections, ", f" {8 * len(noise)} bytes down")
    listener.close()


@check
def gateway_through_wiretap_and_gateway_that_taps_itself():
    def get(port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    rules = os.path.join(root, "proto", "order.http.yaml")
    with order_server() as (_, server), wiretap(server, "--descriptors", descriptors) as (tap, tapped):
        args = [binary("gateway"), "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{tapped}",
                "--descriptors", descriptors, "--rules", rules]
        with started(args, r"http://127\.0\.0\.1:(\d+)") as (_, port):
            equal(get(port, "/v1/orders/none")[0], 404)
        text = tap.end()
        contains(text, ':path: /order.OrderManagement/getOrder\n', '\nvalue: "none"\n',
                 '-> 5 NOT_FOUND "Order does not exist. : none"')
    with order_server() as (_, server):
        args = [binary("gateway"), "serve", "--tap", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{server}",
                "--descriptors", descriptors, "--rules", rules]
        process = subprocess.Popen(args, stdout=subprocess.PIPE, text=True)
        seen = []
        while not re.search(r"http://127\.0\.0\.1:(\d+)", "".join(seen)):
            line = process.stdout.readline()
            assert line, "".join(seen)
            seen.append(line)
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)", "".join(seen)).group(1))
        equal(get(port, "/v1/orders/none")[0], 404)
        process.send_signal(signal.SIGTERM)
        text = "".join(seen) + process.communicate(timeout=SECONDS)[0]
        contains(text, "from CALLER [http 1]\nGET /v1/orders/none HTTP/1.1\n", "from GATEWAY [grpc 1]\n",
                 "from UPSTREAM [grpc 1]\n", '\nvalue: "none"\n', "from GATEWAY [http 1]\nHTTP/1.1 404 Not Found\n")
        places = [text.index(part) for part in ("from CALLER [http 1]\nGET", '\nvalue: "none"\n',
                                                "-> 5 NOT_FOUND", "from GATEWAY [http 1]\nHTTP/1.1 404")]
        equal(places, sorted(places))


@check
def output_that_nobody_reads_does_not_slow_the_traffic():
    with order_server() as (_, server), wiretap(server) as (tap, port):
        # Nothing is read from the pipe, which holds 64 KiB.
        began = time.monotonic()
        equal(client("client-stream", "--count", "2000", "--address", f"127.0.0.1:{port}")[0], 0)
        assert time.monotonic() - began < SECONDS
        equal(client("unary", "--address", f"127.0.0.1:{port}")[0], 0)


def main():
    failed = 0
    for function in checks:
        began = time.monotonic()
        try:
            function()
            print(f"ok   {function.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # every kind of failure is one line and the next check
            failed += 1
            print(f"FAIL {function.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
