"""What a case of this suite is, and how it ends."""

import dataclasses
import time

TABLE = {}  # All cases by name; filled by the modules that define them.


class Skipped(Exception):
    """The case can't be tried here; says why."""


class Failed(Exception):
    """Something did not happen as it must."""


def check(condition, message):
    if not condition:
        raise Failed(message)


@dataclasses.dataclass
class Case:
    """`run(world)` does it; `world` is a suite.World. `needs` names peers, see peers.reason()."""
    name: str
    about: str
    run: object
    needs: tuple
    server: dict  # What the server is started with, see servers.start(); None: it starts none.
    side: str     # Who is tested: "server" or "client".


def case(name, about, needs, side="server", own_server=False, **server):
    """Puts a function into the table. Its name is "PEER.CASE". With `own_server` it starts its
    server itself."""

    def add(function):
        assert name not in TABLE, name
        TABLE[name] = Case(name, about, function, tuple(needs.split()),
                           None if own_server else server, side)
        return function

    return add


def eventually(condition, seconds=10.0, pause=0.02):
    """Waits until it is so; whether it came so."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return value
