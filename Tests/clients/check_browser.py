"""What a page in headless Chromium sees of WebSocket, EventSource and fetch: check_browser.py GATEWAY CHROMIUM"""
import http.server
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading

from gateway import serving

here = os.path.dirname(os.path.abspath(__file__))
binary, chromium = sys.argv[1:3]
results = queue.Queue()


class Pages(http.server.BaseHTTPRequestHandler):
    page = b""

    def do_GET(self):
        body = self.page if self.path == "/" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def check(seen):
    assert "failure" not in seen, seen
    whole, broken = seen["socketWhole"], seen["socketBroken"]
    equal((whole["count"], whole["code"], whole["clean"]), (3, 1000, True))
    equal((broken["count"], broken["code"], broken["clean"]), (4, 4010, True))
    equal(broken["last"]["error"]["status"], "ABORTED")
    equal((seen["socketDuplex"]["count"], seen["socketDuplex"]["code"]), (2, 1000))
    equal((seen["socketBearer"]["protocol"], seen["socketBearer"]["code"]), ("bearer", 1000))
    equal((seen["socketElsewhere"]["count"], seen["socketElsewhere"]["code"]), (0, 1006))
    equal(seen["eventsWhole"], {"count": 3, "kind": "end", "data": "{}"})
    equal((seen["eventsBroken"]["count"], seen["eventsBroken"]["kind"]), (3, "error"))
    equal(json.loads(seen["eventsBroken"]["data"])["error"]["status"], "ABORTED")
    equal((seen["linesWhole"]["rejected"], len(seen["linesWhole"]["text"].splitlines())), (False, 3))
    equal((seen["linesBroken"]["rejected"], seen["linesBroken"]["name"]), (True, "TypeError"))
    equal(seen["arrayBroken"]["rejected"], True)
    assert not seen["arrayBroken"]["text"].endswith("]"), seen["arrayBroken"]


def main():
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{pages.server_port}"
    with serving(binary, "--websocket-origin", site) as port, serving(binary) as strict, \
            tempfile.TemporaryDirectory() as profile:
        with open(os.path.join(here, "browser.html"), "rb") as page:
            Pages.page = page.read().replace(b"GATEWAY", b"127.0.0.1:%d" % port).replace(
                b"STRICT", b"127.0.0.1:%d" % strict)
        # Without web security: who may fetch across origins is not what is tried here. Origin is sent all the same.
        process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--disable-web-security", f"--user-data-dir={profile}", site + "/"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            check(results.get(timeout=60))
        finally:
            process.terminate()
            process.wait(20)
    pages.shutdown()


main()
