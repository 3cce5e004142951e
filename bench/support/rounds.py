"""Interleaved rounds, their medians, and the report.

Never all of A and then all of B: a machine drifts. Every round runs every test on every server,
and another server goes first in each. Ratios are taken within a round. A round in which others
used the processors is left out where a clean one exists."""

import dataclasses
import json
import pathlib
import statistics
import sys

from support import machine


@dataclasses.dataclass
class Measurement:
    rate: float  # Per second.
    cpu_us: float  # Of the server, per request or message.
    p99_us: float | None
    server: float  # Percent of one core, as the next two.
    load: float
    others: float
    failed: int
    shared_core: bool = False  # The load generator ran on a core of the server.

    @property
    def clean(self):
        return self.others <= machine.OTHERS_PERCENT_MAX


def measured(count, rate, p99_us, failed, usage, shared_core=False):
    if not count:
        raise RuntimeError("the load generator finished nothing")
    return Measurement(rate, usage.server * 1e6 / count, p99_us, usage.percent("server"),
                       usage.percent("load"), usage.percent("others"), failed, shared_core)


def interleave(count, tests, servers, measure, left_out=()):
    """{(test, server): [Measurement or None for each round]}; `measure` is called with the names
    of a test and a server, but for the pairs in `left_out`."""
    results = {(test, server): [] for test in tests for server in servers}
    for number in range(count):
        first = number % len(servers)
        for test in tests:
            for server in servers[first:] + servers[:first]:
                if (test, server) in left_out:
                    continue
                try:
                    one = measure(test, server)
                except (RuntimeError, OSError) as problem:
                    print(f"{test} {server}: {problem}", file=sys.stderr)
                    one = None
                results[test, server].append(one)
                _print_progress(number, test, server, one)
    return results


def _print_progress(number, test, server, one):
    if one is None:
        return
    marks = ("" if one.clean else "  !") + (f"  {one.failed} FAILED" if one.failed else "")
    print(f"round {number + 1}  {test:14} {server:10} {one.rate:9.0f}/s  cpu {one.cpu_us:8.2f} us"
          f"  server {one.server:3.0f}%  load {one.load:3.0f}%  others {one.others:3.0f}%{marks}",
          file=sys.stderr, flush=True)


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def summarize(results, tests, servers):
    """{test: {server: medians, ratios to the first server, counts of rounds, marks}}"""
    return {test: {server: _summary(results, test, server, servers[0]) for server in servers
                   if any(results[test, server])}
            for test in tests}


def _summary(results, test, server, baseline):
    rounds = [one for one in results[test, server] if one]
    used = [one for one in rounds if one.clean] or rounds
    summary = {name: median([getattr(one, name) for one in used])
               for name in ("rate", "cpu_us", "p99_us", "server", "load", "others")}
    pairs = [(one, base) for one, base in zip(results[test, server], results[test, baseline])
             if one and base]
    clean = [(one, base) for one, base in pairs if one.clean and base.clean]
    for name in ("rate", "cpu_us"):
        summary[f"{name}_ratio"] = median([getattr(one, name) / getattr(base, name)
                                           for one, base in clean or pairs if getattr(base, name)])
    summary["rounds"] = len(rounds)
    summary["clean_rounds"] = sum(one.clean for one in rounds)
    summary["marks"] = "".join(mark for mark, applies in (
        ("!", not used[0].clean),
        ("L", summary["load"] > machine.LOAD_PERCENT_MAX),
        ("S", used[0].shared_core),
        ("F", any(one.failed for one in rounds))) if applies)
    return summary


MEANINGS = {
    "!": f"others used more than {machine.OTHERS_PERCENT_MAX} % of a core in every round: "
         "do not quote",
    "L": "the load generator was at its limit: the rate is its own, compare the CPU",
    "S": "the load generator had to use a core of the server: compare the CPU, not the rate",
    "F": "some requests failed: not comparable",
}


def print_report(summary, unit, baseline):
    print(f"\n{'':12}{unit + 's/s':>12}{'ratio':>7}{'CPU us/' + unit:>16}{'ratio':>7}{'p99 us':>9}"
          f"{'server':>8}{'load':>6}{'others':>8}  clean")
    seen = set()
    for test, by_server in summary.items():
        print(test)
        for server, row in by_server.items():
            seen |= set(row["marks"])
            p99 = "-" if row["p99_us"] is None else f"{row['p99_us']:.0f}"
            print(f"  {server:10}{row['rate']:12.0f}{_ratio(row['rate_ratio'])}"
                  f"{row['cpu_us']:16.2f}{_ratio(row['cpu_us_ratio'])}{p99:>9}"
                  f"{row['server']:7.0f}%{row['load']:5.0f}%{row['others']:7.0f}%"
                  f"  {row['clean_rounds']}/{row['rounds']} {row['marks']}")
    print(f"Medians of the clean rounds; server, load, others: percent of one core.\n"
          f"ratio: to {baseline} in the same round.")
    for mark in sorted(seen):
        print(f"{mark}: {MEANINGS[mark]}")


def _ratio(value):
    return f"{'-' if value is None else f'{value:.2f}':>7}"


def plain(options):
    """Parsed arguments as JSON can hold them."""
    return {name: str(value) if isinstance(value, pathlib.Path) else value
            for name, value in vars(options).items()}


def write_json(path, content, results, summary):
    rows = [{"test": test, "server": server, "round": number + 1, "clean": one.clean,
             **dataclasses.asdict(one)}
            for (test, server), series in results.items()
            for number, one in enumerate(series) if one]
    text = json.dumps({**content, "medians": summary, "measurements": rows}, indent=2)
    pathlib.Path(path).write_text(text + "\n", encoding="utf-8")
    print(f"written: {path}")
