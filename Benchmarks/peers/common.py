"""What measure and probe share: bodies, processes, and reading /proc."""
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Where ./setup puts things; the folder is ignored by git, as all .build-* are.
BUILD = os.environ.get("PEERS_BUILD") or os.path.join(os.path.dirname(os.path.dirname(HERE)), ".build-peers")
TICK = 1.0 / os.sysconf("SC_CLK_TCK")

PATHS = {
    "add": "/v1/orders",
    "get": "/v1/orders/{id}",
    "search": "/v1/orders:search?value={query}",
    "update": "/v1/orders:update",
    "process": "/v1/orders:process",
}


def allow_many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    want = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, want), hard))


# ---------------------------------------------------------------- JSON bodies

def order(i, items=2, addresses=2):
    return {
        "id": "p%d" % i,
        "items": ["Oppo %d" % (n + i) if n % 2 else "samung \u00e9 %d" % (n + i) for n in range(items)],
        "description": "A with B, number %d" % i,
        "price": 2400.5,
        "destination": "San Jose, CA",
        "addresses": [{"address": "%d Mike Street, Shanghai" % n, "type": "WORK" if n % 2 else "HOME"}
                      for n in range(addresses)],
        "lastUpdated": "2023-11-14T22:13:21.001Z",
    }


def encode(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def joined(values, form):
    if form == "array":
        return b"[" + b",".join(values) + b"]"
    if form == "ndjson":
        return b"".join(v + b"\n" for v in values)
    raise ValueError("client_stream is array or ndjson, not %r" % form)


SMALL = encode(order(1))
LARGE = encode(order(2, items=3000, addresses=1000))


def many(n, form):
    return joined([encode(order(i)) for i in range(n)], form)


# ------------------------------------------------------------------ processes

class Peer:
    """A folder with an executable `start PORT BACKEND_PORT`, which becomes the
    gateway, and optionally peer.json: name (default: the folder's),
    client_stream (array or ndjson: how a stream of messages is written in a
    request body) and paths (see PATHS)."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.name = os.path.basename(self.folder)
        self.start = os.path.join(self.folder, "start")
        if not os.access(self.start, os.X_OK):
            raise SystemExit("%s has no executable file named start" % folder)
        conf = {}
        path = os.path.join(self.folder, "peer.json")
        if os.path.exists(path):
            with open(path) as f:
                conf = json.load(f)
        self.name = conf.get("name", self.name)
        self.client_stream = conf.get("client_stream", "ndjson")
        self.paths = dict(PATHS, **conf.get("paths", {}))

    def path(self, name, **values):
        p = self.paths[name]
        for k, v in values.items():
            p = p.replace("{%s}" % k, v)
        return p


def peers(folders):
    if not folders:
        top = os.path.join(HERE, "gateways")
        folders = [os.path.join(top, d) for d in sorted(os.listdir(top))]
    return [Peer(f) for f in folders]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def launch(args, cpu=None, env=None, log=None):
    if cpu is not None:
        args = ["taskset", "-c", str(cpu)] + args
    out = open(log, "ab") if log else subprocess.DEVNULL
    try:
        return subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                env=dict(os.environ, **(env or {})), start_new_session=True)
    finally:
        if log:
            out.close()


def stop(process):
    if process is None:
        return
    for sig, wait in ((signal.SIGTERM, 3), (signal.SIGKILL, 10)):
        if process.poll() is None:
            try:
                os.killpg(process.pid, sig)   # its own session, started by launch
            except ProcessLookupError:
                pass
        try:
            process.wait(wait)
            return
        except subprocess.TimeoutExpired:
            pass


def wait_for_port(port, process, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        if process.poll() is not None:
            raise RuntimeError("%s ended with %d" % (process.args, process.returncode))
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError("%s does not listen" % (process.args,))


def start_backend(kind, orders, cpu=None):
    port = free_port()
    p = launch([os.path.join(BUILD, "bin", "orders-" + kind), "-p", str(port), "-n", str(orders)], cpu)
    wait_for_port(port, p)
    return p, port


def start_gateway(peer, backend_port, cpu=None, threads=1):
    """Returns the process, its port, and the milliseconds to its first answer."""
    port = free_port()
    os.makedirs(os.path.join(BUILD, "run"), exist_ok=True)
    began = time.time()
    p = launch([peer.start, str(port), str(backend_port)], cpu,
               {"THREADS": str(threads), "PEERS_BUILD": BUILD}, os.path.join(BUILD, "run", peer.name + ".log"))
    try:
        wait_for_port(port, p)
        end = time.time() + 20
        while True:
            try:
                if request(port, "GET", peer.path("get", id="101"))[0] == 200:
                    return p, port, (time.time() - began) * 1e3
            except (OSError, http.client.HTTPException):
                pass
            if time.time() > end:
                raise RuntimeError("%s does not answer" % peer.name)
            time.sleep(0.005)
    except BaseException:
        stop(p)
        raise


def request(port, method, path, body=None, headers=None, timeout=60):
    """(status, headers, body)"""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        h = dict(headers or {})
        if body is not None:
            h.setdefault("Content-Type", "application/json")
        c.request(method, path, body, h)
        r = c.getresponse()
        return r.status, r.headers, r.read()
    finally:
        c.close()


# ---------------------------------------------------------------------- /proc

def tree(pid):
    """The process and its descendants."""
    out = [pid]
    try:
        for t in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, t)) as f:
                for child in f.read().split():
                    out += tree(int(child))
    except OSError:
        pass
    return out


def cpu_seconds(pid):
    """User and system time of the process and its descendants, so far."""
    total = 0
    for p in tree(pid):
        try:
            with open("/proc/%d/stat" % p) as f:
                s = f.read().rpartition(")")[2].split()
            total += int(s[11]) + int(s[12])
        except OSError:
            pass
    return total * TICK


def memory_kb(pid, field):
    """VmRSS or VmHWM of the process and its descendants."""
    total = 0
    for p in tree(pid):
        try:
            with open("/proc/%d/status" % p) as f:
                for line in f:
                    if line.startswith(field + ":"):
                        total += int(line.split()[1])
        except OSError:
            pass
    return total


def busy_seconds(cpu):
    """How long a CPU has not been idle (steal included), so far."""
    with open("/proc/stat") as f:
        for line in f:
            w = line.split()
            if w[0] == "cpu%d" % cpu:
                v = [int(x) for x in w[1:9]]
                return (sum(v) - v[3] - v[4]) * TICK
    return 0.0
