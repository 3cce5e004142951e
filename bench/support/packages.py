"""Programs of the system's packages: installed when missing, without starting their services."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

from support.places import PROJECT

_POLICY = pathlib.Path("/usr/sbin/policy-rc.d")  # invoke-rc.d(8) asks it before it starts anything.
_PROGRAMS = {"nginx": "nginx", "lighttpd": "lighttpd", "wrk": "wrk", "iproute2": "ip",
             "curl": "curl", "ethtool": "ethtool", "gcc": "cc",
             "nghttp2-client": "h2load", "openssl": "openssl", "lighttpd-mod-openssl": None}


def program(package):
    """The path of a package's program; None when it is not installed."""
    name = _PROGRAMS[package]
    if name is None:  # A module: the package is all that can be asked for.
        said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
                              capture_output=True, text=True, check=False).stdout
        return package if said == "installed" else None
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def need(*packages):
    """Sees to it that the programs of `packages` are there; ends this program if they can't be."""
    missing = [package for package in packages if program(package) is None]
    if not missing:
        return
    print(f"not installed: {' '.join(missing)}; installing it with apt, without starting any "
          "service", file=sys.stderr)
    with _services_denied():
        subprocess.run([PROJECT / "tools/setup", *missing], check=False)
    for package in missing:
        if program(package) is None:
            sys.exit(f"{package} could not be installed; install it, or leave it out")
        _keep_from_starting(package)


@contextlib.contextmanager
def _services_denied():
    """While this lasts packages that get installed do not start their services."""
    if _POLICY.exists():  # The machine has a policy of its own, as containers do.
        yield
        return
    _as_root("sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' >{_POLICY} && chmod 755 {_POLICY}")
    try:
        yield
    finally:
        _as_root("rm", "-f", str(_POLICY))


def _keep_from_starting(package):
    """A service that was installed for a benchmark must not appear after the next boot either."""
    if not pathlib.Path("/etc/init.d", package).exists():
        return
    if pathlib.Path("/run/systemd/system").exists():
        _as_root("systemctl", "disable", "--now", package)
    else:
        _as_root("update-rc.d", package, "disable")
    print(f"the service {package} does not run and is disabled; to have it: "
          f"update-rc.d {package} enable", file=sys.stderr)


def _as_root(*command):
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip() or 'failed'}")
