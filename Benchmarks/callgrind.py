"""The release gateway under valgrind's callgrind: which functions ran, and how many instructions each executed."""
import collections
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(HERE, "peers"))
from common import free_port, start_backend, stop, wait_for_port  # noqa: E402


def costs(path):
    """Instructions by function, what it called left out."""
    names, own, current, is_call = {}, collections.Counter(), None, False

    def name(token):
        number, text = re.match(r"\((\d+)\)(?: (.*))?", token).groups()
        if text:
            names[number] = text.split("'")[0]
        return names[number]

    with open(path) as lines:
        for line in lines:
            if line.startswith("fn="):
                current = name(line[3:].strip())
            elif line.startswith("cfn="):
                name(line[4:].strip())
            elif line.startswith("calls="):
                is_call = True
            elif line[:1] and line[0] in "0123456789+-*":
                parts = line.split()
                if is_call:
                    is_call = False
                elif len(parts) > 1:
                    own[current] += int(parts[1])
    return own


class CountedGateway:
    """A gateway in front of the kit's order service in C, as a context; `port` answers once it is entered."""

    def __init__(self, binary, counting_from_start):
        self.binary = binary
        self.counting_from_start = counting_from_start
        self.dumps = 0

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        stripped = os.path.join(self.folder.name, "gateway")
        # Valgrind does not get through a release binary's debug information.
        subprocess.run(["strip", "-g", "-o", stripped, self.binary], check=True)
        self.out = os.path.join(self.folder.name, "out")
        self.backend, backend_port = start_backend("c", 100)
        self.port = free_port()
        self.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + self.out,
             "--instr-atstart=" + ("yes" if self.counting_from_start else "no"), stripped, "serve",
             "--listen", "127.0.0.1:%d" % self.port, "--upstream", "127.0.0.1:%d" % backend_port,
             "--descriptors", os.path.join(TOP, "proto", "order.binpb"),
             "--rules", os.path.join(TOP, "proto", "order.http.yaml")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(self.port, self.process, 120)
        except BaseException:
            self.__exit__()
            raise
        # The connection upstream is opened after the listener.
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        stop(self.backend)
        self.folder.cleanup()

    def count(self, on):
        self._control("-i", "on" if on else "off")

    def counted(self):
        """What was executed since the last call, by function."""
        self._control("-d")
        self.dumps += 1
        return costs("%s.%d" % (self.out, self.dumps))

    def _control(self, *arguments):
        subprocess.run(["callgrind_control", *arguments, str(self.process.pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
