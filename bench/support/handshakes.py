"""openssl s_time, which makes one connection after the other: the cost of a handshake."""

import re

from support.tls import CIPHER


def command(host, port, path, seconds, resumed):
    """Each connection asks for `path` once. Resumed: all but the first use its session."""
    return ["openssl", "s_time", "-connect", f"{host}:{port}", "-reuse" if resumed else "-new",
            "-tls1_3", "-ciphersuites", CIPHER, "-www", path, "-time", str(seconds)]


def parse(text, resumed):
    """(handshakes, handshakes per second, None, failed)"""
    found = re.findall(r"(\d+) connections in (\d+) real seconds", text)
    if not found:
        raise RuntimeError(f"no result from openssl s_time: {text.strip()[-400:]}")
    count, seconds = map(int, found[-1])
    if resumed and "ERROR" in text:
        raise RuntimeError(f"sessions are not resumed: {text.strip()[-400:]}")
    return count, count / max(1, seconds), None, 0
