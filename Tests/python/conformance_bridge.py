"""Speaks the pipe protocol of protobuf's conformance runner and asks a running gateway over HTTP; see run-conformance.

The service `echo.Echo` has three methods for each message of the tests: In takes it (JSON to protobuf), Out gives it
(protobuf to JSON), Both gives back what it took. The gRPC server behind knows nothing of messages, only bytes.
"""
import http.client
import json
import re
import struct
import subprocess
import sys
import tempfile
from concurrent import futures

import conformance_pb2 as conformance
import grpc
from google.protobuf import descriptor_pb2

gateway, root = sys.argv[1:3]
MESSAGES = {
    "protobuf_test_messages.proto2.TestAllTypesProto2": "Proto2",
    "protobuf_test_messages.proto3.TestAllTypesProto3": "Proto3",
}
# What the gateway says of bytes that are protobuf and that JSON cannot say; of others they are no protobuf.
UNSAYABLE = ("out of range", "no JSON form", "NaN or infinite", "not in the schema", "no valid type URL", "too long")


def descriptor_set():
    files = descriptor_pb2.FileDescriptorSet()
    with open(f"{root}/Tests/ConformanceDriver/test_messages.binpb", "rb") as f:
        files.ParseFromString(f.read())
    file = files.file.add(name="echo.proto", package="echo", syntax="proto3")
    file.dependency.extend(f"google/protobuf/test_messages_proto{n}.proto" for n in (2, 3))
    file.dependency.append("google/protobuf/empty.proto")
    service = file.service.add(name="Echo")
    for message, name in MESSAGES.items():
        for kind, source, result in (("In", message, "google.protobuf.Empty"),
                                     ("Out", "google.protobuf.Empty", message), ("Both", message, message)):
            service.method.add(name=name + kind, input_type="." + source, output_type="." + result)
    return files.SerializeToString()


class Echo(grpc.GenericRpcHandler):
    """Keeps what came last and answers with what is to come next."""
    received = b""
    outgoing = b""

    def service(self, details):
        kind = re.search("(In|Out|Both)$", details.method).group(1)

        def handle(request, context):
            self.received = request
            return {"In": b"", "Out": self.outgoing, "Both": request}[kind]
        return grpc.unary_unary_rpc_method_handler(handle)


echo = Echo()
server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((echo,))
upstream = server.add_insecure_port("127.0.0.1:0")
server.start()
folder = tempfile.TemporaryDirectory()
with open(f"{folder.name}/echo.binpb", "wb") as f:
    f.write(descriptor_set())
processes = []


def start(*options):
    """A gateway of its own: a connection to it."""
    process = subprocess.Popen(
        [gateway, "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}", "--omit-defaults",
         "--descriptors", f"{folder.name}/echo.binpb", *options], stdout=subprocess.PIPE, text=True)
    processes.append(process)
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline()).group(1))
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


strict, lenient = start(), start("--ignore-unknown-fields")


def post(connection, method, body):
    connection.request("POST", f"/echo.Echo/{method}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def answer(request):
    response = conformance.ConformanceResponse()
    if request.message_type == "conformance.FailureSet":
        response.protobuf_payload = b""
        return response
    name = MESSAGES.get(request.message_type)
    source = request.WhichOneof("payload")
    wanted = request.requested_output_format
    formats = (source, wanted)
    if name is None or formats not in (("json_payload", conformance.PROTOBUF), ("json_payload", conformance.JSON),
                                       ("protobuf_payload", conformance.JSON)):
        response.skipped = "only JSON to protobuf, protobuf to JSON and JSON to JSON are spoken"
        return response
    ignoring = request.test_category == conformance.JSON_IGNORE_UNKNOWN_PARSING_TEST
    connection = lenient if ignoring else strict
    if source == "protobuf_payload":
        echo.outgoing = request.protobuf_payload
        status, text = post(connection, name + "Out", "{}")
    else:
        kind = "In" if wanted == conformance.PROTOBUF else "Both"
        status, text = post(connection, name + kind, request.json_payload.encode())
    if status == 200 and wanted == conformance.JSON:
        response.json_payload = text
    elif status == 200:
        response.protobuf_payload = echo.received
    else:
        message = json.loads(text)["error"]["message"]
        if status == 400 or source == "protobuf_payload" and not any(words in message for words in UNSAYABLE):
            response.parse_error = message
        elif status == 500:
            response.serialize_error = message
        else:
            response.runtime_error = f"{status} {message}"
    return response


def read(count):
    data = sys.stdin.buffer.read(count)
    return data if len(data) == count else None


try:
    while (head := read(4)) is not None:
        request = conformance.ConformanceRequest.FromString(read(struct.unpack("<I", head)[0]))
        data = answer(request).SerializeToString()
        sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)
        sys.stdout.buffer.flush()
finally:
    for process in processes:
        process.kill()
        process.wait()
    server.stop(None)
