"""Runs one case against a server: main.py CASE HOST PORT [KEY=VALUE...].

Prints what was seen. Exits 0 if it is right, 1 if it is wrong, 77 if the case can't be tried.
"""

import os
import sys

from outcome import Failed, Skipped


def main(case, host, port, *pairs):
    options = dict(pair.split("=", 1) for pair in pairs)
    kind, _, name = case.partition(".")
    if kind == "conformance":
        import conformance
        return conformance.run(name, host, int(port))
    import client_cases
    return client_cases.run(name, host, int(port), **options)


if __name__ == "__main__":
    status = 0
    try:
        print(main(*sys.argv[1:]) or "as it should be")
    except Skipped as why:
        status = print(f"skipped: {why}") or 77
    except Failed as why:
        status = print(f"failed: {why}") or 1
    sys.stdout.flush()
    os._exit(status)  # aioquic needs no goodbye.
