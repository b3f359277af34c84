"""Runs the image as compose.yaml has it, three gateways before one order server, and looks at it from outside.
docker/check calls it with the image's name; it needs podman, podman-compose and curl."""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("gateway", "order-server", "order-client", "wiretap")
PROJECT = "gatewaycheck%d" % os.getpid()
GATEWAYS = ["gateway-%d" % number for number in (1, 2, 3)]
image = sys.argv[1]
failures = []


def expect(holds, what, seen=""):
    print("%s %s" % ("ok  " if holds else "FAIL", what), flush=True)
    if not holds:
        print(seen)
        failures.append(what)


def podman(*args, check=True):
    done = subprocess.run(["podman", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if check and done.returncode:
        raise SystemExit("podman %s: %s" % (" ".join(args), done.stderr))
    return done


def eventually(what, attempt, seconds=60):
    ends = time.monotonic() + seconds
    while True:
        found = attempt()
        if found or time.monotonic() > ends:
            expect(bool(found), what)
            return found
        time.sleep(0.2)


def curl(host, path, *options, port=8080):
    done = subprocess.run(["curl", "-sS", "--max-time", "10", "-w", "\n%{http_code}", *options,
                           "http://%s:%d%s" % (host, port, path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body


def the_image_itself():
    config = json.loads(podman("image", "inspect", image).stdout)[0]
    settings = config["Config"]
    expect(settings["User"] == "10001", "image: a user by number", settings)
    expect(settings["StopSignal"] in ("SIGTERM", "15"), "image: ends by SIGTERM", settings)
    expect(set(settings["ExposedPorts"]) == {"8080/tcp", "9009/tcp"}, "image: its ports", settings)
    health = config.get("HealthCheck") or config.get("Healthcheck") or settings.get("Healthcheck") or {}
    expect(health.get("Test", [])[:3] == ["CMD", "gateway", "healthcheck"], "image: its health check", health)
    expect(config["Size"] < 600e6, "image: under 600 MB", config["Size"])
    for program in PROGRAMS:
        done = podman("run", "--rm", "--network", "none", image, program, "--version", check=False)
        expect(done.returncode == 0, "image: %s runs" % program, done.stderr)
    done = podman("run", "--rm", "--network", "none", image, "sh", "-c", "id -u; touch /x /usr/local/bin/x; touch /data/x && echo data")
    expect(done.stdout.split() == ["10001", "data"], "image: not root, writes to /data alone", done.stdout)


@contextlib.contextmanager
def composed():
    """What `docker compose up --scale gateway=3` starts; podman-compose does not know --scale, so there are three
    services of the same form. Nothing is published: the containers are reached by their addresses."""
    with open(os.path.join(HERE, "compose.yaml")) as f:
        compose = yaml.safe_load(f)
    gateway = compose["services"].pop("gateway")
    for key in ("ports", "build"):
        gateway.pop(key)
    for name in GATEWAYS:
        compose["services"][name] = gateway
    for service in compose["services"].values():
        service["image"] = image
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "compose.yaml")
        with open(path, "w") as f:
            yaml.safe_dump(compose, f)

        def run(*args):
            subprocess.run(["podman-compose", "--file", path, "--project-name", PROJECT, *args], check=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            run("up", "--detach")
            yield
        finally:
            run("down", "--volumes")


def container(service):
    return "%s_%s_1" % (PROJECT, service)


def address(service):
    found = json.loads(podman("container", "inspect", container(service)).stdout)[0]
    return next(iter(found["NetworkSettings"]["Networks"].values()))["IPAddress"]


def state(service):
    return json.loads(podman("container", "inspect", container(service)).stdout)[0]["State"]


ORDER = json.dumps({"id": "101", "items": ["iPhone XS"], "price": 2300})


def three_gateways_before_one_server():
    for name in GATEWAYS:
        eventually("%s: ready" % name, lambda name=name: curl(address(name), "/readyz")[0] == 200)
    hosts = [address(name) for name in GATEWAYS]
    status, body = curl(hosts[0], "/v1/orders", "--json", ORDER)
    expect((status, body) == (200, '"Order Added: 101"'), "an order is added over one gateway", body)
    for name, host in zip(GATEWAYS, hosts):
        expect(json.loads(curl(host, "/v1/orders/101")[1]).get("price") == 2300, "%s: has the order" % name)
        done = podman("healthcheck", "run", container(name), check=False)
        expect(done.returncode == 0, "%s: healthy" % name, done.stdout + done.stderr)
        done = podman("exec", container(name), "sh", "-c", "touch /data/x /tmp/x", check=False)
        expect(done.returncode != 0, "%s: a file system that is read only" % name)


def client_through_the_tap():
    """In the order server's network: the tap beside it, the client before it."""
    network = "container:" + container("order-server")
    podman("run", "--detach", "--name", PROJECT + "_tap", "--network", network, image,
           "wiretap", "-p", "9008", "-r", "localhost:9009", "--descriptors", "/etc/gateway/order.binpb")
    try:
        eventually("wiretap: listens", lambda: "Listening on" in podman("logs", PROJECT + "_tap").stdout)
        done = podman("run", "--rm", "--network", network, image, "order-client", "all", "--address", "127.0.0.1:9008", check=False)
        expect(done.returncode == 0 and "Combined shipment" in done.stdout, "order-client: the four modes", done.stderr)
        podman("stop", PROJECT + "_tap")
        shown = podman("logs", PROJECT + "_tap").stdout
        expect('items: "iPhone XS"' in shown and "processOrders -> 0 OK" in shown, "wiretap: shows them")
    finally:
        podman("rm", "--force", PROJECT + "_tap")


def orders_outlive_their_server():
    host = address(GATEWAYS[0])
    began = time.monotonic()
    podman("stop", "--time", "20", container("order-server"))
    expect(state("order-server")["ExitCode"] == 0, "order-server: ends with 0", state("order-server"))
    expect(time.monotonic() - began < 15, "order-server: ends in time")
    eventually("gateway: not ready without it", lambda: curl(host, "/readyz")[0] == 503)
    expect(curl(host, "/healthz")[0] == 200, "gateway: alive without it")
    expect(curl(host, "/v1/orders/101")[0] == 503, "gateway: 503 without it")
    podman("start", container("order-server"))
    eventually("gateway: finds the order again after the restart", lambda: curl(host, "/v1/orders/101")[0] == 200)


def gateways_end_as_they_should():
    for name in GATEWAYS:
        began = time.monotonic()
        podman("stop", "--time", "20", container(name))
        took = time.monotonic() - began
        expect(state(name)["ExitCode"] == 0, "%s: ends with 0" % name, state(name))
        # The compose file's drain delay is 2 s.
        expect(2 <= took < 10, "%s: goes on for the drain's delay" % name, took)


the_image_itself()
with composed():
    three_gateways_before_one_server()
    client_through_the_tap()
    orders_outlive_their_server()
    gateways_end_as_they_should()
print("%s" % ("FAILED: %d" % len(failures) if failures else "all as it should be"))
sys.exit(1 if failures else 0)
