"""A client of QUIC and HTTP/3 on aioquic that a test drives step by step, and that can misbehave.

It has no loop of its own: `pump` sends, receives and waits until something is so.
"""

import dataclasses
import select
import socket
import ssl
import time

from aioquic.h3 import events as h3_events
from aioquic.h3.connection import H3Connection
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import (QuicPacketType, encode_long_header_first_byte)
from aioquic.tls import Epoch

import frames
from outcome import Failed

PACKET_TYPES = {Epoch.INITIAL: QuicPacketType.INITIAL, Epoch.HANDSHAKE: QuicPacketType.HANDSHAKE,
                Epoch.ZERO_RTT: QuicPacketType.ZERO_RTT}


@dataclasses.dataclass
class Faults:
    """What the connection does wrong; each None or empty: nothing."""
    parameters: object = None     # list of (number, bytes) -> the list to send instead
    parameters_type: int = 0x39   # The TLS extension they travel in; None: no extension.
    crypto: object = None         # (epoch, bytes of TLS) -> the bytes to send instead
    header_bits: dict = dataclasses.field(default_factory=dict)  # epoch -> bits to set as well


class Connection(QuicConnection):
    """aioquic's connection with places to tamper with what it sends."""

    faults = Faults()
    challenges = 0     # PATH_CHALLENGE frames that came.
    ecn_counts = None  # Of the last ACK with counts: ECT(0), ECT(1), CE.

    def _handle_path_challenge_frame(self, context, frame_type, buf):
        self.challenges += 1
        super()._handle_path_challenge_frame(context, frame_type, buf)

    def _handle_ack_frame(self, context, frame_type, buf):
        super()._handle_ack_frame(context, frame_type, buf)
        if frame_type == 0x03:
            end = buf.tell()
            # The counts are the last three integers; they are read again from the right place.
            self.ecn_counts = self._last_integers(buf, end)

    @staticmethod
    def _last_integers(buf, end):
        """The three integers before `end`, for the only way of encoding that fits."""
        for back in range(3, 25):
            data = bytes(buf.data_slice(end - back, end))
            values, at = [], 0
            while at < len(data) and len(values) < 4:
                value, after = frames.read_varint(data, at)
                values.append(value)
                at = after
            if at == len(data) and len(values) == 3:
                return values
        return None

    def _initialize(self, peer_cid):
        super()._initialize(peer_cid)
        [(_, data)] = self.tls.handshake_extensions
        if self.faults.parameters:
            data = frames.serialize_parameters(
                self.faults.parameters(frames.parse_parameters(data)))
        kind = self.faults.parameters_type
        self.tls.handshake_extensions = [] if kind is None else [(kind, data)]
        for epoch, bits in self.faults.header_bits.items():
            self._set_bits(self._cryptos[epoch], bits)

    @staticmethod
    def _set_bits(pair, bits):
        encrypt = pair.encrypt_packet
        pair.encrypt_packet = lambda header, payload, number: encrypt(
            bytes([header[0] | bits]) + header[1:], payload, number)

    def _push_crypto_data(self):
        if self.faults.crypto:
            for epoch, buffer in self._crypto_buffers.items():
                data = buffer.data
                if data:
                    buffer.seek(0)
                    buffer.push_bytes(self.faults.crypto(epoch, data))
        super()._push_crypto_data()


class Http3(H3Connection):
    """aioquic's, but that knows of HEAD: there the length is not that of what comes."""

    def __init__(self, quic):
        super().__init__(quic)
        self.without_body = set()

    def _check_content_length(self, stream):
        if stream.stream_id not in self.without_body:
            super()._check_content_length(stream)


@dataclasses.dataclass
class Response:
    """What has come of one request."""
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytearray = dataclasses.field(default_factory=bytearray)
    ended: bool = False
    reset: int = None  # The code of RESET_STREAM or STOP_SENDING.


