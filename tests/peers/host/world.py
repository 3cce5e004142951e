"""What one case works with: a folder of its own, files, a certificate, and what it has started."""

import contextlib
import hashlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile

from host import peers
from host.case import Failed, check

# Sizes on both sides of what a server caches, and of windows.
FILES = {"index.html": 6, "small.txt": 100, "medium.bin": 1 << 20, "large.bin": 10 << 20}
SMALL_FILES = 2000


class World(contextlib.ExitStack):
    """Everything in it ends with the `with` block, whatever happened."""

    def __init__(self, binary, server_name, verbose=False):
        super().__init__()
        self.binary, self.server_name, self.verbose = binary, server_name, verbose
        self.server = None
        self.notes = []  # Facts for the report.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ringway-peers-"))
        self.folder.chmod(0o755)  # nginx's worker reads it as somebody else.
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.site = self.folder / "site"
        self.make_site()

    def make_site(self):
        self.site.mkdir()
        for name, size in FILES.items():
            (self.site / name).write_bytes(pattern(name, size))
        (self.site / "many").mkdir()
        for number in range(SMALL_FILES):
            (self.site / "many" / f"{number}.txt").write_bytes(pattern(str(number), 32))

    def make_certificate(self, name="cert", days=30, subject="localhost", names=0):
        """A self-signed P-256 certificate; yields its file and that of the key. `names` more names
        make it larger than what a server may send to an address that is not validated."""
        more = "".join(f",DNS:a-name-that-makes-it-large-{n}.example" for n in range(names))
        files = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        self.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-days", str(days), "-subj",
                  f"/CN={subject}", "-addext",
                  f"subjectAltName=DNS:{subject},IP:127.0.0.1,IP:::1{more}",
                  "-keyout", files[1], "-out", files[0]])
        return files

    def spawn(self, command, env=None, log="peer.log"):
        """Starts a program that is killed at the end of the world; its output is in `log`."""
        with open(self.folder / log, "ab") as output:
            child = subprocess.Popen([str(part) for part in command], stdout=output,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env,
                                     start_new_session=True)
        child.log = self.folder / log
        self.callback(end, child)
        return child

    def run(self, command, seconds=60, env=None, accept=(0,)):
        """Runs a program to its end; yields it with what it said as text."""
        command = [str(part) for part in command]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                              stdin=subprocess.DEVNULL, start_new_session=True) as child:
            try:
                out, err = child.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                out, err = child.communicate()
                raise Failed(f"{command[0]} does not end within {seconds} s: "
                             f"{tail(out)} {tail(err)}") from None
        ended = subprocess.CompletedProcess(command, child.returncode, out, err)
        if accept is not None and child.returncode not in accept:
            raise Failed(f"exit status {child.returncode} of {' '.join(command[-12:])}: "
                         f"{tail(out)} {tail(err)}")
        return ended

    def in_sid(self, *arguments, **more):
        return self.run(peers.sid_command(self.folder, *arguments), **more)

    def content(self, path):
        return (self.site / path.lstrip("/")).read_bytes()

    def same(self, path, data, what="what arrived"):
        """Fails unless `data` is the file at `path`, byte by byte."""
        wanted = self.content(path)
        check(data == wanted, f"{what} differs from {path}: {len(data)} of {len(wanted)} bytes, "
              f"{hashlib.sha256(data).hexdigest()[:12]}")


def pattern(name, size):
    """Bytes that tell files apart and repeat nowhere; text for small ones."""
    if name == "index.html":
        return b"hello\n"
    return random.Random(name).randbytes(size)


def tail(data, most=600):
    return data.decode(errors="replace").replace("\0", "")[-most:].strip()


def free_port():
    """A port that is free for UDP and TCP at this moment."""
    for _ in range(100):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as tcp:
            udp.bind(("::", 0))
            with contextlib.suppress(OSError):
                tcp.bind(("::", udp.getsockname()[1]))
                return udp.getsockname()[1]
    raise Failed("no port is free for TCP and UDP")


def end(child):
    """Ends a program and its group: asks first, then does not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
            return
