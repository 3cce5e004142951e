"""Plays the cases of transport_cases and http3_cases to a server and judges its answer."""

import time

from aioquic.tls import Epoch

import frames
import http3_cases
import transport_cases
from client import Client, Faults
from outcome import Failed, Skipped, check

LEVELS = {"1rtt": Epoch.ONE_RTT, "handshake": Epoch.HANDSHAKE, "0rtt": Epoch.ZERO_RTT}
PATIENCE = 5.0  # Seconds for the answer; h3spec waits two.


def run(name, host, port):
    """Yields a line about what the server answered; fails if it is not one of the right errors."""
    for case in transport_cases.CASES:
        if name == "transport." + case.name:
            return transport(case, host, port)
    for case in http3_cases.CASES:
        if name == "http3." + case.name:
            return http3(case, host, port)
    raise KeyError(name)


def judge(client, errors, application, rule):
    """Whether the connection was closed with one of these errors, and by the right layer."""
    if not client.closed:
        raise Failed(f"{rule}: the connection stays open; {' or '.join(errors)} is due")
    is_application = client.closed.frame_type is None
    name = frames.name_of(client.closed.error_code, is_application)
    if name not in errors or is_application != application:
        raise Failed(f"{rule}: {client.close_text()}; {' or '.join(errors)} is due")
    return f"{rule}: {name}" + ("" if name == errors[0] else f" (specific: {errors[0]})")


# --- QUIC ---------------------------------------------------------------------------------------


def transport(case, host, port):
    more = {"alpn_protocols": list(case.alpn), "faults": faults_of(case)}
    if case.level == "0rtt":
        more["session_ticket"] = ticket_of(host, port)
    client = Client(host, port, **more).start()
    tell(client, case)
    try:
        return judge(client, case.errors, False, case.rule)
    finally:
        client.leave()


def faults_of(case):
    values = dict(case.faults or {})
    if "header_bits" in values:
        values["header_bits"] = {Epoch[name]: bits for name, bits in values["header_bits"].items()}
    return Faults(**values)


def tell(client, case):
    """Sends the offence as soon as there are keys for it, and again until there is an answer."""
    epoch = LEVELS[case.level]
    due = [case.payload is not None]

    def offend():
        if due[0] and client.can_send(epoch) and not client.closed:
            due[0] = False
            client.send(client.packet(epoch, case.payload, pad=bool(case.payload)))

    if epoch is not Epoch.ZERO_RTT:
        client.before_flush = offend  # In Handshake packets it must come before Finished.
    client.flush()
    offend()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not client.closed:
        client.pump(lambda: client.closed, 0.2)
        due[0] = case.payload is not None
        if case.payload is None and client.quic._handshake_complete:
            client.quic.send_ping(0)  # Something to carry the wrong bits.


def ticket_of(host, port):
    """A ticket that allows early data, from a connection before."""
    client = Client(host, port).connect()
    client.pump(lambda: client.tickets or client.closed, 3)
    client.leave()
    if not client.tickets or client.tickets[0].max_early_data_size != 0xFFFFFFFF:
        raise Skipped("the server offers no 0-RTT")
    return client.tickets[0]


# --- HTTP/3 -------------------------------------------------------------------------------------


def http3(case, host, port):
    client = Client(host, port).connect()
    streams = {**http3_cases.STREAMS, **case.streams}
    for number in sorted(streams, reverse=True):  # A request last, as from good clients.
        client.quic.send_stream_data(number, streams[number], number in case.ends)

    def answered():
        request = client.responses.get(0)
        return client.closed or (case.of_stream and request and request.reset is not None)

    client.pump(answered, PATIENCE)
    request = client.responses.get(0)
    try:
        if case.of_stream and request and request.reset is not None:
            name = frames.name_of(request.reset, True)
            check(name in case.errors, f"{case.rule}: the stream was reset with {name}")
            return f"{case.rule}: {name}, of the stream"
        return judge(client, case.errors, True, case.rule)
    finally:
        client.leave()
