"""Starting and stopping what is measured."""

import contextlib
import dataclasses
import os
import resource
import signal
import socket
import subprocess
import time

from support.places import work_folder

START_SECONDS_MAX = 15
STOP_SECONDS_MAX = 5


@dataclasses.dataclass
class Server:
    """A program that listens on 127.0.0.1:`port`; `argv` keeps it in the foreground."""
    name: str
    argv: list
    port: int
    version: str = ""


def tail(log):
    return log.read_text(errors="replace").strip()[-1000:]


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(server, cores):
    """Runs `server` on `cores`, from when its port answers; yields the process id."""
    if is_listening(server.port):
        raise RuntimeError(f"{server.name}: port {server.port} is in use")
    log = work_folder("log") / f"{server.name.replace('/', '_')}.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in server.argv], stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, preexec_fn=lambda: _prepare(cores))
    try:
        _wait_for_port(server, process, log)
        yield process.pid
    finally:
        died = process.poll()
        _stop(process)
        if died is not None:
            raise RuntimeError(f"{server.name} ended by itself, status {died}; it said:\n"
                               f"{tail(log)}")


def _prepare(cores):
    os.sched_setaffinity(0, cores)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _wait_for_port(server, process, log):
    deadline = time.monotonic() + START_SECONDS_MAX
    while not is_listening(server.port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.name} does not listen on port {server.port}; it said:\n"
                               f"{tail(log)}")
        time.sleep(0.02)


def _stop(process):
    """Asks for the end, insists after a while, and takes along what the process left behind. The
    group is the server's own: `running` made it a session."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
