"""A gRPC server whose streams do as the request says; it needs no generated code.

getOrder          the order of that id; `hang`: nothing, until cancelled; `metadata`: what the call came with, as JSON in
                  the description, metadata of its own, and the answer compressed
addOrder          how many bytes the order has
searchOrders      `whole`: three orders and OK; `broken`: three orders and ABORTED; `endless`: orders until cancelled;
                  `silent`: initial metadata and nothing; `refused`: ABORTED at once
processOrders     one shipment for each id, at once; the id `break` ends the call with ABORTED
updateOrders      how many orders came; the id `break` ends the call with ABORTED

`ends` is told of each call that is over: (method, seconds of the monotonic clock). `arrivals` of each order of an
upload as it comes, and of each `hang`.
"""
from concurrent import futures
import itertools
import json
import queue
import threading
import time

import grpc

NAME = "order.OrderManagement"
ends = queue.Queue()
arrivals = queue.Queue()


def text_field(number, text):
    data, length = text.encode(), b""
    count = len(data)
    while count > 0x7f:
        length += bytes([count & 0x7f | 0x80])
        count >>= 7
    return bytes([number << 3 | 2]) + length + bytes([count]) + data


def string_value(text):
    return text_field(1, text)


def value_of(message):
    """StringValue, or anything whose first field is a short string."""
    return message[2:2 + message[1]].decode() if message else ""


def watched(context, method):
    """An event that is set when the call is over."""
    over = threading.Event()

    def ended():
        ends.put((method, time.monotonic()))
        over.set()

    if not context.add_callback(ended):
        ended()
    return over


def get(request, context):
    over = watched(context, "get")
    if value_of(request) == "hang":
        arrivals.put("hang")
        over.wait(30)
    if value_of(request) != "metadata":
        return string_value(value_of(request))
    context.set_compression(grpc.Compression.Gzip)
    context.send_initial_metadata((("x-initial", "1"), ("a-bin", b"\0\1\2\xff")))
    context.set_trailing_metadata((("x-trailing", "2"), ("b-bin", b"\xff")))
    pairs = [(key, value.hex() if isinstance(value, bytes) else value)
             for key, value in context.invocation_metadata()]
    return string_value("metadata") + text_field(
        3, json.dumps({"metadata": pairs, "remaining": context.time_remaining()}))


def add(request, context):
    return string_value(f"{len(request)} bytes, {context.time_remaining():.1f} s left")


def search(request, context):
    over = watched(context, "search")
    value = value_of(request)
    if value == "silent":
        context.send_initial_metadata((("x-initial", "1"),))
        over.wait(30)
        return
    if value == "refused":
        context.abort(grpc.StatusCode.ABORTED, "as was asked for")
    for number in itertools.count():
        if value != "endless" and number == 3 or over.is_set():
            break
        yield string_value(str(number))
    if value == "broken":
        context.abort(grpc.StatusCode.ABORTED, "as was asked for")


def process(requests, context):
    watched(context, "process")
    for request in requests:
        if value_of(request) == "break":
            context.abort(grpc.StatusCode.ABORTED, "as was asked for")
        yield string_value(value_of(request))


def update(requests, context):
    watched(context, "update")
    count = 0
    for request in requests:
        count += 1
        arrivals.put(value_of(request))
        if value_of(request) == "break":
            context.abort(grpc.StatusCode.ABORTED, "as was asked for")
    return string_value(f"{count} orders")


def start():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(NAME, {
        "getOrder": grpc.unary_unary_rpc_method_handler(get),
        "addOrder": grpc.unary_unary_rpc_method_handler(add),
        "searchOrders": grpc.unary_stream_rpc_method_handler(search),
        "processOrders": grpc.stream_stream_rpc_method_handler(process),
        "updateOrders": grpc.stream_unary_rpc_method_handler(update),
    })])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
