"""A path of UDP datagrams with faults, between one client and a server, on loopback."""

import dataclasses
import heapq
import random
import select
import socket
import threading
import time


@dataclasses.dataclass
class Faults:
    """What the path does. `index` counts the datagrams of a direction from 1."""
    delay: float = 0.0             # Seconds, each way.
    rate: float = 0.0              # Bytes per second, each way; 0: no limit.
    queue: int = 40_000            # Bytes that wait for their turn at most; then they are lost.
    loss: float = 0.0              # Probability of a datagram being lost, each way.
    corruption: float = 0.0        # Probability of one bit being changed.
    burst: int = 3                 # How many in a row are lost or changed at most.
    drop_from_client: tuple = ()   # Indices.
    blackholes: tuple = ()         # (begin, end) in seconds after the first datagram.
    rebind_port: float = 0.0       # Every so many seconds the server sees another port.
    rebind_address: float = 0.0    # Every so many seconds another address, of 127/8.
    seed: int = 1


@dataclasses.dataclass
class Counters:
    from_client: int = 0
    from_server: int = 0
    bytes_from_client: int = 0   # That were let through.
    bytes_from_server: int = 0   # That the server has sent, whatever became of them.
    lost: int = 0
    corrupted: int = 0
    rebinds: int = 0
    # What the server had sent for each byte of the client's first datagrams, at its worst.
    amplification: float = 0.0


class Relay(threading.Thread):
    """Listens on `port` of `host`; ends with the `with` block."""

    def __init__(self, server, faults):
        super().__init__(daemon=True)
        self.faults, self.counters = faults, Counters()
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        self.family, self.server_address = family, (server.host, server.port)
        self.host = server.host
        self.inner = self.socket()
        self.inner.bind((server.host, 0))
        self.port = self.inner.getsockname()[1]
        self.outers = [self.socket()]
        self.client = None
        self.random = random.Random(faults.seed)
        self.waiting, self.order = [], 0   # A heap of (when, order, socket, data, address).
        self.free_at = [0.0, 0.0]          # When the link of each direction is free.
        self.bursts = [0, 0, 0, 0]       # Losses and changes in a row, each way.
        self.began = None
        self.rebound_at = 0.0
        self.ending = threading.Event()

    def socket(self):
        made = socket.socket(self.family, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        return made

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join(5)
        for each in (self.inner, *self.outers):
            each.close()

    def run(self):
        while not self.ending.is_set():
            pause = 0.05
            if self.waiting:
                pause = max(0.0, min(pause, self.waiting[0][0] - time.monotonic()))
            ready = select.select([self.inner, *self.outers], [], [], pause)[0]
            for each in ready:
                self.receive(each)
            self.deliver()

    def receive(self, each):
        for _ in range(64):
            try:
                data, address = each.recvfrom(65536, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionRefusedError):
                return
            now = time.monotonic()
            if each is self.inner:
                self.client = address
                self.began = self.began or now
                self.rebind(now)
                self.from_client(data, now)
            else:
                self.from_server(data, now)

    def from_client(self, data, now):
        self.counters.from_client += 1
        if self.counters.from_client in self.faults.drop_from_client:
            self.counters.lost += 1
        elif self.pass_on(0, data, now):
            self.counters.bytes_from_client += len(data)

    def from_server(self, data, now):
        self.counters.from_server += 1
        self.counters.bytes_from_server += len(data)
        if self.counters.from_client <= max(self.faults.drop_from_client, default=1):
            ratio = self.counters.bytes_from_server / max(1, self.counters.bytes_from_client)
            self.counters.amplification = max(self.counters.amplification, ratio)
        self.pass_on(1, data, now)

    def pass_on(self, way, data, now):
        """Puts a datagram on its way, or does not. Whether it did."""
        if self.is_lost(way, now):
            self.counters.lost += 1
            return False
        if self.strikes(2 + way, self.faults.corruption):
            at = self.random.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1:]
            self.counters.corrupted += 1
        begins = max(now, self.free_at[way])
        if self.faults.rate:
            if (begins - now) * self.faults.rate > self.faults.queue:
                self.counters.lost += 1
                return False
            self.free_at[way] = begins + len(data) / self.faults.rate
            begins = self.free_at[way]
        self.order += 1
        heapq.heappush(self.waiting, (begins + self.faults.delay, self.order, way, data))
        return True

    def is_lost(self, way, now):
        if any(begin <= now - self.began < end for begin, end in self.faults.blackholes):
            return True
        return self.strikes(way, self.faults.loss)

    def strikes(self, kind, probability):
        """Draws a lot; never more than `burst` times in a row it is the bad one."""
        bad = self.bursts[kind] < self.faults.burst and self.random.random() < probability
        self.bursts[kind] = self.bursts[kind] + 1 if bad else 0
        return bad

    def deliver(self):
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now:
            _, _, way, data = heapq.heappop(self.waiting)
            try:
                if way == 0:
                    self.outers[0].sendto(data, self.server_address)
                else:
                    self.inner.sendto(data, self.client)
            except OSError:
                self.counters.lost += 1

    def rebind(self, now):
        """Makes the server see the client at another port or address, when it is time."""
        every = self.faults.rebind_port or self.faults.rebind_address
        if not every or now - max(self.began, self.rebound_at) < every:
            return
        self.rebound_at = now
        self.counters.rebinds += 1
        fresh = self.socket()
        if self.faults.rebind_address:
            fresh.bind((f"127.0.{self.counters.rebinds % 250 + 1}.1", 0))
        self.outers.insert(0, fresh)
