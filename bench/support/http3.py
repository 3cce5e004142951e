"""HTTP/3: our own client as the load, for all servers alike, and an nginx that speaks it.

Debian 12's nginx has no HTTP/3; tools/peers/setup installs Debian's newest one in a chroot."""

import json
import os
import pathlib
import subprocess

from support import tls
from support.places import WORK, work_folder

_PEERS = pathlib.Path(os.environ.get("RINGWAY_PEERS") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "ringway/peers")
_CHROOT = _PEERS / "sid"
_NGINX = "usr/sbin/nginx"

# All paths of a benchmark are the same inside. The mounts are the command's own and end with it.
_ENTER = ('mkdir -p "$0/$1" && mount --bind "$1" "$0/$1" && mount -t proc proc "$0/proc" && '
          'mount --bind /dev "$0/dev" && shift && exec chroot "$0" "$@"')

LISTEN = "    listen 127.0.0.1:{port} quic{reuseport};\n    http3 on; http2 on;\n"
# For a whole server: as many streams as the load wants, and segments for the kernel to cut.
LIMITS = "  http3_max_concurrent_streams 256;\n  quic_gso on;\n"


def nginx_missing():
    """Why there is no nginx to compare with; None when there is one."""
    if not (_CHROOT / _NGINX).exists():
        return "Debian 12's nginx has no HTTP/3; tools/peers/setup installs one that has"
    return None if os.geteuid() == 0 else "it runs in a chroot, which takes root"


def nginx_command(*arguments):
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, _CHROOT, WORK,
            f"/{_NGINX}", *arguments]


def command(binary, url, connections, streams, seconds):
    return [binary, "get", "--http3", "--cacert", tls.pair()[0], "--bench", "--json",
            "-c", str(connections), "-m", str(streams), "-d", f"{seconds}s", url]


def parse(text):
    """(requests, requests per second, p99 in microseconds, requests that failed)"""
    said = json.loads(text)
    return (said["requests"], said["requests_per_s"], said["latency_s"]["p99"] * 1e6,
            said["failed"] + said["statuses_400_and_more"])


def fetch(binary, url):
    """The body that the server answers with."""
    path = work_folder("http3") / "body"
    path.unlink(missing_ok=True)
    done = subprocess.run([binary, "get", "-q", "--http3", "--cacert", tls.pair()[0], "-o", path,
                           url], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return path.read_bytes()
