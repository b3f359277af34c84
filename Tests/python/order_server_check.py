"""Exercises an order server with grpcio: the five RPCs, their errors, reflection, health, durability."""

import concurrent.futures
import contextlib
import gzip
import itertools
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, timestamp_pb2, wrappers_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2 as v1alpha_pb2
from grpc_reflection.v1alpha import reflection_pb2_grpc as v1alpha_grpc
from protocol.reflection.v1 import reflection_pb2 as v1_pb2
from protocol.reflection.v1 import reflection_pb2_grpc as v1_grpc

import order_pb2
import order_pb2_grpc

TIMEOUT = 20
binary = sys.argv[1]
checks = []


def check(function):
    checks.append(function)
    return function


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


class Server:
    """One order-server process on a port of the system's choice."""

    def __init__(self, database=":memory:"):
        self.process = subprocess.Popen(
            [binary, "--listen", "127.0.0.1:0", "--database", database],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"127\.0\.0\.1:(\d+)", line)
        assert match, f"no address in the first line: {line!r}"
        self.port = int(match.group(1))
        self.target = f"127.0.0.1:{self.port}"

    def channel(self, **options):
        return grpc.insecure_channel(self.target, options=list(options.items()), compression=None)

    def stop(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        return self.process.wait(timeout=TIMEOUT)


@contextlib.contextmanager
def running(database=":memory:"):
    server = Server(database)
    try:
        with server.channel() as channel:
            yield server, channel, order_pb2_grpc.OrderManagementStub(channel)
    finally:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


def text(value):
    return wrappers_pb2.StringValue(value=value)


def order(id, *items, address=None, **fields):
    addresses = [order_pb2.Order.Address(address=address)] if address is not None else []
    return order_pb2.Order(id=id, items=items, addresses=addresses, **fields)


def failure(call):
    try:
        result = call()
        if hasattr(result, "__iter__") and not hasattr(result, "DESCRIPTOR"):
            result = list(result)
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"expected an error, got {result!r}")


MIKE, SAM = "Mike, Shanghai", "Sam, Beijing"


def fill(stub):
    stub.updateOrders(iter([
        order("101", "Oppo", "samung", address=MIKE, description="A with B", price=2400),
        order("102", "iPhone XS", "Mac Book Pro", address=SAM, description="C with D", price=2500),
        order("103", "Mac Book Pro", address=MIKE),
        order("104", "iPhone 13", address=SAM),
        order("105", "nothing to ship"),
    ]), timeout=TIMEOUT)


@check
def add_then_get():
    with running() as (_, _, stub):
        sent = order("101", "iPhone XS", "Mac Book Pro", destination="San Jose, CA", price=2300)
        equal(stub.addOrder(sent, timeout=TIMEOUT).value, "Order Added: 101")
        equal(stub.getOrder(text("101"), timeout=TIMEOUT), sent)
        replaced = order("101", "Vivo")
        stub.addOrder(replaced, timeout=TIMEOUT)
        equal(stub.getOrder(text("101"), timeout=TIMEOUT), replaced)


@check
def add_without_id():
    with running() as (_, _, stub):
        equal(failure(lambda: stub.addOrder(order("", "x"), timeout=TIMEOUT))[0], grpc.StatusCode.INVALID_ARGUMENT)


@check
def get_unknown():
    with running() as (_, _, stub):
        for id in ("999", "", "é"):
            equal(failure(lambda: stub.getOrder(text(id), timeout=TIMEOUT)),
                  (grpc.StatusCode.NOT_FOUND, f"Order does not exist. : {id}"))


@check
def a_huge_id_is_told_in_part():
    with running() as (_, _, stub):
        code, details = failure(lambda: stub.getOrder(text("é" * 1_000_000), timeout=TIMEOUT))
        equal((code, details), (grpc.StatusCode.NOT_FOUND, "Order does not exist. : " + "é" * 512 + "…"))


@check
def update_answers_and_sets_the_time():
    with running() as (_, _, stub):
        kept = timestamp_pb2.Timestamp(seconds=1_600_000_000, nanos=5)
        answer = stub.updateOrders(iter([order("101", "a"), order("102", "b", last_updated=kept)]), timeout=TIMEOUT)
        equal(answer.value, "Orders processed Updated Order IDs : 101, 102, ")
        equal(stub.getOrder(text("102"), timeout=TIMEOUT).last_updated, kept)
        assert abs(stub.getOrder(text("101"), timeout=TIMEOUT).last_updated.seconds - time.time()) < 60
        equal(stub.updateOrders(iter([]), timeout=TIMEOUT).value, "Orders processed Updated Order IDs : ")


