"""The clients of a soak run: one kind looks at every byte, the other kind behaves badly."""

import collections
import http.client
import random
import socket
import struct
import threading
import time


class Tally:
    """What the clients have seen. Any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self.counts = collections.Counter()
        self.failures = []

    def count(self, what, how_many=1):
        with self._lock:
            self.counts[what] += how_many

    def fail(self, what):
        with self._lock:
            self.counts["FAILED"] += 1
            if len(self.failures) < 20:
                self.failures.append(what)


class VerifyingClient:
    """Asks for files, whole and in part, with conditions and without, and checks what it gets."""

    def __init__(self, files, port, tally, stale_seconds, seed, trust=None):
        """`trust`: the SSLContext to speak TLS with; None: plain HTTP."""
        self._files = files
        self._port = port
        self._trust = trust
        self._tally = tally
        self._stale_seconds = stale_seconds
        self._random = random.Random(seed)
        self._connection = None
        self._bodies = {}  # name: (entity tag, body), of the last whole answer

    def run_until(self, stop):
        names = self._files.exact() + self._files.rewritten
        while not stop.is_set():
            name = self._random.choice(names)
            try:
                self._ask(name)
            except (http.client.HTTPException, OSError) as problem:
                self._close()
                # A file that was cut short meanwhile ends the connection: the length was promised.
                if name in self._files.rewritten:
                    self._tally.count("ended early, rewritten file")
                else:
                    self._tally.fail(f"{name}: {problem!r}")
        self._close()

    def _close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, name):
        if self._connection is None:
            self._connection = (
                http.client.HTTPSConnection("127.0.0.1", self._port, timeout=30,
                                            context=self._trust)
                if self._trust else
                http.client.HTTPConnection("127.0.0.1", self._port, timeout=30))
        kind = self._random.choices(("whole", "gzip", "changed?", "part", "head"),
                                    (60, 10, 10, 15, 5))[0]
        tag, body = self._bodies.get(name, (None, b""))
        headers, span = {}, None
        if kind == "gzip":
            headers["Accept-Encoding"] = "gzip"
        elif kind == "changed?" and tag:
            headers["If-None-Match"] = tag
        elif kind == "part" and tag and len(body) > 1:
            first = self._random.randrange(len(body) - 1)
            span = (first, self._random.randrange(first, len(body)))
            headers |= {"Range": f"bytes={span[0]}-{span[1]}", "If-Range": tag}
        asked = time.monotonic()
        self._connection.request("HEAD" if kind == "head" else "GET", f"/{name}", headers=headers)
        answer = self._connection.getresponse()
        received = answer.read()
        self._tally.count(f"status {answer.status}")
        self._tally.count("bytes", len(received))
        if answer.getheader("Connection") == "close":
            self._close()
        if kind != "head":
            self._judge(name, answer, received, asked, span, (tag, body))

    def _judge(self, name, answer, received, asked, span, known):
        tag = answer.getheader("ETag")
        if answer.status == 200:
            encoding = answer.getheader("Content-Encoding")
            objection = self._files.objection(name, received, encoding,
                                              asked - self._stale_seconds)
            if encoding is None:
                self._bodies[name] = (tag, received)
        elif answer.status == 304:
            objection = None if tag == known[0] else "304 with another entity tag"
        elif answer.status == 206:
            objection = self._judge_part(name, received, span, known, tag)
        elif answer.status == 404:
            objection = None if name in self._files.flickering else "is missing"
        else:
            objection = f"status {answer.status}"
        if objection:
            self._tally.fail(f"{name} ({answer.status}, {tag}): {objection}")

    def _judge_part(self, name, received, span, known, tag):
        if span is None or tag != known[0]:
            return "206 of another version than the one that was asked for"
        if name in self._files.rewritten:
            return None
        return None if received == known[1][span[0]:span[1] + 1] else "206 with other bytes"


class RudeClient:
    """Leaves in the middle, sends halves of requests, reads slowly, resets."""

    def __init__(self, files, port, tally, seed, trust=None):
        self._trust = trust
        self._names = files.exact() + files.rewritten
        self._port = port
        self._tally = tally
        self._random = random.Random(seed)
        self._manners = (self._leave_early, self._send_half, self._send_rubbish, self._ask_ahead,
                         self._read_slowly)

    def run_until(self, stop):
        while not stop.wait(0.01):
            manner = self._random.choice(self._manners)
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=30) as peer:
                    if self._trust and self._random.random() < 0.8:  # Else rude to TLS itself.
                        with self._trust.wrap_socket(
                                peer, server_hostname="127.0.0.1",
                                suppress_ragged_eofs=False) as secure:
                            manner(secure)
                    else:
                        manner(peer)
                    if self._random.random() < 0.5:  # A reset instead of an orderly end.
                        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                        struct.pack("ii", 1, 0))
            except (OSError, ValueError):
                pass  # Being thrown out is what it has to expect.
            self._tally.count("rude connections")

    def _request(self):
        name = self._random.choice(self._names)
        return f"GET /{name} HTTP/1.1\r\nHost: soak\r\n\r\n".encode()

    def _leave_early(self, peer):
        peer.sendall(self._request())
        peer.recv(self._random.randint(1, 5000))

    def _send_half(self, peer):
        request = self._request()
        peer.sendall(request[:self._random.randrange(1, len(request))])
        time.sleep(self._random.random() * 0.05)

    def _send_rubbish(self, peer):
        peer.sendall(self._random.randbytes(self._random.randint(1, 3000)))
        peer.recv(2000)

    def _ask_ahead(self, peer):
        peer.sendall(b"".join(self._request() for _ in range(20)))
        peer.recv(100_000)

    def _read_slowly(self, peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.sendall(self._request())
        for _ in range(5):
            peer.recv(1000)
            time.sleep(0.02)
