#!/usr/bin/env python3
"""A gRPC server whose every answer takes a while: slow_backend.py PORT SECONDS. Needs grpcio."""
import asyncio
import sys

import grpc

ORDER = b"\x0a\x03101"  # order.Order with id "101"


class Slow(grpc.GenericRpcHandler):
    def __init__(self, seconds):
        self.seconds = seconds

    def service(self, details):
        async def answer(request, context):
            await asyncio.sleep(self.seconds)
            return ORDER

        return grpc.unary_unary_rpc_method_handler(answer)


async def main(port, seconds):
    server = grpc.aio.server(options=[("grpc.max_concurrent_streams", 1 << 20)])
    server.add_generic_rpc_handlers([Slow(seconds)])
    server.add_insecure_port("127.0.0.1:%d" % port)
    await server.start()
    await server.wait_for_termination()


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