@check
def update_stores_each_order_as_it_arrives():
    with running() as (_, _, stub):
        more = threading.Event()

        def uploads():
            yield order("1", "a")
            more.wait(TIMEOUT)

        call = stub.updateOrders.future(uploads(), timeout=TIMEOUT)
        deadline = time.time() + TIMEOUT
        while True:
            try:
                stub.getOrder(text("1"), timeout=TIMEOUT)
                break
            except grpc.RpcError:
                assert time.time() < deadline, "not stored while the upload runs"
        more.set()
        equal(call.result().value, "Orders processed Updated Order IDs : 1, ")


@check
def update_keeps_what_came_before_a_fault():
    with running() as (_, _, stub):
        equal(failure(lambda: stub.updateOrders(iter([order("1", "a"), order("")]), timeout=TIMEOUT))[0],
              grpc.StatusCode.INVALID_ARGUMENT)
        equal(stub.getOrder(text("1"), timeout=TIMEOUT).id, "1")


@check
def search():
    with running() as (_, _, stub):
        fill(stub)

        def ids(query):
            return [found.id for found in stub.searchOrders(text(query), timeout=TIMEOUT)]

        equal(ids("iPhone"), ["102", "104"])
        equal(ids("iphone"), [])
        equal(ids("Mac Book"), ["102", "103"])
        equal(ids("XSMac"), [])
        equal(ids("Op"), ["101"])
        equal(ids(""), ["101", "102", "103", "104", "105"])
        equal(ids('" OR "'), [])


@check
def process():
    with running() as (_, _, stub):
        fill(stub)

        def shipments(*ids):
            answers = stub.processOrders((text(id) for id in ids), timeout=TIMEOUT)
            return [(s.id, s.status, [o.id for o in s.orderList]) for s in answers]

        mike, sam = f"cmb - {MIKE}", f"cmb - {SAM}"
        equal(shipments("101", "102"), [(mike, "Processed!", ["101"]), (sam, "Processed!", ["102"])])
        equal(shipments("104", "101", "102", "103", "101", "102", "103"), [
            (sam, "Processed!", ["104", "102"]), (mike, "Processed!", ["101"]),
            (mike, "Processed!", ["103", "101"]), (sam, "Processed!", ["102"]),
            (mike, "Processed!", ["103"])])
        equal(shipments(), [])


@check
def process_ships_before_the_upload_ends():
    with running() as (_, _, stub):
        fill(stub)
        shipped = threading.Event()

        def uploads():
            yield from map(text, ("101", "102", "103"))
            assert shipped.wait(TIMEOUT)

        answers = stub.processOrders(uploads(), timeout=TIMEOUT)
        equal([o.id for o in next(answers).orderList], ["101", "103"])
        equal([o.id for o in next(answers).orderList], ["102"])
        shipped.set()
        equal(list(answers), [])


@check
def process_ships_before_it_fails():
    with running() as (_, _, stub):
        fill(stub)
        for bad, code, message in (
                ("999", grpc.StatusCode.NOT_FOUND, "Order does not exist. : 999"),
                ("105", grpc.StatusCode.FAILED_PRECONDITION, "Order has no address. : 105")):
            answers = stub.processOrders(iter([text("101"), text(bad), text("102")]), timeout=TIMEOUT)
            equal([o.id for o in next(answers).orderList], ["101"])
            equal(failure(lambda: answers), (code, message))


@check
def unknown_method():
    with running() as (_, channel, _):
        call = channel.unary_unary("/order.OrderManagement/dropOrders")
        equal(failure(lambda: call(b"", timeout=TIMEOUT))[0], grpc.StatusCode.UNIMPLEMENTED)


@check
def gzip_and_deflate():
    with running() as (_, channel, stub):
        big = order("1", *["iPhone " * 100] * 100)
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            stub.addOrder(big, timeout=TIMEOUT, compression=compression)
            equal(stub.getOrder(text("1"), timeout=TIMEOUT, compression=compression), big)


def frame(type, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([type, flags]) + struct.pack(">I", stream) + payload


@check
def an_answer_is_compressed_when_its_request_was():
    def call(server, headers, message):
        """The compressed flag and the message of the answer to one call, below any gRPC library."""
        block = b"".join(
            b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value for name, value in headers)
        with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, block)
                               + frame(0, 1, 1, message))
            stream, answer = connection.makefile("rb"), b""
            while True:
                head = stream.read(9)
                payload = stream.read(int.from_bytes(head[:3], "big"))
                answer += payload if head[3] == 0 else b""
                if head[3] in (1, 3) and head[4] & 1:
                    return answer[0], answer[5:]

    with running() as (server, _, stub):
        stub.addOrder(order("101", "iPhone " * 10), timeout=TIMEOUT)
        request = text("101").SerializeToString()
        headers = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/order.OrderManagement/getOrder"),
                   (b":authority", b"x"), (b"te", b"trailers"), (b"content-type", b"application/grpc"),
                   (b"grpc-accept-encoding", b"identity,deflate, gzip")]
        flag, plain = call(server, headers, b"\0" + struct.pack(">I", len(request)) + request)
        equal((flag, order_pb2.Order.FromString(plain).id), (0, "101"))
        zipped = gzip.compress(request)
        headers.append((b"grpc-encoding", b"gzip"))
        flag, packed = call(server, headers, b"\1" + struct.pack(">I", len(zipped)) + zipped)
        equal((flag, gzip.decompress(packed)), (1, plain))


