"""The server under a soak run: what it holds, and whether it gives that back."""

import dataclasses
import os
import statistics
import threading
import time
import urllib.request

from support import machine

RSS_GROWTH_BYTES_MAX = 8 * 2**20  # Beside a tenth: allocators do not return every page.
DESCRIPTOR_GROWTH_MAX = 8


@dataclasses.dataclass
class Sample:
    at: float  # Seconds since the begin.
    rss: int
    descriptors: int


def descriptors(pid):
    """What each open descriptor of the process leads to."""
    targets = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            targets.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except OSError:
            pass  # Closed meanwhile.
    return targets


def sockets(pid):
    return sum(target.startswith("socket:") for target in descriptors(pid))


class Watch(threading.Thread):
    """Samples the process every half second until stopped."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.samples = []
        self._pid = pid
        self._begun = time.monotonic()
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(0.5):
            try:
                self.samples.append(Sample(time.monotonic() - self._begun,
                                           machine.resident_bytes(self._pid),
                                           len(descriptors(self._pid))))
            except OSError:
                return  # The process is gone; its exit status tells.

    def stop(self):
        self._ended.set()
        self.join()

    def objections(self):
        """Compares the last fifth of the run with the second: by then everything is warm."""
        if len(self.samples) < 10:
            return ["too few samples to see growth"]
        fifth = len(self.samples) // 5
        early, late = self.samples[fifth:2 * fifth], self.samples[-fifth:]
        rss = [statistics.median(one.rss for one in part) for part in (early, late)]
        held = [min(one.descriptors for one in part) for part in (early, late)]
        print(f"resident memory {rss[0] / 2**20:.1f} MB after warm-up, {rss[1] / 2**20:.1f} MB at "
              f"the end; descriptors at least {held[0]} and {held[1]}")
        found = []
        if rss[1] > rss[0] * 1.1 + RSS_GROWTH_BYTES_MAX:
            found.append("resident memory grows")
        if held[1] > held[0] + DESCRIPTOR_GROWTH_MAX:
            found.append("open descriptors grow")
        return found


def wait_for_idle(pid, admin_port, sockets_before, seconds):
    """Waits until the server holds no connection; what it still holds, as objections."""
    deadline = time.monotonic() + seconds
    while True:
        held = sockets(pid) - sockets_before
        under_way = metric(admin_port, "ringway_http_requests_in_flight")
        if held <= 0 and under_way == 0:
            return []
        if time.monotonic() > deadline:
            return [f"{held} sockets and {under_way:.0f} requests are left"]
        time.sleep(0.2)


def metric(admin_port, name):
    """The sum of the samples of a metric."""
    url = f"http://127.0.0.1:{admin_port}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    values = [float(line.rpartition(" ")[2]) for line in lines
              if line.startswith((f"{name} ", f"{name}{{"))]
    if not values:
        raise RuntimeError(f"no metric {name}")
    return sum(values)
