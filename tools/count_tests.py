#!/usr/bin/env python3
"""Counts the tests in JUnit files of ctest: prints "N passed, N failed, N skipped".

Exits 1 when a test failed or a file holds none.
"""

import sys
import xml.etree.ElementTree as xml


def count(path):
    """How many tests of one file passed, failed and were skipped. Whatever is not known to have
    passed or been skipped has failed."""
    passed = failed = skipped = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        if case.find("skipped") is not None or status in ("notrun", "disabled"):
            skipped += 1
        elif status == "run" and case.find("failure") is None:
            passed += 1
        else:
            failed += 1
    return passed, failed, skipped


def main(paths):
    counts = [count(path) for path in paths]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not all(any(row) for row in counts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