@check
def health():
    with running() as (server, channel, _):
        stub = health_pb2_grpc.HealthStub(channel)
        serving = health_pb2.HealthCheckResponse.SERVING
        for service in ("", "order.OrderManagement", "grpc.health.v1.Health"):
            equal(stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT).status, serving)
        equal(failure(lambda: stub.Check(health_pb2.HealthCheckRequest(service="x"), timeout=TIMEOUT))[0],
              grpc.StatusCode.NOT_FOUND)
        listed = stub.List(health_pb2.HealthListRequest(), timeout=TIMEOUT).statuses
        equal(listed["order.OrderManagement"].status, serving)
        unknown = stub.Watch(health_pb2.HealthCheckRequest(service="x"), timeout=TIMEOUT)
        equal(next(unknown).status, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        unknown.cancel()
        watched = stub.Watch(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
        equal(next(watched).status, serving)
        server.process.send_signal(signal.SIGTERM)
        equal(next(watched).status, health_pb2.HealthCheckResponse.NOT_SERVING)
        equal(failure(lambda: watched)[0], grpc.StatusCode.UNAVAILABLE)
        equal(server.process.wait(timeout=TIMEOUT), 0)


def reflection(messages, stub_type):
    with running() as (_, channel, _):
        stub = stub_type(channel)

        def ask(**question):
            request = messages.ServerReflectionRequest(**question)
            answer, = stub.ServerReflectionInfo(iter([request]), timeout=TIMEOUT)
            equal(answer.original_request, request)
            return answer

        names = [s.name for s in ask(list_services="").list_services_response.service]
        equal(names, ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                      "grpc.reflection.v1alpha.ServerReflection", "order.OrderManagement"])
        for name in names + ["order.Order.Address", "order.OrderManagement.addOrder", "order.Order.HOME"]:
            files = ask(file_containing_symbol=name).file_descriptor_response.file_descriptor_proto
            parsed = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
            pool = descriptor_pool.DescriptorPool()
            for file in reversed(parsed):
                pool.Add(file)
            if name in names:
                assert pool.FindServiceByName(name).methods
            if name.startswith("order."):
                equal([file.name for file in parsed],
                      ["order.proto", "google/protobuf/wrappers.proto", "google/protobuf/timestamp.proto"])
        equal(len(ask(file_by_filename="order.proto").file_descriptor_response.file_descriptor_proto), 3)
        numbers = ask(all_extension_numbers_of_type="order.Order").all_extension_numbers_response
        equal((numbers.base_type_name, list(numbers.extension_number)), ("order.Order", []))
        extension = messages.ExtensionRequest(containing_type="order.Order", extension_number=1000)
        for question in (dict(file_by_filename="x.proto"), dict(file_containing_symbol="x"),
                         dict(all_extension_numbers_of_type="x"), dict(file_containing_extension=extension)):
            equal(ask(**question).error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])
        equal(ask(host="h").error_response.error_code, grpc.StatusCode.INVALID_ARGUMENT.value[0])


@check
def reflection_v1():
    reflection(v1_pb2, v1_grpc.ServerReflectionStub)


@check
def reflection_v1alpha():
    reflection(v1alpha_pb2, v1alpha_grpc.ServerReflectionStub)


def watch(channel):
    states = []
    channel.subscribe(states.append)
    return states


def stayed_connected(states):
    assert set(states) <= {grpc.ChannelConnectivity.READY}, states


