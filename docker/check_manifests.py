"""Checks compose.yaml and kubernetes.yaml: their schemas, that their parts fit each other, and the gateway's settings
in them. docker/check calls it with the image's name."""
import os
import subprocess
import sys
import tempfile
import venv

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = {"gateway", "order-server", "order-client", "wiretap"}
image = sys.argv[1]
failures = []


def expect(holds, what):
    print("%s %s" % ("ok  " if holds else "FAIL", what), flush=True)
    if not holds:
        failures.append(what)


def load(name):
    with open(os.path.join(HERE, name)) as f:
        return [part for part in yaml.safe_load_all(f) if part]


def output(*args):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0, done.stdout


def schemas():
    """By tools that know them; without network they need nothing but PyPI once."""
    folder = os.path.join(os.environ.get("CHECK_FOLDER", os.path.join(os.path.dirname(HERE), ".build-docker")), "venv")
    tool = os.path.join(folder, "bin", "kubernetes-validate")
    if not os.access(tool, os.X_OK):
        venv.create(folder, with_pip=True)
        subprocess.run([os.path.join(folder, "bin", "pip"), "install", "--quiet", "kubernetes-validate"], check=True)
    expect(output(tool, "--strict", "--quiet", os.path.join(HERE, "kubernetes.yaml"))[0], "kubernetes.yaml: schema")
    expect(output("docker-compose", "--file", os.path.join(HERE, "compose.yaml"), "config", "--quiet")[0],
           "compose.yaml: schema")


def pods(parts):
    return [part for part in parts if part["kind"] in ("Deployment", "StatefulSet")]


def services(parts):
    """Every service finds pods, and ports that they have; the order server's name resolves to every pod."""
    for service in (part for part in parts if part["kind"] == "Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        found = [p for p in pods(parts) if spec["selector"].items() <= p["spec"]["template"]["metadata"]["labels"].items()]
        expect(len(found) == 1, "service %s: finds one workload" % name)
        ports = [p for c in found[0]["spec"]["template"]["spec"]["containers"] for p in c["ports"]]
        known = {p["name"] for p in ports} | {p["containerPort"] for p in ports}
        expect(all(p.get("targetPort", p["port"]) in known for p in spec["ports"]), "service %s: its ports are there" % name)
    headless = {s["metadata"]["name"] for s in parts if s["kind"] == "Service" and s["spec"].get("clusterIP") == "None"}
    for stateful in (part for part in parts if part["kind"] == "StatefulSet"):
        expect(stateful["spec"]["serviceName"] in headless, "stateful set: its service is headless")
    settings = gateway_settings(parts)
    host, port = settings["upstream"].removeprefix("dns:///").rsplit(":", 1)
    expect(host in headless, "gateway: its upstream is the headless service")
    upstream = next(s for s in parts if s["kind"] == "Service" and s["metadata"]["name"] == host)
    expect(int(port) in [p["port"] for p in upstream["spec"]["ports"]], "gateway: its upstream's port is served")


def workloads(parts):
    for workload in pods(parts):
        name, spec = workload["metadata"]["name"], workload["spec"]["template"]["spec"]
        labels = workload["spec"]["template"]["metadata"]["labels"]
        expect(workload["spec"]["selector"]["matchLabels"].items() <= labels.items(), "%s: selects its own pods" % name)
        expect(spec["securityContext"]["runAsNonRoot"], "%s: not root" % name)
        volumes = {v["name"] for v in spec.get("volumes", [])}
        volumes |= {v["metadata"]["name"] for v in workload["spec"].get("volumeClaimTemplates", [])}
        for container in spec["containers"]:
            expect(container["command"][0] in PROGRAMS, "%s: its program is in the image" % name)
            expect(all(m["name"] in volumes for m in container.get("volumeMounts", [])), "%s: its volumes" % name)
            ports = {p["name"]: p["containerPort"] for p in container["ports"]}
            for probe in ("livenessProbe", "readinessProbe"):
                check = container.get(probe, {})
                port = check.get("httpGet", check.get("grpc", {})).get("port")
                expect(port is None or port in ports or port in ports.values(), "%s: port of its %s" % (name, probe))
    gateway = next(p for p in pods(parts) if p["metadata"]["name"] == "gateway")
    container = gateway["spec"]["template"]["spec"]["containers"][0]
    ports = {p["name"]: p["containerPort"] for p in container["ports"]}
    settings = gateway_settings(parts)
    for key, name in (("listen", "http"), ("admin_listen", "admin")):
        expect(int(settings[key].rsplit(":", 1)[1]) == ports[name], "gateway: %s is the container's port" % key)
    drain = seconds(settings["drain"]["drain_delay"]) + seconds(settings["drain"].get("grace", "30s"))
    expect(gateway["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > drain, "gateway: time to drain")
    scrape = gateway["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"]
    expect(int(scrape) == ports["admin"], "gateway: metrics are asked of the admin listener")
    for scaler in (p for p in parts if p["kind"] == "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        expect((target["kind"], target["name"]) == (gateway["kind"], "gateway"), "autoscaler: scales the gateway")
        expect("cpu" in container["resources"]["requests"], "autoscaler: the share is of a request")
        expect(scaler["spec"]["minReplicas"] == gateway["spec"]["replicas"], "autoscaler: begins where it may end")
    for budget in (p for p in parts if p["kind"] == "PodDisruptionBudget"):
        labels = gateway["spec"]["template"]["metadata"]["labels"]
        expect(budget["spec"]["selector"]["matchLabels"].items() <= labels.items(), "disruption budget: of the gateway")


def seconds(text):
    assert text.endswith("s"), text
    return float(text[:-1])


def config_map(parts):
    return next(p for p in parts if p["kind"] == "ConfigMap")["data"]["gateway.yaml"]


def gateway_settings(parts):
    return yaml.safe_load(config_map(parts))


def settings_are_good(parts):
    """By the gateway itself, with the files of the image."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(os.path.join(folder, "gateway.yaml"), "w") as f:
            f.write(config_map(parts))
        good, text = output("podman", "run", "--rm", "--network", "none", "--volume",
                            folder + ":/etc/gateway-config:ro", image, "gateway", "check",
                            "/etc/gateway-config/gateway.yaml")
        expect(good and "/v1/orders/{value}" in text, "gateway check: the settings of the config map")


def compose(parts):
    found = parts[0]["services"]
    for name, service in found.items():
        expect(service["image"] == "grpc-json-gateway", "compose %s: the one image" % name)
        expect("command" not in service or service["command"][0] in PROGRAMS, "compose %s: its program" % name)
        expect(service["cap_drop"] == ["ALL"], "compose %s: no capabilities" % name)
    expect(set(found["gateway"]["depends_on"]) <= set(found), "compose gateway: what it depends on is there")
    first, last = found["gateway"]["ports"][0].split(":")[0].split("-")
    expect(int(last) - int(first) >= 2, "compose gateway: ports for three")
    volumes = {v.split(":")[0] for v in found["order-server"]["volumes"]}
    expect(volumes <= set(parts[0]["volumes"]), "compose order-server: its volume")


schemas()
kubernetes = load("kubernetes.yaml")
services(kubernetes)
workloads(kubernetes)
settings_are_good(kubernetes)
compose(load("compose.yaml"))
sys.exit(1 if failures else 0)