class Client:
    """One connection. `settings` go to aioquic's QuicConfiguration."""

    def __init__(self, host, port, faults=None, token_handler=None, **settings):
        self.address = (host, port)
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sockets = [socket.socket(self.family, socket.SOCK_DGRAM)]
        self.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tickets = []
        self.responses = {}
        self.events = []
        self.sent = []         # Every datagram, for replays.
        self.resets_seen = 0   # Stateless resets (RFC 9000 section 10.3).
        self.h3 = None
        self.before_flush = None  # Called before each sending, with nothing.
        settings.setdefault("alpn_protocols", ["h3"])
        settings.setdefault("server_name", "localhost")
        settings.setdefault("verify_mode", ssl.CERT_NONE)
        self.quic = Connection(configuration=QuicConfiguration(is_client=True, **settings),
                               session_ticket_handler=self.tickets.append,
                               token_handler=token_handler)
        self.quic.faults = faults or Faults()

    # --- the connection ---------------------------------------------------------------------

    def start(self):
        """Sends the first flight and waits for nothing."""
        self.quic.connect(self.address, now=time.monotonic())
        return self

    def connect(self, seconds=10):
        """Shakes hands. Fails when the connection ends or nothing comes."""
        self.start()
        self.pump(lambda: self.quic._handshake_complete or self.closed, seconds)
        if not self.quic._handshake_complete:
            raise Failed(f"no handshake: {self.close_text()}")
        return self

    def confirm(self, seconds=5):
        """Waits for HANDSHAKE_DONE: only then keys and addresses may change."""
        if not self.pump(lambda: self.quic._handshake_confirmed, seconds):
            raise Failed(f"no HANDSHAKE_DONE: {self.close_text()}")

    @property
    def closed(self):
        return self.quic._close_event

    def close_text(self):
        if not self.closed:
            return "the connection is open"
        application = self.closed.frame_type is None
        return (f"closed with {frames.name_of(self.closed.error_code, application)}"
                f" \"{self.closed.reason_phrase}\"")

    def rebind(self):
        """Another socket, so another port: as a NAT that has forgotten us."""
        self.sockets.insert(0, socket.socket(self.family, socket.SOCK_DGRAM))
        self.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def leave(self):
        """Closes and lets go."""
        self.quic.close()
        self.flush()
        for each in self.sockets:
            each.close()

    # --- turning the handle -----------------------------------------------------------------

    def flush(self):
        if self.before_flush:
            self.before_flush()
        for data, address in self.quic.datagrams_to_send(now=time.monotonic()):
            self.send(data, address)

    def send(self, data, address=None):
        self.sent.append(data)
        self.sockets[0].sendto(data, address or self.address)

    def pump(self, until=None, seconds=5.0):
        """Sends and receives until `until()`, or for `seconds`. Whether it came so."""
        deadline = time.monotonic() + seconds
        while True:
            self.flush()
            self.take_events()
            if until and until():
                return True
            now = time.monotonic()
            if now >= deadline:
                return False
            timer = self.quic.get_timer() or deadline
            ready = select.select(self.sockets, [], [], max(0, min(timer, deadline) - now))[0]
            now = time.monotonic()
            for each in ready:
                self.receive(each, now)
            timer = self.quic.get_timer()
            if timer is not None and timer <= now:
                self.quic.handle_timer(now)

    def receive(self, each, now):
        while True:
            try:
                data, address = each.recvfrom(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            self.look_for_reset(data)
            self.quic.receive_datagram(data, address[:2], now)

    def look_for_reset(self, data):
        """aioquic knows no stateless reset: a datagram that ends with a token of the peer."""
        known = [self.quic._peer_cid, *self.quic._peer_cid_available]
        if len(data) >= 21 and any(cid.stateless_reset_token == data[-16:] for cid in known
                                   if cid.stateless_reset_token):
            self.resets_seen += 1

    def take_events(self):
        while (event := self.quic.next_event()) is not None:
            self.events.append(event)
            if isinstance(event, (events.StreamReset, events.StopSendingReceived)):
                response = self.responses.setdefault(event.stream_id, Response())
                response.reset = event.error_code
            if self.h3:
                for found in self.h3.handle_event(event):
                    self.take_http(found)

    def take_http(self, event):
        response = self.responses.setdefault(event.stream_id, Response())
        if isinstance(event, h3_events.HeadersReceived):
            found = {name.decode(): value.decode() for name, value in event.headers}
            if ":status" in found:
                response.status, response.headers = int(found[":status"]), found
        elif isinstance(event, h3_events.DataReceived):
            response.body += event.data
        response.ended = response.ended or event.stream_ended

    # --- HTTP/3 as it should be -------------------------------------------------------------

    def ask(self, path, method="GET", fields=()):
        """Sends a request; yields the number of its stream."""
        if not self.h3:
            self.h3 = Http3(self.quic)
            for event in self.events:  # The peer's streams may have begun before ours.
                for found in self.h3.handle_event(event):
                    self.take_http(found)
        stream = self.quic.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "https"), (":authority", "localhost"),
                (":path", path), *fields]
        if method == "HEAD":
            self.h3.without_body.add(stream)
        self.h3.send_headers(stream, [(k.encode(), v.encode()) for k, v in head], end_stream=True)
        self.responses[stream] = Response()
        return stream

    def finish(self, streams, seconds=20):
        """Waits for the ends of these streams; yields their responses."""
        answers = [self.responses[stream] for stream in streams]
        if not self.pump(lambda: self.closed or all(a.ended or a.reset is not None
                                                    for a in answers), seconds):
            missing = sum(not answer.ended for answer in answers)
            raise Failed(f"{missing} of {len(answers)} responses don't end; {self.close_text()}")
        for answer in answers:
            if not answer.ended:
                raise Failed(f"no whole response: reset {answer.reset}, {self.close_text()}")
        return answers

    def get(self, path, seconds=20, **more):
        return self.finish([self.ask(path, **more)], seconds)[0]

    # --- packets by hand --------------------------------------------------------------------

    def packet(self, epoch, payload, pad=True):
        """A protected packet around any payload, under the next number."""
        number, self.quic._packet_number = self.quic._packet_number, self.quic._packet_number + 1
        destination, source = self.quic._peer_cid.cid, self.quic.host_cid
        pair = self.quic._cryptos[epoch]
        if pad:  # The sample for header protection lies behind a number of four bytes.
            payload += bytes(max(0, 4 - len(payload)))
        if epoch is Epoch.ONE_RTT:
            header = bytes([0x43 | pair.key_phase << 2]) + destination
        else:
            version = self.quic._version
            header = (bytes([encode_long_header_first_byte(version, PACKET_TYPES[epoch], 3)])
                      + version.to_bytes(4, "big") + bytes([len(destination)]) + destination
                      + bytes([len(source)]) + source
                      + (b"\x00" if epoch is Epoch.INITIAL else b"")
                      + (0x4000 | 4 + len(payload) + 16).to_bytes(2, "big"))
        return pair.encrypt_packet(header + number.to_bytes(4, "big"), payload, number)

    def can_send(self, epoch):
        pair = self.quic._cryptos.get(epoch)
        return pair is not None and pair.send.is_valid()