@check
def twenty_thousand_calls_on_one_connection():
    with running() as (_, channel, stub):
        stub.addOrder(order("101", "a"), timeout=TIMEOUT)
        request = text("101")

        def calls(count):
            for futures in itertools.repeat(None, count // 50):
                for call in [stub.getOrder.future(request, timeout=TIMEOUT) for _ in range(50)]:
                    equal(call.result().id, "101")

        states = watch(channel)
        calls(20_000)
        stayed_connected(states)


@check
def thousands_of_pings_as_grpc_go_sends_them():
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
    with running() as (server, _, _), socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as connection:
        stream = connection.makefile("rb")
        connection.sendall(preface)
        answered = 0
        for batch in range(80):
            pings = [frame(6, 0, 0, struct.pack(">Q", batch * 100 + i)) for i in range(100)]
            connection.sendall(b"".join(pings))
            while answered < (batch + 1) * 100:
                header = stream.read(9)
                assert len(header) == 9, f"closed after {answered} PINGs"
                payload = stream.read(int.from_bytes(header[:3], "big"))
                assert header[3] != 7, f"GOAWAY after {answered} PINGs"
                if header[3] == 6 and header[4] & 1:
                    equal(struct.unpack(">Q", payload)[0], answered)
                    answered += 1


@check
def hundreds_of_cancelled_calls_leave_the_others_alone():
    with running() as (server, channel, stub):
        # More than the flow control of one stream lets through.
        stub.updateOrders((order(str(id), "x" * 1000) for id in range(100)), timeout=TIMEOUT)
        states = watch(channel)
        bystander = stub.searchOrders(text("x"), timeout=TIMEOUT)
        next(bystander)
        health = health_pb2_grpc.HealthStub(channel)
        for _ in range(400):
            call = health.Watch(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
            next(call)
            call.cancel()
        equal(len(list(bystander)), 99)
        stayed_connected(states)
        equal(server.stop(), 0)


@check
def nothing_acknowledged_is_lost_on_kill_9():
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "made", "orders.db")
        acknowledged = set()
        for round in range(3):
            with running(database) as (server, _, stub):
                for id in random.sample(sorted(acknowledged), min(50, len(acknowledged))):
                    equal(stub.getOrder(text(id), timeout=TIMEOUT).id, id)
                enough = threading.Event()

                def add(worker):
                    for number in itertools.count():
                        id = f"{round}-{worker}-{number}"
                        try:
                            stub.addOrder(order(id, f"item {id}"), timeout=TIMEOUT)
                        except grpc.RpcError:
                            return
                        acknowledged.add(id)
                        if number == 100:
                            enough.set()

                def update(worker):
                    for number in itertools.count():
                        ids = [f"u{round}-{worker}-{number}-{i}" for i in range(100)]
                        try:
                            stub.updateOrders((order(id, f"item {id}") for id in ids), timeout=TIMEOUT)
                        except grpc.RpcError:
                            return
                        acknowledged.update(ids)

                with concurrent.futures.ThreadPoolExecutor() as pool:
                    for worker in range(4):
                        pool.submit(add, worker)
                    pool.submit(update, 0)
                    assert enough.wait(TIMEOUT)
                    server.stop(signal.SIGKILL)
        with running(database) as (server, _, stub):
            stored = {found.id for found in stub.searchOrders(text("item"), timeout=TIMEOUT)}
            lost = acknowledged - stored
            assert not lost, f"{len(lost)} of {len(acknowledged)} lost: {sorted(lost)[:5]}"
            equal(server.stop(), 0)
            log = database + "-wal"
            assert not os.path.exists(log) or os.path.getsize(log) == 0, "the log was not taken into the database"


@check
def graceful_stop_lets_calls_finish():
    with running() as (server, _, stub):
        fill(stub)
        stopping = threading.Event()

        def uploads():
            yield text("101")
            stopping.wait(TIMEOUT)
            yield text("102")

        answers = stub.processOrders(uploads(), timeout=TIMEOUT)
        stub.getOrder(text("101"), timeout=TIMEOUT)
        server.process.send_signal(signal.SIGINT)
        stopping.set()
        equal([s.orderList[0].id for s in answers], ["101", "102"])
        equal(server.process.wait(timeout=TIMEOUT), 0)


def refused(*arguments):
    run = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=TIMEOUT)
    return run.returncode, run.stderr


@check
def errors_are_one_line():
    with running() as (server, _, _), tempfile.TemporaryDirectory() as folder:
        equal(refused("--listen", server.target, "--database", ":memory:"),
              (1, f"error: cannot listen on {server.target}: address already in use\n"))
        broken = os.path.join(folder, "broken.db")
        with open(broken, "w") as file:
            file.write("this is no database at all")
        equal(refused("--listen", "127.0.0.1:0", "--database", broken),
              (1, f"error: cannot open database {broken}: file is not a database\n"))
        equal(refused("--listen", "nowhere")[0], 64)
        equal(refused("--nonsense")[0], 64)


def main():
    failed = 0
    for function in checks:
        begun = time.time()
        try:
            function()
            outcome = "ok"
        except Exception as error:  # each check is judged on its own
            outcome = f"FAILED: {type(error).__name__}: {error}"
            failed += 1
        print(f"{function.__name__} ({time.time() - begun:.1f} s): {outcome}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
