"""The machine under a measurement: its facts, and who used its processors meanwhile."""

import ctypes
import dataclasses
import os
import pathlib
import platform
import resource
import subprocess
import time

from support.places import PROJECT

OTHERS_PERCENT_MAX = 10  # Of one core: a round in which others used more is not clean.
LOAD_PERCENT_MAX = 95  # Above it the load generator, not the server, sets the rate.

_libc = ctypes.CDLL(None, use_errno=True)


def process_seconds(pid):
    """CPU seconds of all threads that a process has or had, io_uring's workers among them.

    This clock counts in nanoseconds, where the times in /proc/PID/stat may be sampled. Zero when
    the process is gone."""
    clock = ctypes.c_int()
    if _libc.clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        return 0.0
    try:
        return time.clock_gettime(clock.value)
    except OSError:
        return 0.0


def stat_fields(pid):
    """The fields of /proc/PID/stat behind the name of the program; None when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except (OSError, IndexError):
        return None


def process_tree(pid):
    """A process and all that it started, children of children included."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        fields = stat_fields(entry.name) if entry.name.isdigit() else None
        if fields:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for parent in found:  # Grows while it is read.
        found += children.get(parent, [])
    return found


def resident_bytes(pid):
    """Resident memory of a process and all that it started."""
    total = 0
    for each in process_tree(pid):
        fields = stat_fields(each)
        total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0
    return total


def busy_seconds():
    """CPU seconds that the whole machine has used, those the hypervisor took away included."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    idle, waiting = ticks[3], ticks[4]
    return (sum(ticks) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclasses.dataclass
class Usage:
    """CPU seconds that were used while a command ran. On a kernel that accounts interrupts apart
    (IRQ_TIME_ACCOUNTING) network interrupts count as `others`."""
    wall: float
    server: float
    load: float
    others: float

    def percent(self, who):
        """Of one core."""
        return getattr(self, who) / self.wall * 100


def run_load(argv, server_pid, cores):
    """Runs a load generator on `cores` to its end; its output, and who used how much meanwhile."""
    before = {pid: process_seconds(pid) for pid in process_tree(server_pid)}
    load0, busy0, wall0 = children_seconds(), busy_seconds(), time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores))
    wall, load = time.monotonic() - wall0, children_seconds() - load0
    busy = busy_seconds() - busy0
    server = sum(max(0.0, process_seconds(pid) - before.get(pid, 0.0))
                 for pid in {*before, *process_tree(server_pid)})
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed ({done.returncode}): {done.stderr.strip()[-400:]}")
    return done.stdout, Usage(wall, server, load, max(0.0, busy - server - load))


def facts():
    """What a reader of figures has to know of the machine that they come from."""
    def value(path, key):
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            name, separator, rest = line.replace("=", ":", 1).partition(":")
            if separator and name.strip() == key:
                return rest.strip().strip('"')
        return "unknown"

    flags = value("/proc/cpuinfo", "flags").split()
    return {
        "processor": value("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "virtual": "hypervisor" in flags,
        "memory": value("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "system": value("/etc/os-release", "PRETTY_NAME"),
        "load_average": os.getloadavg()[0],
        "source": source_version(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def source_version():
    """The commit that the project's files are of."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=PROJECT,
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def describe_facts(machine):
    kind = "virtual, " if machine["virtual"] else ""
    return (f"{machine['processor']}, {machine['cores']} cores ({kind}{machine['memory']}), "
            f"Linux {machine['kernel']}, {machine['system']}")


def raise_descriptor_limit(wanted):
    """Lets this process and its children open `wanted` files; says how many it got."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        except (ValueError, PermissionError):
            pass
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
