"""A gRPC server whose streams do as the request says; it needs no generated code.

searchOrders      `whole`: three orders and OK; `broken`: three orders and ABORTED; `endless`: orders until cancelled
processOrders     one shipment for each id, at once; the id `break` ends the call with ABORTED
updateOrders      how many orders came
"""
from concurrent import futures
import itertools

import grpc

NAME = "order.OrderManagement"


def string_value(text):
    return b"\x0a" + bytes([len(text)]) + text.encode()


def value_of(message):
    """StringValue, or anything whose first field is a short string."""
    return message[2:2 + message[1]].decode() if message else ""


def search(request, context):
    for number in itertools.count():
        if value_of(request) != "endless" and number == 3:
            break
        yield string_value(str(number))
    if value_of(request) == "broken":
        context.abort(grpc.StatusCode.ABORTED, "as was asked for")


def process(requests, context):
    for request in requests:
        if value_of(request) == "break":
            context.abort(grpc.StatusCode.ABORTED, "as was asked for")
        yield string_value(value_of(request))


def update(requests, context):
    return string_value(f"{sum(1 for _ in requests)} orders")


def start():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(NAME, {
        "searchOrders": grpc.unary_stream_rpc_method_handler(search),
        "processOrders": grpc.stream_stream_rpc_method_handler(process),
        "updateOrders": grpc.stream_unary_rpc_method_handler(update),
    })])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
