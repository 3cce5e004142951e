"""What an idle connection costs: the growth of a server's resident memory, per connection."""

import os
import re
import socket
import subprocess
import time
import urllib.request

from support import machine, tls
from support.servers import running

REQUEST = b"GET /4k.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# So many requests touch every buffer of a pool that is there whatever the number of connections.
WARM_REQUESTS = 5_000


# Connections of one client program over HTTP/3; their handshakes are under way at the same time.
CONNECTIONS_PER_CLIENT = 500
# A server may give memory back only when a connection has been silent for a while.
SILENCE_SECONDS = 10


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


def measure_http3(server, client, cores, load_cores, connections, admin_port):
    """The same over HTTP/3: `client` is a ringway whose connections ask once and stay.

    `server` tells its metrics at `admin_port`; they say when the connections are there."""
    os.sched_setaffinity(0, load_cores)
    url = f"https://127.0.0.1:{server.port}/4k.bin"
    argv = [str(word) for word in
            (client, "get", "--bench", "--http3", "--cacert", tls.pair()[0], url)]
    clients = []
    with running(server, cores) as pid:
        try:
            subprocess.run([*argv, "-c", "10", "-m", "10", "-n", str(WARM_REQUESTS)], check=True,
                           stdout=subprocess.DEVNULL)
            _until(admin_port, lambda open_now: open_now == 0)
            before = machine.resident_bytes(pid)
            while len(clients) * CONNECTIONS_PER_CLIENT < connections:
                wanted = min(connections, (len(clients) + 1) * CONNECTIONS_PER_CLIENT)
                own = wanted - len(clients) * CONNECTIONS_PER_CLIENT
                clients.append(subprocess.Popen(
                    [*argv, "-c", str(own), "-d", "1h", "--pause", "1h"],
                    stdout=subprocess.DEVNULL))
                _until(admin_port, lambda open_now, all_of_them=wanted: open_now >= all_of_them)
            time.sleep(SILENCE_SECONDS)
            after = machine.resident_bytes(pid)
            if _connections(admin_port) < connections:
                raise RuntimeError("the server closed connections")
        finally:
            for each in clients:
                each.kill()
            for each in clients:
                each.wait()
    return {"connections": connections, "base_bytes": before, "idle_bytes": after,
            "bytes_per_connection": (after - before) / connections}


def _connections(admin_port):
    with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/metrics", timeout=10) as page:
        text = page.read().decode()
    return int(float(re.search(r"^ringway_quic_connections_open (\S+)", text, re.M)[1]))


def _until(admin_port, enough, patience=60):
    end = time.monotonic() + patience
    while not enough(_connections(admin_port)):
        if time.monotonic() > end:
            raise RuntimeError(f"{_connections(admin_port)} connections are open, which is wrong")
        time.sleep(0.1)
