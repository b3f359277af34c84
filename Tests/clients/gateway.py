"""Starts a gateway in front of `upstream.py`, for the length of a `with` block."""
import contextlib
import os
import re
import subprocess

import upstream

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@contextlib.contextmanager
def serving(binary, *options):
    server, upstream_port = upstream.start()
    process = subprocess.Popen(
        [os.path.abspath(binary), "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream_port}",
         "--descriptors", os.path.join(root, "proto", "order.binpb"),
         "--rules", os.path.join(root, "proto", "order.http.yaml"), *options], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, f"no address in the first line: {line!r}"
        yield int(found.group(1))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        server.stop(None)
