"""Where the peers are that tools/peers/setup installs, and how to run them."""

import functools
import os
import pathlib
import shutil
import subprocess

from host.case import Skipped

HERE = pathlib.Path(__file__).resolve().parent.parent
FOLDER = pathlib.Path(os.environ.get("RINGWAY_PEERS") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "ringway/peers")
SID = FOLDER / "sid"
HINT = "./dev test --peers installs it"

# Mounts are the command's own and end with it. Every step is an exec: signals reach the command.
ENTER = ('mkdir -p "$0/suite" "$0/case" && '
         'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && '
         'mount --bind "$1" "$0/suite" && mount --bind "$2" "$0/case" && shift 2 && '
         'exec chroot "$0" env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin '
         'PYTHONDONTWRITEBYTECODE=1 HOME=/tmp "$@"')

IN_SID = {"nginx": "usr/sbin/nginx", "caddy": "usr/bin/caddy", "curl": "usr/bin/curl",
          "aioquic": "usr/lib/python3/dist-packages/aioquic"}


def sid_command(work, *arguments):
    """A command line that runs in the chroot, with this suite as /suite and `work` as /case."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, str(SID),
            str(HERE), str(work), *map(str, arguments)]


def ngtcp2_program(name):
    """Path and environment of gtlsclient or gtlsserver."""
    [path] = (FOLDER / "ngtcp2/usr").glob(f"*bin/{name}")
    libraries = ":".join(str(found) for found in (FOLDER / "ngtcp2/usr/lib").glob("*-linux-gnu"))
    return str(path), {**os.environ, "LD_LIBRARY_PATH": libraries}


def quiche_module():
    return FOLDER / "npm/node_modules/@currentspace/http3/dist/index.js"


@functools.cache
def reason(peer):
    """Why a peer can't be used here; None if it can."""
    if peer in IN_SID:
        if not (SID / IN_SID[peer]).exists():
            return f"there is no {peer} in {SID}: {HINT}"
        if os.geteuid() != 0:
            return f"{peer} runs in a chroot, and this is not root"
        return None
    if peer == "ngtcp2":
        found = list((FOLDER / "ngtcp2/usr").glob("bin/gtlsclient"))
        return None if found else f"there is no gtlsclient in {FOLDER}: {HINT}"
    if peer == "quiche":
        if not quiche_module().exists():
            return f"there is no quiche in {FOLDER}/npm: {HINT}"
        return None if shutil.which("node") else "there is no node here to run quiche"
    if peer == "chromium":
        return chromium_reason()
    raise KeyError(peer)


def chromium_reason():
    program = shutil.which("chromium-headless-shell")
    if not program:
        return f"there is no chromium-headless-shell: {HINT}"
    ended = subprocess.run([program, "--no-sandbox", "--version"], capture_output=True,
                           timeout=60, check=False)
    return None if ended.returncode == 0 else "chromium-headless-shell does not run here"


def require(*peers):
    for peer in peers:
        if why := reason(peer):
            raise Skipped(why)
