"""The files of a soak run, what changes them, and how to tell which version a body is.

A version says in its first line whose it is, its number and its size; the bytes behind that line
follow from it. A mixture of two versions, however small, therefore has a wrong digest."""

import dataclasses
import hashlib
import itertools
import os
import pathlib
import random
import shutil
import threading
import time

CHANGE_PAUSE_SECONDS = 0.02
SMALL_BYTES, LARGE_BYTES = (200, 60_000), (80_000, 600_000)  # Kept in memory by the cache, and not.
LETTERS = b"abcdefghijklmnopqrstuvwxyz"


def digest(body):
    return hashlib.blake2b(body, digest_size=16).digest()


@dataclasses.dataclass
class Version:
    digest: bytes
    gone: float | None = None  # When it was replaced or deleted.


class Catalogue:
    """Every version that ever existed. Any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._versions = {}  # (name, number): Version
        self._newest = {}  # name: number
        self._current = {}  # name: number, while the file exists

    def make(self, name, size):
        """The bytes of a new version of `name`. It may be served from now on."""
        with self._lock:
            number = self._newest[name] = self._newest.get(name, 0) + 1
        line = f"ringway soak: {name} version {number} of {size} bytes\n".encode()
        body = line + random.Random(line).randbytes(max(size - len(line), 0))
        with self._lock:
            self._versions[name, number] = Version(digest(body))
        return body

    def published(self, name):
        """The newest version is the current one now, and the one before it is gone."""
        with self._lock:
            self._retire(name)
            self._current[name] = self._newest[name]

    def removed(self, name):
        with self._lock:
            self._retire(name)

    def _retire(self, name):
        number = self._current.pop(name, None)
        if number is not None:
            self._versions[name, number].gone = time.monotonic()

    def objection(self, name, body, not_gone_before):
        """Why `body` is no version of `name` that existed at that time or later; None if it is."""
        words = body[:200].partition(b"\n")[0].decode(errors="replace").split()
        if len(words) != 8 or words[:2] != ["ringway", "soak:"]:
            return "does not begin like a version"
        if words[2] != name:
            return f"is a version of {words[2]}"
        with self._lock:
            version = self._versions.get((name, int(words[4])))
        if version is None:
            return f"says that it is version {words[4]}, which never existed"
        if version.digest != digest(body):
            return f"begins like version {words[4]} and is not: torn or damaged"
        if version.gone is not None and version.gone < not_gone_before:
            return f"is version {words[4]}, gone {not_gone_before - version.gone:.1f} s too long"
        return None


class Files:
    """A tree that changes all the time, below `root`.

    replaced/     by rename: exact, and never missing
    flickering/   deleted, and made again by rename: exact, or 404
    deployed/     behind a symbolic link that is switched to another directory: exact
    rewritten/    written in place, truncated, grown again. No server can promise one version of
                  these: the kernel lets a reader see a write half done, and what truncation cuts
                  off may read as zeros. So a version of them is one letter over and over, and a
                  body may hold any letters, and zeros, but nothing else.
    """

    def __init__(self, root, seed):
        self.root = pathlib.Path(root)
        self.catalogue = Catalogue()
        self.changes = 0
        self._random = random.Random(seed)
        self._release = 0
        self.replaced = [f"replaced/{kind}-{number}.bin" for kind in ("small", "large")
                         for number in range(8)] + ["replaced/text.txt"]
        self.variant = "replaced/text.txt.gz"  # Served for the one before it where gzip is wanted.
        self.flickering = [f"flickering/{kind}-{number}.bin" for kind in ("small", "large")
                           for number in range(3)]
        self.deployed = [f"deployed/current/{kind}.bin" for kind in ("small", "large")]
        self.rewritten = [f"rewritten/{number}.bin" for number in range(4)]
        self._make()
        # Each change takes the file that has rested longest, so that no two versions of a file
        # get the same time stamp: kernels count in steps of up to 10 ms.
        self._turns = [
            (60, self._put, itertools.cycle([*self.replaced, self.variant])),
            (15, self._flicker, itertools.cycle(self.flickering)),
            (23, self._rewrite, itertools.cycle(self.rewritten)),
            (2, self._deploy, itertools.cycle([None])),
        ]

    def exact(self):
        """The names whose bodies are versions, whole and true."""
        return self.replaced + self.flickering + self.deployed

    def objection(self, name, body, encoding, not_gone_before):
        """Why `body` must not be the answer for `name`; None if it may."""
        if name in self.rewritten:
            wrong = set(body) - set(LETTERS) - {0}
            return f"holds bytes that nobody wrote: {sorted(wrong)[:4]}" if wrong else None
        if encoding == "gzip":
            name = self.variant
        return self.catalogue.objection(name, body, not_gone_before)

    def change_until(self, stop):
        """Changes one thing after the other until the event `stop`."""
        weights = [weight for weight, _, _ in self._turns]
        while not stop.wait(CHANGE_PAUSE_SECONDS):
            _, change, names = self._random.choices(self._turns, weights)[0]
            change(next(names))
            self.changes += 1

    def _make(self):
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("replaced", "flickering", "deployed", "rewritten", ".new"):
            (self.root / folder).mkdir(parents=True)
        for name in [*self.replaced, self.variant, *self.flickering]:
            self._put(name)
        self._deploy(None)
        for name in self.rewritten:
            (self.root / name).write_bytes(LETTERS[:1] * 300_000)

    def _body(self, name):
        size = self._random.randint(*(LARGE_BYTES if "large" in name else SMALL_BYTES))
        return self.catalogue.make(name, size)

    def _put(self, name):
        fresh = self.root / ".new/file"
        fresh.write_bytes(self._body(name))
        os.rename(fresh, self.root / name)
        self.catalogue.published(name)

    def _flicker(self, name):
        if (self.root / name).exists():
            (self.root / name).unlink()
            self.catalogue.removed(name)
        else:
            self._put(name)

    def _deploy(self, _):
        """What deployment tools do: a new directory, then the link to it is replaced at once."""
        self._release += 1
        folder = self.root / f"deployed/release-{self._release}"
        folder.mkdir()
        for name in self.deployed:
            (folder / pathlib.Path(name).name).write_bytes(self._body(name))
        link = self.root / ".new/link"
        link.symlink_to(folder.name)
        os.rename(link, self.root / "deployed/current")
        for name in self.deployed:
            self.catalogue.published(name)
        shutil.rmtree(self.root / f"deployed/release-{self._release - 1}", ignore_errors=True)

    def _rewrite(self, name):
        with open(self.root / name, "r+b") as file:
            if self._random.random() < 0.5:
                file.truncate(self._random.randint(0, 200_000))
            letter = self._random.choice(LETTERS)
            file.write(bytes([letter]) * self._random.randint(1, 400_000))
