"""The page of docs/interop.md, from the outcomes that tests/peers/matrix has."""

import collections
import platform
import time

from host import cases
from host.case import TABLE

MARKS = {"passed": "yes", "failed": "**no**", "skipped": "-"}

HEAD = """# HTTP/3 with other people's software

Made by `tests/peers/matrix` on {date} at {commit}, Linux {kernel}; not edited by hand. How the
cases work and how to play one: [guide/testing.md](guide/testing.md).

Ringway: {passed} of {tried} cases passed, {failed} failed, {skipped} could not be tried.{again}

Peers: {peers}.

"yes": as it should be; "no": not; "-": can't be tried here, the reason is below.
"""


def write(results, others, versions, commit):
    assert cases
    of_ours = {name: results[f"ringway/{name}"] for name in TABLE}
    count = collections.Counter(result["outcome"] for result in of_ours.values())
    again = sorted(name for name, result in of_ours.items() if result.get("again"))
    out = HEAD.format(
        date=time.strftime("%Y-%m-%d"), commit=commit, kernel=platform.release(),
        passed=count["passed"], failed=count["failed"], skipped=count["skipped"],
        tried=count["passed"] + count["failed"],
        peers=", ".join(line for line in versions if line) or "none",
        again=f" Passed only when played alone: {', '.join(again)}." if again else "")
    out += "\n## Conformance\n\nThe cases of h3spec, written anew with aioquic; the same on others."
    out += "\n\n" + conformance(results, others)
    out += "\n## Our server, other clients\n\n" + matrix(of_ours, "server")
    out += "\n## A bad path, and features of QUIC\n\n" + facts(of_ours, ("interop", "aioquic"))
    out += "\n## Our client, other servers\n\n" + matrix(of_ours, "client")
    return out + "\n## What did not pass\n\n" + problems(of_ours)


def mark(result):
    return MARKS[result["outcome"]] if result else ""


def row(cells):
    return "| " + " | ".join(cells) + " |\n"


def conformance(results, others):
    servers = ["ringway", *others]
    names = [name for name in TABLE if name.startswith("conformance.")]
    out = row(["case", "rule", *servers]) + row(["---"] * (2 + len(servers)))
    for name in names:
        out += row([name.removeprefix("conformance."), TABLE[name].about,
                    *(mark(results.get(f"{server}/{name}")) for server in servers)])
    passed = [str(sum(results.get(f"{server}/{name}", {}).get("outcome") == "passed"
                      for name in names)) for server in servers]
    return out + row([f"of {len(names)}", "", *passed])


def matrix(results, side):
    """Peers across, cases down."""
    peers, names = [], []
    for full, case in TABLE.items():
        peer, name = full.split(".", 1)
        if case.side == side and peer not in ("conformance", "interop"):
            peers += [peer] if peer not in peers else []
            names += [name] if name not in names else []
    peers.sort()
    out = row(["case", *(peer.removeprefix("get-") for peer in peers)])
    out += row(["---"] * (1 + len(peers)))
    for name in names:
        out += row([name, *(mark(results.get(f"{peer}.{name}")) for peer in peers)])
    return out


def facts(results, peers):
    """What each case shows, and what was seen."""
    out = row(["case", "what it shows", "passed", "seen"]) + row(["---"] * 4)
    for full, case in TABLE.items():
        if full.split(".", 1)[0] in peers:
            result = results[full]
            seen = result["said"] if result["outcome"] == "passed" else ""
            out += row([full, case.about, mark(result),
                        "" if seen == "as it should be" else seen.replace("|", "/")])
    return out


def problems(results):
    out = ""
    for name, result in results.items():
        if result["outcome"] != "passed":
            said = " ".join(result["said"].split())[:200].replace("|", "/")
            out += f"- `{name}` {result['outcome']}: {said}\n"
    return out or "Nothing.\n"
