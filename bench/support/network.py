"""A loopback of our own: a network namespace with a known congestion control."""

import ctypes
import fcntl
import os
import pathlib
import socket
import struct
import subprocess

CONGESTION_CONTROL = "cubic"

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_SETTINGS = {"ip_local_port_range": "10240 65535", "tcp_tw_reuse": "1"}


def isolate():
    """Moves this process, and so all that it starts, into a network namespace of its own, which
    goes away with it. Returns one line that says what the network is now.

    Needs root: elsewhere the measurement stays on the loopback that is there, with whatever
    congestion control the machine has (some default to BBR, which paces even loopback)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        why = os.strerror(ctypes.get_errno())
        return f"the machine's loopback, {_default_congestion_control()} (no namespace: {why})"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh", b"lo", _IFF_UP)
        fcntl.ioctl(control, _SIOCSIFFLAGS, request)
    for name, value in _SETTINGS.items():
        _set_sysctl(f"ipv4/{name}", value)
    _set_sysctl("core/somaxconn", "4096")
    return f"loopback of a network namespace, {_choose_congestion_control()}"


def _choose_congestion_control():
    if _set_sysctl("ipv4/tcp_congestion_control", CONGESTION_CONTROL):
        return CONGESTION_CONTROL
    # A namespace may be denied what the machine does not allow everybody; its routes are its own.
    for route in ("127.0.0.0/8", "127.0.0.1"):
        done = subprocess.run(
            ["ip", "route", "replace", "table", "local", "local", route, "dev", "lo", "proto",
             "kernel", "scope", "host", "src", "127.0.0.1", "congctl", CONGESTION_CONTROL],
            capture_output=True, check=False)
        if done.returncode != 0:
            return _default_congestion_control()
    return CONGESTION_CONTROL


def _set_sysctl(name, value):
    try:
        pathlib.Path("/proc/sys/net", name).write_text(value, encoding="ascii")
    except OSError:
        return False
    return True


def _default_congestion_control():
    path = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")
    return path.read_text(encoding="ascii").strip()
