"""The directory that every server serves: a file of 4 KB, one of 1 MB, 10,000 different small ones.

They stay in the page cache while they are measured: some machines throw out what was not used for
a minute, so everything is read again before each measurement."""

import pathlib
import random

from support.places import work_folder

MANY = 10_000
SMALL_BYTES = 4096
LARGE_BYTES = 1024 * 1024


def make():
    """Makes what is missing of it; the directory."""
    folder = work_folder("site")
    (folder / "many").mkdir(exist_ok=True)
    wanted = {"4k.bin": SMALL_BYTES, "1m.bin": LARGE_BYTES}
    wanted |= {f"many/{number:05}.bin": SMALL_BYTES for number in range(MANY)}
    for name, size in wanted.items():
        path = folder / name
        if not path.exists() or path.stat().st_size != size:
            path.write_bytes(random.Random(name).randbytes(size))
    return folder


def warm(folder):
    """Reads every file, so that it is in the page cache."""
    for path in pathlib.Path(folder).rglob("*.bin"):
        path.read_bytes()
