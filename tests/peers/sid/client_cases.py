"""What a good client, aioquic, does with a server; client_table.py says what each case shows.

The files are in SITE too, so everything that arrives is compared with them.
"""

import os
import pathlib
import signal
import socket
import time

from aioquic.tls import CipherSuite, Epoch

import frames
import migration_cases
from client import Client
from outcome import Failed, Skipped, check

SITE = pathlib.Path("/case/site")
V1, V2, UNKNOWN = 0x00000001, 0x6B3343CF, 0x1A2A3A4A


def run(name, host, port, **options):
    found = globals().get(name) or getattr(migration_cases, name)
    return found(host, port, **options)


def same(path, answer, status=200):
    check(answer.status == status, f"{path}: status {answer.status}, not {status}")
    wanted = (SITE / path.lstrip("/")).read_bytes()
    check(bytes(answer.body) == wanted,
          f"{path}: {len(answer.body)} bytes differ from the file's {len(wanted)}")


def fetch(host, port, path="/medium.bin", **settings):
    client = Client(host, port, **settings).connect()
    same(path, client.get(path))
    return client


# --- plain requests -----------------------------------------------------------------------------


def get(host, port, **_):
    client = Client(host, port).connect()
    for path in ("/small.txt", "/medium.bin"):
        answer = client.get(path)
        same(path, answer)
        check(int(answer.headers["content-length"]) == len(answer.body), "content-length is wrong")
    answer = client.get("/")
    check(bytes(answer.body) == b"hello\n", "/ is not index.html")
    client.leave()


def head(host, port, **_):
    client = Client(host, port).connect()
    full, bare = client.get("/medium.bin"), client.get("/medium.bin", method="HEAD")
    check(bare.status == 200 and not bare.body, "HEAD has a body")
    for name in ("content-length", "etag", "last-modified"):
        check(full.headers.get(name) == bare.headers.get(name), f"{name} differs")
    client.leave()


def ranges(host, port, **_):
    client = Client(host, port).connect()
    wanted = (SITE / "medium.bin").read_bytes()
    size = len(wanted)
    for text, part in ((f"bytes=1000-{size - 7}", wanted[1000:-6]), ("bytes=-5", wanted[-5:])):
        answer = client.get("/medium.bin", fields=[("range", text)])
        check(answer.status == 206 and bytes(answer.body) == part, f"{text}: {answer.status}")
    answer = client.get("/medium.bin", fields=[("range", f"bytes={size}-")])
    check(answer.status == 416, f"a range behind the end: {answer.status}")
    client.leave()


def not_found(host, port, **_):
    client = Client(host, port).connect()
    answer = client.get("/nothing")
    check(answer.status == 404, f"status {answer.status}")
    same("/small.txt", client.get("/small.txt"))
    client.leave()


def large(host, port, **_):
    client = Client(host, port, max_data=16 << 20, max_stream_data=16 << 20).connect()
    begin = time.monotonic()
    same("/large.bin", client.get("/large.bin", seconds=50))
    client.leave()
    return f"10 MB in {time.monotonic() - begin:.1f} s"


def many_streams(host, port, count=2000, **_):
    client = Client(host, port).connect()
    paths = [f"/many/{number}.txt" for number in range(int(count))]
    streams = [client.ask(path) for path in paths]
    for path, answer in zip(paths, client.finish(streams, 50)):
        same(path, answer)
    client.leave()


def small_windows(host, port, **_):
    fetch(host, port, max_data=16384, max_stream_data=16384).leave()


def grease(host, port, **_):
    client = Client(host, port).connect()
    control = b"\x00" + frames.settings((0x01, 0), (0x1F * 7 + 0x21, 99))
    control += frames.h3_frame(0x1F * 3 + 0x21, b"what is this")
    sections = frames.h3_frame(frames.HEADERS, frames.request(b"/small.txt"))
    client.quic.send_stream_data(2, control)
    client.quic.send_stream_data(6, frames.varint(0x1F * 5 + 0x21) + b"unknown", True)
    client.quic.send_stream_data(0, frames.h3_frame(0x1F * 9 + 0x21, b"ignore me") + sections, True)

    def arrived():
        return b"".join(event.data for event in client.events
                        if getattr(event, "stream_id", None) == 0 and hasattr(event, "data"))

    wanted = (SITE / "small.txt").read_bytes()
    check(client.pump(lambda: wanted in arrived() or client.closed, 5) and not client.closed,
          f"no answer; {client.close_text()}")
    client.leave()


def cancelled(host, port, **_):
    client = Client(host, port).connect()
    for _ in range(20):
        stream = client.ask("/large.bin")
        client.pump(lambda stream=stream: client.responses[stream].body, 5)
        client.quic.stop_stream(stream, 0x10C)
    same("/medium.bin", client.get("/medium.bin"))
    client.leave()


def drain(host, port, pid="0", **_):
    client = Client(host, port, max_stream_data=65536, max_data=65536).connect()
    stream = client.ask("/medium.bin")
    check(client.pump(lambda: client.responses[stream].body, 5), "no first byte")
    os.kill(int(pid), signal.SIGTERM)
    [answer] = client.finish([stream])
    same("/medium.bin", answer)
    check(client.pump(lambda: client.closed, 10), "the connection stays open")
    check(client.closed.frame_type is None and client.closed.error_code == 0x100,
          f"not H3_NO_ERROR: {client.close_text()}")
    client.leave()


# --- ciphers, versions, addresses ---------------------------------------------------------------


def cipher(host, port, suite):
    client = fetch(host, port, cipher_suites=[suite])
    check(client.quic.tls.key_schedule.cipher_suite == suite, "another cipher suite")
    client.leave()


def chacha20(host, port, **_):
    cipher(host, port, CipherSuite.CHACHA20_POLY1305_SHA256)


def aes256(host, port, **_):
    cipher(host, port, CipherSuite.AES_256_GCM_SHA384)


