"""aioquic against the server: what it does is in sid/client_cases.py and the tables beside it."""

import sys

from host import peers, relay
from host.case import Failed, Skipped, case, check

sys.path.insert(0, str(peers.HERE / "sid"))
import client_table  # noqa: E402
import http3_cases  # noqa: E402
import transport_cases  # noqa: E402


def play(world, name, host=None, port=None, seconds=60, **options):
    """Runs a case of sid/main.py; its last line becomes the note."""
    pairs = [f"{key}={value}" for key, value in options.items()]
    ended = world.in_sid("python3", "/suite/sid/main.py", name, host or world.server.host,
                         port or world.server.port, *pairs, seconds=seconds, accept=(0, 1, 77))
    lines = ended.stdout.decode().strip().splitlines() or ["said nothing"]
    if ended.returncode == 77:
        raise Skipped(lines[-1].removeprefix("skipped: "))
    if ended.returncode == 1:
        said = ended.stderr.decode().strip().splitlines()
        raise Failed(lines[-1].removeprefix("failed: ") + "".join("\n  " + x for x in said[-12:]))
    world.notes.append(lines[-1])
    world.server.check_alive()


def add_conformance(name, rule):
    @case(f"conformance.{name}", rule, "aioquic")
    def run(world):
        play(world, f"conformance.{name}")


for one in transport_cases.CASES:
    add_conformance("transport." + one.name, one.rule)
for one in http3_cases.CASES:
    add_conformance("http3." + one.name, one.rule)


def add_client(name, about, server, options):
    @case(f"aioquic.{name}", about, "aioquic", **server)
    def run(world):
        play(world, f"client.{options.get('as', name)}", pid=world.server.child.pid)


for one_name, one_about, one_server, one_options in client_table.CASES:
    add_client(one_name, one_about, one_server, one_options)


@case("aioquic.early_data_replayed", "0-RTT that is played again is not carried out again: RFC 8446"
      " section 8", "aioquic", shards=4)
def early_data_replayed(world):
    play(world, "client.early_data_replayed", times=100)
    hits = world.server.hits("/small.txt")
    check(hits == 1, f"a request in early data was carried out {hits} times")
    world.notes.append("carried out once of 101")
