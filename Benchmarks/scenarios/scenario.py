"""What the scenarios share: our processes, memory over time, and how they say what they saw."""
import contextlib
import http.client
import os
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "peers"))

from common import BUILD, free_port, launch, memory_kb, request, stop, wait_for_port  # noqa: E402, F401

GATEWAY = os.environ.get("GATEWAY") or os.path.join(TOP, ".build", "release", "gateway")
KEPT_LOG = os.environ.get("SCENARIO_LOG")


class Failure(Exception):
    """The scenario saw what it must not see."""


def log_file():
    return KEPT_LOG or os.path.join(tempfile.gettempdir(), "gateway-scenario-%d.log" % os.getuid())


@contextlib.contextmanager
def process(args, port=None):
    """Runs a program until the block is left; with a port, waits until it listens there."""
    p = launch(args, log=log_file())
    try:
        if port:
            wait_for_port(port, p)
        yield p
    finally:
        stop(p)


def serve(port, upstream_port, threads=1, extra=()):
    """The gateway alone, in front of whatever listens on the other port."""
    return process([GATEWAY, "serve", "--listen", "127.0.0.1:%d" % port, "--upstream", "127.0.0.1:%d" % upstream_port,
                    "--descriptors", os.path.join(TOP, "proto", "order.binpb"),
                    "--rules", os.path.join(TOP, "proto", "order.http.yaml"), "--threads", str(threads), *extra], port)


@contextlib.contextmanager
def up(folder):
    """Gateway and order server in one process, its orders in that folder: (port, process)."""
    port, order_port = free_port(), free_port()
    args = [GATEWAY, "up", "--listen", "127.0.0.1:%d" % port, "--order-server", "127.0.0.1:%d" % order_port,
            "--database", os.path.join(folder, "orders.db")]
    with process(args, port) as p:
        yield port, p


def fast_backend(port, orders):
    """The kit's order service in C (Benchmarks/peers/setup builds it)."""
    return process([os.path.join(BUILD, "bin", "orders-c"), "-p", str(port), "-n", str(orders)], port)


class Memory(threading.Thread):
    """Samples the resident memory of a process until the block is left."""

    def __init__(self, pid, seconds=0.05):
        super().__init__(daemon=True)
        self.pid, self.seconds = pid, seconds
        self.samples = []
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(self.seconds):
            self.samples.append(memory_kb(self.pid, "VmRSS"))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()

    def megabytes(self):
        """(first, median, most); the kernel's own high-water mark counts for the most."""
        s = self.samples or [memory_kb(self.pid, "VmRSS")]
        most = max(max(s), memory_kb(self.pid, "VmHWM"))
        return s[0] / 1024, sorted(s)[len(s) // 2] / 1024, most / 1024


def eventually(seconds, what, attempt, pause=0.05):
    """Tries until the attempt gives something true; the seconds that took."""
    began = time.monotonic()
    while True:
        if attempt():
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise Failure("%s did not happen within %g s" % (what, seconds))
        time.sleep(pause)


def main(title, body):
    """Runs one scenario; its exit code is 0 only when it saw what it should."""
    if not os.access(GATEWAY, os.X_OK):
        sys.exit("%s is not there: run make build, or set GATEWAY" % GATEWAY)
    print("== %s" % title, flush=True)
    try:
        body()
    except (Failure, RuntimeError, OSError, ValueError, LookupError, http.client.HTTPException) as e:
        print("FAILED: %r (the processes' output: %s)" % (e, log_file()), flush=True)
        sys.exit(1)
    print("ok", flush=True)
