"""The echo servers that ringway's runtime is compared with, and the load generator."""

import subprocess
import sys

from support.places import BENCH, PROJECT, work_folder
from support.servers import Server

SOURCES = BENCH / "echo_peers"
PEERS = {"uring": "liburing, C", "epoll": "epoll, C"}

# liburing's header wants kernel headers that an older system lacks.
_FLAGS = ["-O2", "-g", "-std=gnu17", "-Wall", "-Wextra", "-idirafter", PROJECT / "cmake/compat"]


def build():
    """Compiles the C programs of bench/echo_peers."""
    for name in ("echo_epoll", "echo_uring", "echo_load"):
        libraries = ["-luring"] if name == "echo_uring" else []
        argv = ["cc", *_FLAGS, SOURCES / f"{name}.c", "-o", program(name), *libraries]
        done = subprocess.run([str(word) for word in argv], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"cc can't compile {name}.c:\n{done.stderr}")


def program(name):
    return work_folder("echo") / name


def ringway(binary, port, options=()):
    return Server("ringway", [binary, "--port", port, "--shards", 1, *options], port)


def peer(name, port):
    return Server(name, [program(f"echo_{name}"), port], port)


def load(port, connections, size, seconds):
    return [str(program("echo_load")), str(port), str(connections), str(size), str(seconds)]