def ask_version(host, port, size):
    """Sends a long header of an unknown version; yields what comes within a second."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                       socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.connect((host, port))
        head = b"\xc0" + UNKNOWN.to_bytes(4, "big") + b"\x0912345678D" + b"\x05abcdS"
        sock.send(head + bytes(size - len(head)))
        try:
            return sock.recv(2000)
        except TimeoutError:
            return b""


def version_negotiation(host, port, **_):
    answer = ask_version(host, port, 1200)
    check(answer[:1] and answer[0] & 0x80 and answer[1:5] == bytes(4), "no Version Negotiation")
    check(answer[5:21] == b"\x05abcdS" + b"\x0912345678D", "connection IDs aren't exchanged")
    versions = [int.from_bytes(answer[at:at + 4], "big") for at in range(21, len(answer), 4)]
    check(V1 in versions, f"no version 1 in {versions}")
    check(UNKNOWN not in versions, "it lists the version that it does not speak")
    return "versions " + " ".join(hex(one) for one in versions)


def version_negotiation_small(host, port, **_):
    check(not ask_version(host, port, 1100), "an answer to a datagram of 1100 bytes")


def version_negotiated(host, port, **_):
    client = fetch(host, port, original_version=UNKNOWN, supported_versions=[UNKNOWN, V1])
    check(client.quic._version_negotiated_incompatible, "there was no Version Negotiation")
    client.leave()


def version_2(host, port, **_):
    client = fetch(host, port, original_version=V2, supported_versions=[V2])
    check(client.quic._version == V2, "another version")
    client.leave()


def version_upgraded(host, port, **_):
    client = fetch(host, port, original_version=V1, supported_versions=[V2, V1])
    version = client.quic._version
    client.leave()
    if version != V2:
        raise Skipped("the server stays with version 1, which it may")


def retry(host, port, **_):
    client = fetch(host, port)
    check(client.quic._retry_count == 1, "there was no Retry")
    client.leave()


def token(host, port, **_):
    tokens = []
    client = fetch(host, port, token_handler=tokens.append)
    if not client.pump(lambda: tokens, 2):
        raise Failed("no NEW_TOKEN")
    client.leave()
    again = fetch(host, port, token=tokens[0])
    check(again.quic._retry_count == 0, "a Retry all the same")
    again.leave()


def token_forged(host, port, **_):
    for made_up in (b"x", bytes(32), os.urandom(64), os.urandom(200)):
        fetch(host, port, path="/small.txt", token=made_up).leave()


def initial_in_pieces(host, port, **_):
    """As Chromium does it: the bytes of the ClientHello are spread, the end comes first."""
    client = Client(host, port).start()
    hello = client.quic._crypto_streams[Epoch.INITIAL].sender._buffer
    data, half = bytes(hello), len(hello) // 2
    for piece in (frames.crypto(data[half:], half), frames.crypto(data[:half])):
        client.send(client.packet(Epoch.INITIAL, piece + bytes(1162 - len(piece))))
        time.sleep(0.05)
    client.pump(lambda: client.quic._handshake_complete or client.closed, 10)
    same("/small.txt", client.get("/small.txt"))
    client.leave()


def garbage(host, port, **_):
    client = Client(host, port).connect()
    with socket.socket(client.family, socket.SOCK_DGRAM) as sock:
        for number in range(10_000):
            first = (0x40, 0xC0, 0xE0, 0x00)[number % 4]
            version = V1.to_bytes(4, "big") if number % 3 else os.urandom(4)
            sock.sendto(bytes([first]) + version + os.urandom(number % 1400), (host, port))
    same("/medium.bin", client.get("/medium.bin"))
    client.leave()
    fetch(host, port, path="/small.txt").leave()


# --- sessions -----------------------------------------------------------------------------------


def ticket(host, port):
    client = fetch(host, port, path="/index.html")
    client.pump(lambda: client.tickets, 3)
    client.leave()
    if not client.tickets:
        raise Failed("no session ticket")
    return client.tickets[0]


def resumption(host, port, **_):
    client = fetch(host, port, session_ticket=ticket(host, port))
    check(client.quic.tls.session_resumed, "the session is not resumed")
    client.leave()


def early(host, port):
    """A client that has sent GET /small.txt in 0-RTT and nothing else yet."""
    found = ticket(host, port)
    if found.max_early_data_size != 0xFFFFFFFF:
        raise Skipped("the server offers no 0-RTT")
    client = Client(host, port, session_ticket=found)
    client.start()
    stream = client.ask("/small.txt")
    client.flush()
    check(not client.quic._handshake_complete, "too late for 0-RTT")
    return client, stream


def early_data(host, port, **_):
    client, stream = early(host, port)
    [answer] = client.finish([stream])
    same("/small.txt", answer)
    check(client.quic.tls.early_data_accepted, "early data was refused")
    client.leave()


def early_data_off(host, port, **_):
    found = ticket(host, port)
    client = Client(host, port, session_ticket=found).start()
    [answer] = client.finish([client.ask("/small.txt")])
    same("/small.txt", answer)
    check(not client.quic.tls.early_data_accepted, "early data was accepted")
    client.leave()


def early_data_replayed(host, port, times=100, **_):
    client, stream = early(host, port)
    flight = list(client.sent)
    same("/small.txt", client.finish([stream])[0])
    check(client.quic.tls.early_data_accepted, "early data was refused")
    client.leave()
    for _ in range(int(times)):
        with socket.socket(client.family, socket.SOCK_DGRAM) as other:
            for datagram in flight:
                other.sendto(datagram, client.address)
    fetch(host, port, path="/index.html").leave()
    time.sleep(0.5)
    return f"{len(flight)} datagrams, {times} times"


# --- over a bad path: what the path does is up to the relay in between ---------------------------


def transfer(host, port, path="/medium.bin", seconds=50, challenges=0, **_):
    """Gets one file with large windows; says how fast."""
    begin = time.monotonic()
    client = Client(host, port, max_data=16 << 20, max_stream_data=16 << 20)
    client.connect(float(seconds))
    answer = client.get(path, seconds=float(seconds))
    took = time.monotonic() - begin
    same(path, answer)
    seen = client.quic.challenges
    check(seen >= int(challenges), f"{seen} PATH_CHALLENGE, {challenges} are due")
    client.leave()
    size = len(answer.body)
    return f"{size} bytes in {took:.2f} s, {size * 8e-6 / took:.1f} Mbit/s, {seen} PATH_CHALLENGE"
