"""Where things are. Everything that a benchmark writes goes below build/bench."""

import fcntl
import pathlib
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BENCH = PROJECT / "bench"
WORK = PROJECT / "build/bench"


def work_folder(name):
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def take_turn():
    """Two measurements at once would measure each other: waits until no other one runs here. The
    turn lasts as long as what is returned."""
    WORK.mkdir(parents=True, exist_ok=True)
    handle = open(WORK / "measuring.lock", "w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another measurement is running; waiting for it", file=sys.stderr)
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle
