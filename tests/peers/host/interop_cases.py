"""The cases of the QUIC interop runner that need a path with faults, with aioquic as client.

Those that need none (handshake, transfer, chacha20, multiplexing, retry, resumption, zerortt,
http3, keyupdate, ecn, ipv6, v2, versionnegotiation) are among the cases of the clients. The runner
simulates 10 Mbit/s and 15 ms each way; so does this. It speaks HTTP/3 where the runner speaks
HTTP/0.9.
"""

import concurrent.futures
import re
import time

from host.aioquic_cases import play
from host.case import case, check
from host.gtlsclient_cases import gtlsclient
from host.relay import Faults, Relay

LINK = {"delay": 0.015, "rate": 1.25e6}


def through(world, faults, path="/medium.bin", seconds=50, challenges=0):
    """One transfer over such a path; yields what the relay has counted."""
    with Relay(world.server, faults) as relay:
        play(world, "client.transfer", relay.host, relay.port, seconds=seconds + 10, path=path,
             challenges=challenges)
        return relay.counters


def several(world, count, make):
    """Short transfers over as many paths, four at a time; all must succeed."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = [pool.submit(through, world, make(seed), "/small.txt") for seed in range(count)]
        counters = [one.result() for one in done]
    world.notes[:] = [f"{count} handshakes, {sum(c.lost for c in counters)} datagrams lost, "
                      f"{sum(c.corrupted for c in counters)} corrupted"]
    return counters


@case("interop.long_rtt", "a handshake and a request over 750 ms of round trip", "aioquic")
def long_rtt(world):
    begin = time.monotonic()
    through(world, Faults(delay=0.375), "/small.txt")
    took = time.monotonic() - begin
    check(took > 1.5, f"{took:.2f} s can't be")
    said = float(re.search(r"in ([\d.]+) s", world.notes[0])[1])
    check(said < 2.25, f"{said} s are three round trips and more")


@case("interop.goodput", "10 MB over 10 Mbit/s: most of the link is used", "aioquic")
def goodput(world):
    through(world, Faults(**LINK), "/large.bin")
    rate = float(re.search(r"([\d.]+) Mbit/s", world.notes[0])[1])
    check(rate > 7, f"{rate} of 10 Mbit/s")


@case("interop.amplification_limit", "the client's datagrams 2 to 7 are lost; the server stays"
      " within three times what it got (RFC 9000 8.1)", "aioquic", large_certificate=True)
def amplification_limit(world):
    counters = through(world, Faults(delay=0.015, drop_from_client=tuple(range(2, 8))),
                       "/small.txt")
    check(counters.amplification <= 3.0, f"{counters.amplification:.2f} times")
    world.notes.append(f"{counters.amplification:.2f} times at most")


@case("interop.blackhole", "nothing passes for two seconds", "aioquic")
def blackhole(world):
    counters = through(world, Faults(**LINK, blackholes=((0.4, 2.4),)), "/medium.bin")
    check(counters.lost > 0, "nothing was lost")


@case("interop.handshake_loss", "30 % of all datagrams are lost, in bursts of up to three;"
      " 20 times", "aioquic")
def handshake_loss(world):
    counters = several(world, 20, lambda seed: Faults(delay=0.015, loss=0.3, seed=seed))
    check(sum(one.lost for one in counters) > 20, "too little was lost")


@case("interop.transfer_loss", "2 % of all datagrams are lost", "aioquic")
def transfer_loss(world):
    counters = through(world, Faults(**LINK, loss=0.02), "/large.bin")
    check(counters.lost > 20, "too little was lost")


@case("interop.handshake_corruption", "30 % of all datagrams are changed; 20 times", "aioquic")
def handshake_corruption(world):
    counters = several(world, 20, lambda seed: Faults(delay=0.015, corruption=0.3, seed=seed))
    check(sum(one.corrupted for one in counters) > 20, "too little was changed")


@case("interop.transfer_corruption", "2 % of all datagrams are changed", "aioquic")
def transfer_corruption(world):
    counters = through(world, Faults(**LINK, corruption=0.02), "/large.bin")
    check(counters.corrupted > 20, "too little was changed")


@case("interop.rebind_port", "a NAT gives the client another port every second (RFC 9000 9.3)",
      "aioquic")
def rebind_port(world):
    counters = through(world, Faults(**LINK, rebind_port=1.0), "/large.bin", challenges=4)
    world.notes.append(f"{counters.rebinds} ports")


@case("interop.rebind_address", "another address every second", "aioquic")
def rebind_address(world):
    counters = through(world, Faults(**LINK, rebind_address=1.0), "/large.bin", challenges=4)
    world.notes.append(f"{counters.rebinds} addresses")


@case("interop.preferred_address", "the client goes on at the address that the server prefers"
      " (RFC 9000 9.6)", "ngtcp2", preferred_address=True)
def preferred_address(world):
    said = gtlsclient(world, path="/large.bin", verbose=True)
    wanted = f"127.0.0.2:{world.server.preferred_port}"
    check(wanted in said.replace("[", "").replace("]", ""), f"the client has not gone to {wanted}")


@case("interop.two_shards_rebind", "eight clients rebind at a time, over four shards", "aioquic",
      shards=4)
def two_shards_rebind(world):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = [pool.submit(through, world, Faults(delay=0.005, rate=1e6, rebind_port=0.3, seed=n),
                            "/medium.bin") for n in range(8)]
        rebinds = sum(one.result().rebinds for one in done)
    check(rebinds >= 8, f"{rebinds} changes of port in all")
    world.notes[:] = [f"8 transfers, {rebinds} changes of port"]
