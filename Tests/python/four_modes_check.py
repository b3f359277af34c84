"""Runs what docs/four-modes.md shows and compares: the clients' lines, the tap's headers, messages and summaries, and
every curl command with its answer. Times, ports, ids and how many bytes a read brought are left out.

check-wiretap calls it with the directory of the binaries."""

import contextlib
import os
import re
import subprocess
import signal
import sys

SECONDS = 20
binaries = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
descriptors = os.path.join(root, "proto", "order.binpb")
rules = os.path.join(root, "proto", "order.http.yaml")
MODES = ("unary", "client-stream", "server-stream", "bidi")


def blocks():
    """The fenced blocks of each section: {section: {language: [text]}}."""
    with open(os.path.join(root, "docs", "four-modes.md")) as f:
        text = f.read()
    found = {}
    for section in text.split("\n## ")[1:]:
        title, _, rest = section.partition("\n")
        kinds = found.setdefault(title.strip().lower().replace(" stream", "-stream").replace("bidi-stream", "bidi"), {})
        for language, body in re.findall(r"```(\w+)\n(.*?)```", rest, re.S):
            kinds.setdefault(language, []).append(body)
    return found


def steady(line, ports):
    """The line without what differs from run to run."""
    for port, documented in ports.items():
        line = re.sub(rf":{port}\b", f":{documented}", line)
    for pattern, instead in (
            (r"\d+\.\d ms", "N ms"), (r'(last_updated: |"lastUpdated":)"[^"]*"', r"\1T"),
            (r"last_updated:\{[^}]*\}", "last_updated:T"), (r"(?i)(x-request-id: )[0-9a-v]{13}", r"\1ID"),
            (r"Date: .*", "Date: D"), (r"(?i)(user-agent: )curl/\S+", r"\1curl"),
            (r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", ""), (r"^\d\d:\d\d:\d\d\.\d{3} ", ""), (r"\d+ bytes", "N bytes")):
        line = re.sub(pattern, instead, line)
    return line.rstrip("\r")


def told(text, ports):
    """What each sender's frames say, in order, and the calls' summaries; not how many reads or frames it took."""
    said, sender = {}, None
    for line in text.splitlines():
        if not line or re.match(r"[0-9a-f]{8}  ", line) or line.startswith("grpc:("):
            continue
        if found := re.match(r"\d\d:\d\d:\d\d\.\d{3} from (.*)", line):
            sender = found.group(1)
        elif " -> " in line and " up " in line:
            said.setdefault("calls", []).append(steady(line, ports))
        elif re.match(r"\d\d:\d\d:\d\d\.\d{3} ", line) or line.startswith("1 connections"):
            sender = None
        elif sender:
            said.setdefault(sender, []).append(steady(line, ports))
    return said


def equal(what, actual, expected):
    if actual == expected:
        print(f"ok   {what}", flush=True)
        return 0
    print(f"FAIL {what}: docs/four-modes.md has\n{expected}\nand the programs print\n{actual}", flush=True)
    return 1


def binary(name):
    return os.path.join(binaries, name)


@contextlib.contextmanager
def started(*args):
    """A program, the port that its first lines name, and those lines."""
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = ""
        while not (found := re.search(r"127\.0\.0\.1:(\d+)", lines)):
            line = process.stdout.readline()
            assert line, f"no address: {lines!r}"
            lines += line
        yield process, int(found.group(1))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def ended(process, sign):
    process.send_signal(sign)
    output, errors = process.communicate(timeout=SECONDS)
    return output + errors


def order_server():
    return started(binary("order-server"), "--listen", "127.0.0.1:0", "--database", ":memory:")


def gateway(upstream, *options):
    return started(binary("gateway"), "serve", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{upstream}",
                   "--descriptors", descriptors, "--rules", rules, *options)


def modes_through_the_tap(found):
    failed = 0
    with order_server() as (_, server):
        for mode in MODES:
            client_lines, tap_text = found[mode]["text"][:2]
            with started(binary("wiretap"), "-p", "0", "-r", f"localhost:{server}", "-t", "grpc", "--descriptors",
                         descriptors) as (tap, port):
                done = subprocess.run([binary("order-client"), mode, "--address", f"localhost:{port}"],
                                      capture_output=True, text=True, timeout=SECONDS)
                shown = ended(tap, signal.SIGINT)
            ports = {port: 9008, server: 9009}
            failed += equal(f"{mode}: what order-client prints", [steady(line, ports) for line in done.stdout.splitlines()],
                            [steady(line, {}) for line in client_lines.splitlines()])
            failed += equal(f"{mode}: what wiretap shows", told(shown, ports), told(tap_text, {}))
            totals = re.search(r"\d+ connections, \d+ calls", tap_text).group(0)
            failed += equal(f"{mode}: totals", re.search(r"\d+ connections, \d+ calls", shown).group(0), totals)
    return failed


def commands(text):
    """(command, answer) of each `$` line; a command goes on in lines that are indented."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        lines = part.splitlines()
        count = next((i for i, line in enumerate(lines[1:], 1) if not line.startswith("    ")), len(lines))
        yield "\n".join(lines[:count]), lines[count:]


def modes_as_rest(found):
    failed = 0
    with order_server() as (_, server), gateway(server) as (_, port):
        for mode in MODES:
            for text in found[mode]["console"]:
                for command, answer in commands(text):
                    done = subprocess.run(["bash", "-c", command.replace("localhost:8080", f"127.0.0.1:{port}")],
                                          capture_output=True, text=True, timeout=SECONDS)
                    failed += equal(f"{mode}: as REST", [steady(line, {}) for line in done.stdout.splitlines()],
                                    [steady(line, {}) for line in answer])
    return failed


def one_call_with_the_gateways_own_tap(found):
    with order_server() as (_, server), gateway(server, "--tap") as (process, port):
        command, _ = next(commands(found["unary"]["console"][0]))
        command = command.replace("localhost:8080", f"localhost:{port}")
        subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=SECONDS)
        shown = ended(process, signal.SIGTERM)
    ports = {server: 9009, port: 8080}
    return equal("unary: its way through the gateway", told(shown, ports), told(found["unary"]["text"][2], {}))


def main():
    found = blocks()
    failed = modes_through_the_tap(found) + modes_as_rest(found) + one_call_with_the_gateways_own_tap(found)
    sys.exit(1 if failed else 0)


main()
