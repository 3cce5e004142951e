"""Changes of keys, ports and connection IDs, forgotten connections, and marks of congestion."""

import os
import pathlib
import socket
import struct
import time

from aioquic.tls import Epoch

from client import Client
from outcome import Failed, check

LARGE = pathlib.Path("/case/site/large.bin")


def download(client, at, action):
    """Gets /large.bin and calls `action` as soon as that many bytes are there, for each of `at`."""
    client.connect()
    client.confirm()
    stream = client.ask("/large.bin")
    answer = client.responses[stream]
    for bytes_before in at:
        if not client.pump(lambda b=bytes_before: len(answer.body) >= b or client.closed, 20):
            raise Failed(f"it stops at {len(answer.body)} bytes")
        action()
    begin = time.monotonic()
    client.finish([stream], 40)
    check(bytes(answer.body) == LARGE.read_bytes(), "the file arrives changed")
    return time.monotonic() - begin


# aioquic changes the keys of version 2 by the label of version 1 (RFC 9369 section 3.3.2).
VERSION_1_ONLY = {"supported_versions": [1]}


def phase(client):
    """The key phase of what the server sends."""
    return client.quic._cryptos[Epoch.ONE_RTT].recv.key_phase


def key_update(host, port, **_):
    client = Client(host, port, **VERSION_1_ONLY).connect()
    client.confirm()
    phases = [phase(client)]
    for _ in range(3):
        client.quic.request_key_update()
        answer = client.get("/medium.bin")
        check(len(answer.body) == 1 << 20, "the file is cut off")
        client.pump(None, 0.3)  # Updates may follow each other after three probe timeouts.
        phases.append(phase(client))
    check(phases == [0, 1, 0, 1], f"key phases of the server: {phases}")
    client.leave()


def key_update_busy(host, port, **_):
    client = Client(host, port, **VERSION_1_ONLY)
    download(client, (3 << 20,), client.quic.request_key_update)
    check(phase(client) == 1, "the server has not changed its keys")
    client.leave()


def rebind(host, port, **_):
    client = Client(host, port)
    download(client, (1 << 20, 5 << 20), client.rebind)
    check(client.quic.challenges >= 2, f"{client.quic.challenges} PATH_CHALLENGE for two ports")
    client.leave()
    return f"{client.quic.challenges} PATH_CHALLENGE"


def rebind_idle(host, port, **_):
    client = Client(host, port).connect()
    client.confirm()
    client.pump(None, 0.5)
    for _ in range(3):
        client.rebind()
        answer = client.get("/medium.bin")
        check(len(answer.body) == 1 << 20, "the file is cut off")
        client.pump(None, 0.3)
    check(client.quic.challenges >= 3, f"{client.quic.challenges} PATH_CHALLENGE for 3 ports")
    client.leave()


def migration(host, port, **_):
    client = Client(host, port)
    used = []

    def move():
        before = client.quic._peer_cid.cid
        client.quic.change_connection_id()
        check(client.quic._peer_cid.cid != before, "the server has issued no other connection ID")
        used.append(before)
        client.rebind()

    download(client, (1 << 20, 4 << 20, 7 << 20), move)
    check(client.quic.challenges >= 3, f"{client.quic.challenges} PATH_CHALLENGE for 3 paths")
    check(len(set(used)) == 3, "a connection ID came twice")
    client.leave()


def forgotten(host, port):
    """A connection that the server has closed and forgotten, as far as one can tell."""
    client = Client(host, port).connect()
    client.confirm()
    client.get("/small.txt")
    ids = [cid for cid in [client.quic._peer_cid, *client.quic._peer_cid_available]
           if cid.stateless_reset_token]
    check(ids, "the server has given no stateless reset token")
    client.quic.close()
    client.flush()
    time.sleep(3)  # Three times its probe timeout, and much more.
    return client, ids[-1]


def provoke(client, cid, size):
    """Sends a packet of that connection that can't be read; yields the answer."""
    with socket.socket(client.family, socket.SOCK_DGRAM) as other:
        other.settimeout(0.7)
        other.sendto(b"\x41" + cid.cid + os.urandom(size - 1 - len(cid.cid)), client.address)
        try:
            return other.recv(2000)
        except TimeoutError:
            return b""


def stateless_reset(host, port, **_):
    client, cid = forgotten(host, port)
    for _ in range(3):
        answer = provoke(client, cid, 500)
        if answer:
            break
    check(answer, "no answer")
    check(answer[-16:] == cid.stateless_reset_token, "not the token of that connection ID")
    check(len(answer) >= 21 and answer[0] & 0xC0 == 0x40, "it does not look like a packet")
    return f"{len(answer)} bytes"


def reset_is_smaller(host, port, **_):
    client, cid = forgotten(host, port)
    for size in (100, 43, 42, 41, 30, 21):
        answer = provoke(client, cid, size)
        check(len(answer) < size, f"{len(answer)} bytes answer {size}")


def ecn(host, port, **_):
    client = Client(host, port)
    sock = client.sockets[0]
    sixth = client.family == socket.AF_INET6
    level = socket.IPPROTO_IPV6 if sixth else socket.IPPROTO_IP
    sock.setsockopt(level, socket.IPV6_TCLASS if sixth else socket.IP_TOS, 0x02)  # ECT(0)
    sock.setsockopt(level, socket.IPV6_RECVTCLASS if sixth else socket.IP_RECVTOS, 1)
    marks = []

    def receive(each, now):
        while True:
            try:
                data, control, _, address = each.recvmsg(65536, 256, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            for _, kind, value in control:
                if kind in (socket.IP_TOS, socket.IPV6_TCLASS):
                    marks.append(value[0] if len(value) < 4 else struct.unpack("i", value[:4])[0])
            client.quic.receive_datagram(data, address[:2], now)

    client.receive = receive
    client.connect()
    client.get("/medium.bin")
    client.leave()
    marked = sum(mark & 3 == 2 for mark in marks)
    check(client.quic.ecn_counts, "the server does not report our marks (no ACK with ECN counts)")
    check(marked > 0, f"none of {len(marks)} datagrams of the server is marked ECT(0)")
    return f"{marked} of {len(marks)} datagrams are ECT(0); the server counts " + "/".join(
        map(str, client.quic.ecn_counts))
