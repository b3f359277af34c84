"""Many calls on one connection, from grpcio and grpc-go, and to grpc-go: no connection is lost.

  long_connection_check.py PATH/TO/order-server PATH/TO/gateway [COUNT]

See check-long-connections. grpc-go takes part where Go and Debian's golang-google-grpc-dev are installed.
Prints `N passed, N failed`; exits 0 only when nothing failed.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import grpc

ORDER_SERVER, GATEWAY = (os.path.abspath(path) for path in sys.argv[1:3])
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = 60
WORKERS = 8
# StringValue{"nobody"}: there is no such order, which is an answer like any other.
NOBODY = b"\x0a\x06nobody"


@contextlib.contextmanager
def program(*args, **options):
    """A program until the block is left: (process, what its first line brings)."""
    process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@contextlib.contextmanager
def order_server():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen([ORDER_SERVER, "--listen", f"127.0.0.1:{port}", "--database", ":memory:"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None and time.monotonic() < end, "the order server does not listen"
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def gateway(upstream):
    with program(GATEWAY, "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}", "--descriptors",
                 os.path.join(ROOT, "proto/order.binpb"), "--rules", os.path.join(ROOT, "proto/order.http.yaml"),
                 "--max-calls-in-flight", "1000") as (_, line):
        yield int(re.search(r"http://127\.0\.0\.1:(\d+)", line).group(1))


def from_grpcio():
    with order_server() as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        states = []
        channel.subscribe(states.append)
        grpc.channel_ready_future(channel).result(SECONDS)
        get = channel.unary_unary("/order.OrderManagement/getOrder")

        def work(share):
            for _ in range(share):
                try:
                    get(NOBODY, timeout=SECONDS)
                    raise AssertionError("an order that there is not")
                except grpc.RpcError as error:
                    assert error.code() == grpc.StatusCode.NOT_FOUND, error

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, [COUNT // WORKERS] * WORKERS))
        took = time.monotonic() - begun
        ready = states.index(grpc.ChannelConnectivity.READY)
        assert states[ready:] == [grpc.ChannelConnectivity.READY], states
        print(f"{COUNT} calls from grpcio to the order server, one connection, {took:.1f} s", flush=True)


def from_grpc_go(calls):
    with order_server() as port:
        done = subprocess.run([calls, "client", f"127.0.0.1:{port}", str(COUNT)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        print("from grpc-go to the order server: " + done.stdout.strip(), flush=True)


@contextlib.contextmanager
def grpc_go_server(calls):
    """(port, a function that asks for opened and closed connections, calls, cancelled calls)."""
    with program(calls, "server") as (process, line):
        def figures():
            process.stdin.write("?\n")
            process.stdin.flush()
            return [int(word) for word in process.stdout.readline().split()]

        yield int(line), figures


def get(connection, **headers):
    connection.request("GET", "/v1/orders/a", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def to_grpc_go(calls):
    with grpc_go_server(calls) as (upstream, figures), gateway(upstream) as port:
        def work(share):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            for _ in range(share):
                status, body = get(connection)
                assert status == 200 and json.loads(body)["id"] == "a", (status, body)
            connection.close()

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, [COUNT // WORKERS] * WORKERS))
        took = time.monotonic() - begun
        opened, closed, handled, _ = figures()
        assert (opened, closed, handled) == (1, 0, COUNT // WORKERS * WORKERS), (opened, closed, handled)
        print(f"{COUNT} calls through the gateway to grpc-go, one connection, {took:.1f} s", flush=True)


def late_answers(calls):
    """90 calls at a time whose callers are gone when grpc-go answers, half by deadline and half by leaving."""
    with grpc_go_server(calls) as (upstream, figures), gateway(upstream) as port:
        bystander = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        bystander.request("GET", "/v1/orders:search?value=a", headers={"Grpc-Metadata-Hold": "1"})
        stream = bystander.getresponse()
        assert json.loads(stream.readline())["id"] == "a"

        def victim(number):
            # Around the moment at which the answer comes, on both sides of it.
            headers = {"Grpc-Metadata-Delay": str(40 + number % 30)}
            if number % 2:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
                status, _ = get(connection, **headers, **{"Grpc-Timeout": "50m"})
                connection.close()
                assert status in (200, 504), status
                return status
            with socket.create_connection(("127.0.0.1", port), SECONDS) as s:
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                s.sendall(f"GET /v1/orders/a HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
                s.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    s.recv(1)
            return None

        statuses = []
        with concurrent.futures.ThreadPoolExecutor(90) as pool:
            for _ in range(5):
                statuses += pool.map(victim, range(90))
        assert statuses.count(504) > 0, "no call was late"
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        status, _ = get(other, **{"Grpc-Metadata-Release": "1"})
        assert status == 200, status
        assert json.loads(stream.read())["id"] == "a"
        opened, closed, handled, cancelled = figures()
        assert (opened, closed) == (1, 0), (opened, closed)
        print(f"{statuses.count(504)} of {len(statuses)} calls past their deadline, {cancelled} seen cancelled by grpc-go, "
              f"a stream beside them whole, {handled} calls on one connection", flush=True)


def grpc_go(folder):
    """Builds the Go program; `None` where that cannot be done."""
    if not shutil.which("go") or not os.path.isdir("/usr/share/gocode/src/google.golang.org/grpc"):
        return None
    calls = os.path.join(folder, "calls")
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="",
                       GOCACHE=os.path.join(ROOT, ".build", "go-cache"))
    source = os.path.join(ROOT, "Benchmarks/scenarios/grpc-go/calls.go")
    subprocess.run(["go", "build", "-o", calls, source], check=True, env=environment)
    return calls


def main():
    checks, failed = [from_grpcio], 0
    with tempfile.TemporaryDirectory() as folder:
        calls = grpc_go(folder)
        if calls:
            checks += [lambda: from_grpc_go(calls), lambda: to_grpc_go(calls), lambda: late_answers(calls)]
        else:
            print("grpc-go is not there (golang-go, golang-google-grpc-dev): its checks are left out")
        for check in checks:
            try:
                check()
            except (AssertionError, OSError, ValueError, http.client.HTTPException) as error:
                failed += 1
                print(f"FAIL: {error!r}", flush=True)
    print(f"long connections: {len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
