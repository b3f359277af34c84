"""Runs each client that is installed against one gateway; see `run`."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from gateway import serving

here = os.path.dirname(os.path.abspath(__file__))
SECONDS = 120


def curl(*arguments, data=None):
    done = subprocess.run(
        ["curl", "-sS", "-N", "-m", "20", *arguments], capture_output=True, text=True, input=data, timeout=SECONDS)
    return done.returncode, done.stdout


def check_curl(base):
    search = base + "/v1/orders:search?value="
    for form in ("application/x-ndjson", "application/json", "application/json-seq"):
        code, text = curl("-H", f"Accept: {form}", search + "broken")
        assert code == 18 and text, f"{form}: exit {code}, {text!r}"
        code, text = curl("-H", f"Accept: {form}", search + "whole")
        assert code == 0 and text, f"{form}: exit {code}, {text!r}"
    code, text = curl("-H", "Accept: text/event-stream", search + "broken")
    assert code == 0 and "event: error" in text and "event: end" not in text, f"events: exit {code}, {text!r}"
    # With trailers a stream that failed is terminated, and its last line is the error.
    code, text = curl("-H", "TE: trailers", search + "broken")
    assert code == 0 and json.loads(text.splitlines()[-1])["error"]["status"] == "ABORTED", f"exit {code}, {text!r}"
    ndjson = ["-X", "POST", "-H", "Content-Type: application/x-ndjson", "-T", "-"]
    code, text = curl(*ndjson, base + "/v1/orders:process", data='"a"\n"b"\n')
    assert code == 0 and [json.loads(line)["id"] for line in text.splitlines()] == ["a", "b"], f"exit {code}, {text!r}"
    code, text = curl(*ndjson, base + "/v1/orders:process", data='"a"\n"break"\n')
    assert code == 18, f"exit {code}, {text!r}"


def check_command(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, (done.stdout + done.stderr).strip()


def main():
    binary = sys.argv[1]
    failed = 0
    python, node, go = sys.executable, shutil.which("node"), shutil.which("go")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    path = lambda name: os.path.join(here, name)
    with serving(binary) as port, tempfile.TemporaryDirectory() as cache:
        # The caches of a home that may not be there.
        os.environ.setdefault("GOCACHE", os.path.join(cache, "go"))
        clients = [
            ("curl", True, lambda: check_curl(f"http://127.0.0.1:{port}")),
            ("Python http.client", True, lambda: check_command(python, path("client.py"), str(port))),
            ("Python websockets", True, lambda: check_command(python, path("websocket_client.py"), str(port))),
            ("the contract, with curl and sockets", True,
             lambda: check_command(python, path("contract.py"), binary)),
            ("Node http", node, lambda: check_command(node, path("client.js"), str(port))),
            ("Go net/http", go, lambda: check_command(go, "run", path("client.go"), str(port))),
            ("Chromium", chromium, lambda: check_command(python, path("check_browser.py"), binary, chromium)),
        ]
        for name, installed, check in clients:
            if not installed:
                print(f"--   {name} is not installed", flush=True)
                continue
            try:
                check()
                print(f"ok   {name}", flush=True)
            except Exception as error:  # every kind of failure is one line and the next client
                failed += 1
                print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)


main()
