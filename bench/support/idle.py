"""What an idle connection costs: the growth of a server's resident memory, per connection."""

import os
import socket

from support import machine
from support.servers import running

REQUEST = b"GET /4k.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# So many requests touch every buffer of a pool that is there whatever the number of connections.
WARM_REQUESTS = 5_000


def ask(connection):
    """Sends one request and reads all of its response; the connection stays open."""
    connection.sendall(REQUEST)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"answered {head.partition(bytes([13]))[0]!r}")
    length = next(int(line.partition(b":")[2]) for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:"))
    left = length - len(body)
    while left > 0:
        left -= len(_more(connection))


def _more(connection):
    received = connection.recv(65536)
    if not received:
        raise RuntimeError("the server closed a connection")
    return received


def measure(server, cores, load_cores, connections):
    """Opens `connections`, asks once on each and leaves them idle; bytes before and after.

    What the kernel keeps for a socket is not part of it: that is the same for every server."""
    os.sched_setaffinity(0, load_cores)
    with running(server, cores) as pid:
        first = socket.create_connection(("127.0.0.1", server.port))
        for _ in range(WARM_REQUESTS):
            ask(first)
        before = machine.resident_bytes(pid)
        idle = [first]
        try:
            for _ in range(connections):
                idle.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
                ask(idle[-1])
            after = machine.resident_bytes(pid)
            for connection in (idle[1], idle[-1]):
                ask(connection)  # None was closed to make room.
        finally:
            for connection in idle:
                connection.close()
    return {"connections": connections, "base_bytes": before, "idle_bytes": after,
            "bytes_per_connection": (after - before) / connections}
