"""Servers of HTTP/3 under one interface: ours, and those that show what a test is worth."""

import os
import signal
import socket
import subprocess

from host import peers
from host.case import Failed, Skipped, eventually
from host.world import free_port, tail

NAMES = ("ringway", "nginx", "caddy", "ngtcp2", "aioquic", "quiche")


class Server:
    """A running server on `host`:`port`. `hits(path)` counts how often it has handled a path."""

    def __init__(self, world, child, port, host="127.0.0.1", access_log=None):
        self.world, self.child, self.port, self.host = world, child, port, host
        self.access_log = access_log

    def hits(self, path):
        if not self.access_log:
            raise Skipped("this server has no access log to count requests with")
        if not self.access_log.exists():
            return 0
        return self.access_log.read_text().count(f" {path} ")

    def url(self, path, name="localhost"):
        return f"https://{name}:{self.port}/{path.lstrip('/')}"

    def signal(self, number):
        os.kill(self.child.pid, number)

    def said(self):
        return tail(self.child.log.read_bytes(), 2000)

    def check_alive(self):
        if self.child.poll() is not None:
            raise Failed(f"the server has ended with {self.child.returncode}: {self.said()}")


def start(world, name=None, host="127.0.0.1", port=None, **options):
    """Starts a server of the world's files. Options: retry, no_early_data, shards,
    preferred_address, large_certificate, extra (arguments of ours). What a server has no switch
    for skips the case."""
    name = name or world.server_name
    port = port or free_port()
    if options.pop("large_certificate", False):
        options["certificate"] = world.make_certificate(names=200)
    preferred_port = free_port()
    if options.get("preferred_address"):
        options["preferred_address"] = f"127.0.0.2:{preferred_port}"
    certificate = options.pop("certificate", None) or world.make_certificate()
    server = STARTERS[name](world, host, port, certificate, options)
    for option, value in options.items():
        if value:
            raise Skipped(f"{name} has no switch for {option.replace('_', ' ')} here")
    server.preferred_port = preferred_port
    world.server = server
    return server


def wait_for_tcp(server):
    def answers():
        server.check_alive()
        try:
            socket.create_connection((server.host, server.port), 1).close()
            return True
        except OSError:
            return False

    if not eventually(answers, 20):
        raise Failed(f"the server does not listen: {server.said()}")
    return server


def at(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def start_ringway(world, host, port, certificate, options):
    log = world.folder / "access.log"
    command = [world.binary, "serve", world.site, "--listen", at(host, port), "--no-pin",
               "--tls", f"{certificate[0]},{certificate[1]}", "--log", log,
               "--shards", options.pop("shards", 2)]
    if options.pop("retry", False):
        command += ["--quic-retry", "always"]
    if options.pop("no_early_data", False):
        command += ["--no-early-data"]
    if preferred := options.pop("preferred_address", None):
        command += ["--preferred-address", preferred]
    command += options.pop("extra", [])
    child = world.spawn(command, log="server.log")
    server = Server(world, child, port, host, log)
    eventually(lambda: b"\nringway: ready" in child.log.read_bytes() or child.poll() is not None,
               20)
    server.check_alive()
    world.callback(check_goodbye, server)
    return server


def check_goodbye(server):
    """A server that does not end well after SIGTERM fails its case."""
    if server.child.poll() is None:
        server.child.send_signal(signal.SIGTERM)
    try:
        server.child.wait(40)
    except subprocess.TimeoutExpired:
        server.child.kill()
        raise Failed(f"the server does not end on SIGTERM: {server.said()}") from None
    if server.child.returncode not in (0, -signal.SIGKILL):
        raise Failed(f"the server ended with {server.child.returncode}: {server.said()}")


NGINX = """user root; daemon off; worker_processes 2; pid /case/nginx.pid;
error_log /case/nginx.err info;
events {{ worker_connections 1000; }}
http {{
  include /etc/nginx/mime.types; access_log /case/access.log; root /case/site; quic_retry {retry};
  ssl_certificate /case/{certificate}; ssl_certificate_key /case/{key}; ssl_early_data {early};
  http3_max_concurrent_streams 128; keepalive_requests 100000;
  server {{ listen {at} quic reuseport; listen {at} ssl; http2 on; http3 on; }}
}}
"""


def start_nginx(world, host, port, certificate, options):
    peers.require("nginx")
    on = {True: "on", False: "off"}
    (world.folder / "nginx.conf").write_text(NGINX.format(
        at=at(host, port), retry=on[options.pop("retry", False)],
        early=on[not options.pop("no_early_data", False)], certificate=certificate[0].name,
        key=certificate[1].name))
    child = world.spawn(peers.sid_command(world.folder, "nginx", "-c", "/case/nginx.conf"),
                        log="server.log")
    return wait_for_tcp(Server(world, child, port, host, world.folder / "access.log"))


CADDY = """{{
  admin off
  persist_config off
  auto_https off
  default_sni localhost
  servers {{
    protocols h1 h2 h3
  }}
}}
https://:{port} {{
  bind {host}
  tls /case/{certificate} /case/{key}
  root * /case/site
  file_server
  log {{
    output file /case/caddy.log
  }}
}}
"""


def start_caddy(world, host, port, certificate, options):
    peers.require("caddy")
    (world.folder / "Caddyfile").write_text(CADDY.format(
        host=host, port=port, certificate=certificate[0].name, key=certificate[1].name))
    child = world.spawn(peers.sid_command(world.folder, "caddy", "run", "--config",
                                          "/case/Caddyfile", "--adapter", "caddyfile"),
                        log="server.log")
    return wait_for_tcp(Server(world, child, port, host))


def start_ngtcp2(world, host, port, certificate, options):
    peers.require("ngtcp2")
    program, environment = peers.ngtcp2_program("gtlsserver")
    more = ["--validate-addr"] if options.pop("retry", False) else []
    if preferred := options.pop("preferred_address", None):
        more += [f"--preferred-ipv4-addr={preferred}"]
    child = world.spawn([program, "-q", *more, "-d", world.site, host, port, certificate[1],
                         certificate[0]], env=environment, log="server.log")
    return wait_for_udp(Server(world, child, port, host))


def start_aioquic(world, host, port, certificate, options):
    peers.require("aioquic")
    more = ["--retry"] if options.pop("retry", False) else []
    child = world.spawn(peers.sid_command(
        world.folder, "python3", "/suite/sid/server.py", host, port,
        f"/case/{certificate[0].name}", f"/case/{certificate[1].name}", "/case/site", *more),
        log="server.log")
    return wait_for_udp(Server(world, child, port, host))


def start_quiche(world, host, port, certificate, options):
    peers.require("quiche")
    child = world.spawn(["node", peers.HERE / "quiche/server.mjs", peers.quiche_module(), host,
                         port, *certificate, world.site], log="server.log")
    return wait_for_udp(Server(world, child, port, host))


def wait_for_udp(server):
    """Until the kernel lists a socket on the port."""
    wanted = f":{server.port:04X} "

    def there():
        server.check_alive()
        return any(wanted in line for table in ("udp", "udp6")
                   for line in open(f"/proc/net/{table}", encoding="ascii"))

    if not eventually(there, 20):
        raise Failed(f"the server does not listen: {server.said()}")
    return server


STARTERS = {"ringway": start_ringway, "nginx": start_nginx, "caddy": start_caddy,
            "ngtcp2": start_ngtcp2, "aioquic": start_aioquic, "quiche": start_quiche}
