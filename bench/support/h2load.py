"""h2load, for what goes over TLS: its command line, and what it says."""

import re

from support.tls import CIPHER, GROUP


def command(url, connections, streams, seconds, threads=1):
    """`streams` at a time on each connection over HTTP/2; 0: HTTP/1.1."""
    version = ["-m", str(streams)] if streams else ["--h1"]
    return ["h2load", f"--tls13-ciphers={CIPHER}", f"--groups={GROUP}", f"-t{threads}",
            f"-c{connections}", *version, f"-D{seconds}", url]


def parse(text):
    """(requests, requests per second, None, requests that failed): it knows no percentiles."""
    finished = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, "
                         r"(\d+) failed, (\d+) errored", text)
    rate = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", text)
    codes = re.search(r"status codes: (\d+) 2xx", text)
    if not finished or not rate or not codes:
        raise RuntimeError(f"no result from h2load: {text.strip()[-400:]}")
    done, succeeded, failed, errored = map(int, finished.groups())
    return succeeded, float(rate[1]), None, failed + errored + max(0, done - int(codes[1]))
