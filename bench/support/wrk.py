"""wrk: its command line, and what it says."""

import re

from support.places import BENCH

MANY_SCRIPT = BENCH / "support/many.lua"

_MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}


def command(url, connections, seconds, threads=1, script=None):
    argv = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
    return [*argv, *(["-s", str(script)] if script else []), url]


def parse(text):
    """(requests, requests per second, p99 in microseconds, requests that failed)"""
    count = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)",
                       text)
    if not count or not rate:
        raise RuntimeError(f"no result from wrk: {text.strip()[-400:]}")
    failed = (int(refused[1]) if refused else 0) + \
        (sum(map(int, broken.groups())) if broken else 0)
    return (int(count[1]), float(rate[1]), percentile(text, 99), failed)


def percentile(text, percent):
    """In microseconds; of 50, 75, 90 and 99."""
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)", text, re.M)
    return float(found[1]) * _MICROSECONDS[found[2]] if found else None
