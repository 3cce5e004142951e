"""`ringway get --http3` against the servers of other people."""

import json
import os

from host import servers
from host.case import case, check

# What runs each server, for "needs".
SERVERS = {"nginx": "nginx", "caddy": "caddy", "ngtcp2": "ngtcp2", "aioquic": "aioquic",
           "quiche": "quiche"}
RETRY = ("nginx", "ngtcp2", "aioquic")
EARLY_DATA = ("nginx", "caddy", "ngtcp2", "aioquic")
RANGES = ("nginx", "caddy", "aioquic", "quiche")  # gtlsserver knows none.


def get(world, path, *options, name="localhost", trust=True, accept=(0,), seconds=60):
    """Runs the command; yields its report of one URL and what came on standard output."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(world.folder / "cache")}
    trusted = ["--cacert", world.folder / "cert.pem"] if trust else []
    ended = world.run([world.binary, "get", "--http3", "--json", "--quiet", "--output", "-",
                       *trusted, *options, world.server.url(path, name)],
                      env=environment, accept=accept, seconds=seconds)
    lines = [line for line in ended.stderr.decode().splitlines() if line.startswith("{")]
    check(lines, f"no report: {ended.stderr.decode()[-300:]}")
    return json.loads(lines[-1]), ended.stdout


def start(world, peer, **options):
    servers.start(world, peer, **options)


def add(peer, name, about):
    """Puts a case into the table whose function starts the server itself."""
    return case(f"get-{peer}.{name}", about, SERVERS[peer], side="client", own_server=True)


def plain(peer):
    @add(peer, "get", "GET, by HTTP/3 and with the certificate verified")
    def small(world):
        start(world, peer)
        report, data = get(world, "/small.txt")
        world.same("/small.txt", data)
        check(report["version"] == "HTTP/3", str(report))

    @add(peer, "large", "10 MB, byte by byte")
    def large(world):
        start(world, peer)
        world.same("/large.bin", get(world, "/large.bin")[1])

    @add(peer, "head", "HEAD")
    def head(world):
        start(world, peer)
        text = get(world, "/medium.bin", "--head")[1].decode().lower()
        check("content-length: 1048576" in text, text)

    @add(peer, "not_found", "404 is a failure with an exit status of its own")
    def not_found(world):
        start(world, peer)
        report, _ = get(world, "/nothing", accept=(6,))
        check(report["status"] == 404, str(report))

    @add(peer, "untrusted", "a certificate that nobody vouches for is refused")
    def untrusted(world):
        start(world, peer)
        get(world, "/small.txt", trust=False, accept=(5,))

    @add(peer, "wrong_name", "a certificate for another name is refused")
    def wrong_name(world):
        start(world, peer, certificate=world.make_certificate(subject="other.example"))
        get(world, "/small.txt", accept=(5,))

    @add(peer, "many", "200 files, 50 at a time, over few connections")
    def many(world):
        start(world, peer)
        got = world.folder / "got"
        got.mkdir()
        world.run(["sh", "-c", 'cd "$0" && exec "$@"', got, world.binary, "get", "--http3",
                   "--quiet", "--parallel", "50", "--cacert", world.folder / "cert.pem",
                   *[world.server.url(f"/many/{number}.txt") for number in range(200)]],
                  env={**os.environ, "XDG_CACHE_HOME": str(world.folder / "cache")})
        for number in range(200):
            world.same(f"/many/{number}.txt", (got / f"{number}.txt").read_bytes())


def one_range(peer):
    @add(peer, "range", "one range")
    def run(world):
        start(world, peer)
        report, data = get(world, "/medium.bin", "--range", "1000-1999")
        check(report["status"] == 206, str(report))
        check(data == world.content("/medium.bin")[1000:2000], "other bytes")


def retry(peer):
    @add(peer, "retry", "Retry (RFC 9000 8.1.2)")
    def run(world):
        start(world, peer, retry=True)
        world.same("/medium.bin", get(world, "/medium.bin")[1])


def early_data(peer):
    @add(peer, "early_data", "the second time, the request travels in 0-RTT")
    def run(world):
        start(world, peer)
        get(world, "/small.txt", "--early-data")
        report, data = get(world, "/small.txt", "--early-data")
        world.same("/small.txt", data)
        check(report["connection"]["early_data"], f"no early data: {report}")


def migration(peer):
    @add(peer, "migration", "the client moves to another address while it downloads")
    def run(world):
        start(world, peer)
        _, data = get(world, "/large.bin", "--migrate", "127.0.0.1", "--limit-rate", "4M")
        world.same("/large.bin", data)


for one in SERVERS:
    plain(one)
for one in RANGES:
    one_range(one)
for one in RETRY:
    retry(one)
for one in EARLY_DATA:
    early_data(one)
for one in ("ngtcp2", "caddy"):
    migration(one)
