#!/usr/bin/env python3
"""Drives a gateway against every misbehaviour of a gRPC server, a hundred times each.

  Tests/python/hostile_upstream_check.py PATH/TO/gateway PATH/TO/HostileUpstream [NAME ...]

Each call gets the answer of the catalogue (`HostileUpstream --list`), calls beside it go on where HTTP/2 allows it, the
process stays the same, and neither its open files nor its memory grow. Linux, since it looks into /proc.
Prints `N passed, N failed`; exits 0 only when nothing failed.
"""
import collections
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time

SECONDS = 20
VERBOSE = bool(os.environ.get("VERBOSE"))
# What a first pass has not warmed up yet: pools, arenas, tables of a metric.
MEGABYTES = 4
# Nothing but this ends the call: the shorter, the more of them in a minute.
TIMEOUT = "20m"

Case = collections.namedtuple("Case", "name call timeout status code reason others repeats place")


def free_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_megabytes(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Scene:
    """A hostile server and a gateway before it."""

    def __init__(self, gateway, hostile, root, name, *options):
        self.server = subprocess.Popen(
            [hostile, "0"] + ([name] if name else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        upstream = int(self.server.stdout.readline())
        self.gateway = subprocess.Popen(
            [gateway, "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}",
             "--descriptors", os.path.join(root, "proto/order.binpb"),
             "--rules", os.path.join(root, "proto/order.http.yaml"), "--log-level", "error", *options],
            stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)", self.gateway.stdout.readline()).group(1))
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def close(self):
        self.connection.close()
        for process in (self.gateway, self.server):
            process.kill()
            process.wait()
            process.stdout.close()
        self.server.stdin.close()

    def tell(self, word):
        self.server.stdin.write(word + "\n")
        self.server.stdin.flush()
        assert self.server.stdout.readline() == "done\n"

    def get(self, headers):
        """Status, gRPC's name of the error, the gateway's reason."""
        self.connection.request("GET", "/v1/orders/101", headers=headers)
        answer = self.connection.getresponse()
        return self.outcome(answer.status, answer.read())

    def upload(self, headers):
        """The same for an upload whose body never ends."""
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as s:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            s.sendall(("POST /v1/orders:update HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
                       f"Transfer-Encoding: chunked\r\n{lines}\r\nb\r\n" + '{"id":"1"}\n\r\n').encode())
            answer = http.client.HTTPResponse(s)
            answer.begin()
            return self.outcome(answer.status, answer.read())

    @staticmethod
    def outcome(status, body):
        if status == 200:
            return 200, "", ""
        error = json.loads(body)["error"]
        reasons = [detail["reason"] for detail in error["details"] if "reason" in detail]
        return status, error["status"], (reasons + [""])[0]

    def victim(self, case):
        headers = {"Grpc-Metadata-Role": "victim", "Grpc-Metadata-Misbehaviour": case.name}
        if case.timeout:
            headers["Grpc-Timeout"] = TIMEOUT
        return self.upload(headers) if case.call == "upload" else self.get(headers)

    def sound(self, headers={}):
        """A call that has to be served, as soon as the pool's back-off allows it."""
        end = time.monotonic() + SECONDS
        while True:
            status, _, _ = outcome = self.get(headers)
            if status == 200:
                return
            assert status == 503 and time.monotonic() < end, f"a sound call was answered {outcome}"
            time.sleep(0.02)

    @contextlib.contextmanager
    def bystander(self, case):
        """A stream that is open meanwhile; at the end of the block it has ended as it must."""
        other = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        other.request("GET", "/v1/orders:search?value=a", headers={"Grpc-Metadata-Role": "bystander"})
        answer = other.getresponse()
        first = answer.readline()
        assert json.loads(first)["id"] == "a", first
        yield
        try:
            if case.others == "go":
                self.sound({"Grpc-Metadata-Role": "release"})
            rest = answer.read()
            assert case.others == "go" and json.loads(rest)["id"] == "a", f"the other call: {rest!r}"
        except http.client.IncompleteRead as broken:
            assert case.others == "end" and b'"error"' in broken.partial, f"the other call: {broken.partial!r}"
        finally:
            other.close()

    def play(self, case, repeats):
        expected = (int(case.status), case.code, case.reason)
        for number in range(repeats):
            if case.others == "none":
                assert (outcome := self.victim(case)) == expected, f"answered {outcome}"
                continue
            # What makes a connection one that was of use: the next is made without a pause.
            if number == 0 or case.others == "end" or case.name.startswith("goaway"):
                self.sound()
            if number == 0:
                with self.bystander(case):
                    assert (outcome := self.victim(case)) == expected, f"answered {outcome}"
            else:
                assert (outcome := self.victim(case)) == expected, f"answered {outcome}"
        if case.others == "none":
            self.tell("heal")
        self.sound()
        assert self.gateway.poll() is None, "the gateway is gone"

    def files_settle(self, before):
        """At most one more than before: the connection upstream may be between two lives."""
        end = time.monotonic() + SECONDS
        while free_files(self.gateway.pid) > before + 1:
            assert time.monotonic() < end, f"{free_files(self.gateway.pid)} open files, there were {before}"
            time.sleep(0.05)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    gateway, hostile = map(os.path.abspath, sys.argv[1:3])
    names = sys.argv[3:]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    listed = subprocess.run([hostile, "--list"], check=True, capture_output=True, text=True).stdout
    cases = [Case(*line.split("\t")) for line in listed.splitlines()]
    assert len(cases) > 100, "the catalogue is not whole"
    cases = [case for case in cases if not names or case.name in names]
    failed = []

    def attempt(name, body):
        begun = time.monotonic()
        try:
            body()
        except (AssertionError, OSError, http.client.HTTPException, ValueError, LookupError) as error:
            failed.append(name)
            print(f"FAIL {name}: {error}", flush=True)
        if VERBOSE:
            print(f"{time.monotonic() - begun:6.2f} s {name}", flush=True)

    scene = Scene(gateway, hostile, root, None)
    try:
        by_call = [case for case in cases if case.place == "call"]
        for case in by_call:
            attempt(case.name, lambda: scene.play(case, 1))
        files, memory = free_files(scene.gateway.pid), resident_megabytes(scene.gateway.pid)
        for case in by_call:
            if case.name not in failed:
                attempt(case.name, lambda: scene.play(case, int(case.repeats)))

        def flat():
            scene.files_settle(files)
            grown = resident_megabytes(scene.gateway.pid) - memory
            print(f"memory: {memory:.1f} MB after 1 of each, {grown:+.1f} MB after up to 100 more; {files} open files")
            assert grown < MEGABYTES, f"memory has grown by {grown:.1f} MB"

        attempt("open files and memory", flat)
    finally:
        scene.close()

    for case in cases:
        if case.place != "connection":
            continue

        def play():
            scene = Scene(gateway, hostile, root, case.name, "--connect-timeout", "300ms", "--upstream-wait", "20ms")
            try:
                scene.victim(case)
                files = free_files(scene.gateway.pid)
                scene.play(case, int(case.repeats))
                # One connection upstream beside what was there before it was well.
                scene.files_settle(files + 1)
            finally:
                scene.close()

        attempt(case.name, play)
    print(f"hostile upstream: {len(cases) + 1 - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
