"""What a QUIC server must answer to a client that breaks the rules of RFC 9000 and 9001.

The cases are those of h3spec, written anew. Each says what is sent, where the rule stands, and
which errors are right. RFC 9000 section 11 allows generic codes in place of specific ones.
"""

import dataclasses

import frames

GENERIC = ("PROTOCOL_VIOLATION", "INTERNAL_ERROR")
GENERIC_ALERTS = ("handshake_failure", "internal_error")


@dataclasses.dataclass
class Case:
    """Either `payload` goes into packets of `level`, or `faults` shape the handshake."""
    name: str
    rule: str
    errors: tuple
    level: str = "1rtt"
    payload: bytes = None
    faults: dict = None
    alpn: tuple = ("h3",)


def one_rtt(name, rule, error, payload):
    return Case(name, rule, (error, *GENERIC), payload=payload)


def parameter(name, rule, change):
    """A transport parameter is wrong; `change` edits the list of (number, bytes)."""
    return Case(name, rule, ("TRANSPORT_PARAMETER_ERROR", *GENERIC),
                faults={"parameters": change})


def tls(name, rule, alert, **faults):
    return Case(name, rule, (alert, *GENERIC_ALERTS), faults=faults)


def without(number):
    return lambda found: [one for one in found if one[0] != number]


def having(number, value):
    return lambda found: without(number)(found) + [(number, value)]


def at(level, data_before=b"", data_after=b""):
    """Puts bytes around what TLS sends at one level."""
    return lambda epoch, data: (data_before + data + data_after if epoch.name == level else data)


KEY_UPDATE = b"\x18\x00\x00\x01\x01"      # TLS's own, which QUIC forbids
END_OF_EARLY_DATA = b"\x05\x00\x00\x00"
PREFERRED_ADDRESS = (bytes((127, 0, 0, 1, 1, 0xBB)) + bytes(18) + b"\x08" + bytes(range(8))
                     + bytes(range(16)))

CASES = [
    one_rtt("stream_beyond_flow_control", "RFC 9000 4.1", "FLOW_CONTROL_ERROR",
            frames.stream(0, b"GET /\r\n", offset=100_000_000, fin=True)),
    one_rtt("stream_number_beyond_limit", "RFC 9000 4.6", "STREAM_LIMIT_ERROR",
            frames.stream(1_000_000_000, b"GET /\r\n", fin=True)),
    parameter("initial_source_connection_id_missing", "RFC 9000 7.3", without(0x0F)),
    parameter("original_destination_connection_id_from_client", "RFC 9000 18.2",
              having(0x00, b"DUMMYCID")),
    parameter("preferred_address_from_client", "RFC 9000 18.2", having(0x0D, PREFERRED_ADDRESS)),
    parameter("retry_source_connection_id_from_client", "RFC 9000 18.2",
              having(0x10, b"DUMMYCID")),
    parameter("stateless_reset_token_from_client", "RFC 9000 18.2", having(0x02, bytes(16))),
    parameter("max_udp_payload_size_too_small", "RFC 9000 18.2", having(0x03, frames.varint(1090))),
    parameter("ack_delay_exponent_too_large", "RFC 9000 18.2", having(0x0A, frames.varint(30))),
    parameter("max_ack_delay_too_large", "RFC 9000 18.2", having(0x0B, frames.varint(2 ** 15))),
    one_rtt("unknown_frame", "RFC 9000 12.4", "FRAME_ENCODING_ERROR", frames.frame(0x20)),
    one_rtt("packet_without_frames", "RFC 9000 12.4", "PROTOCOL_VIOLATION", b""),
    Case("reserved_bits_in_handshake", "RFC 9000 17.2", GENERIC,
         faults={"header_bits": {"HANDSHAKE": 0x0C}}),
    Case("path_challenge_in_handshake", "RFC 9000 17.2.4", GENERIC, level="handshake",
         payload=frames.frame(0x1A, b"01234567")),
    Case("reserved_bits_in_short", "RFC 9000 17.3.1", GENERIC,
         faults={"header_bits": {"ONE_RTT": 0x18}}),
    one_rtt("reset_of_send_only_stream", "RFC 9000 19.4", "STREAM_STATE_ERROR",
            frames.frame(0x04, 3, 0, 0)),
    one_rtt("stop_sending_of_stream_not_opened", "RFC 9000 19.5", "STREAM_STATE_ERROR",
            frames.frame(0x05, 101, 0)),
    one_rtt("new_token_from_client", "RFC 9000 19.7", "PROTOCOL_VIOLATION",
            frames.frame(0x07, 5, b"DUMMY")),
    one_rtt("stream_of_server_not_opened", "RFC 9000 19.8", "STREAM_STATE_ERROR",
            frames.stream(1, offset=0)),
    one_rtt("data_on_send_only_stream", "RFC 9000 19.8", "STREAM_STATE_ERROR",
            frames.stream(3, offset=0)),
    one_rtt("max_stream_data_of_stream_not_opened", "RFC 9000 19.10", "STREAM_STATE_ERROR",
            frames.frame(0x11, 101, 1_000_000)),
    one_rtt("max_stream_data_of_receive_only_stream", "RFC 9000 19.10", "STREAM_STATE_ERROR",
            frames.frame(0x11, 2, 1_000_000)),
    one_rtt("max_streams_beyond_2_to_60", "RFC 9000 19.11", "FRAME_ENCODING_ERROR",
            frames.frame(0x12, 2 ** 60 + 1)),
    Case("streams_blocked_beyond_2_to_60", "RFC 9000 19.14",
         ("FRAME_ENCODING_ERROR", "STREAM_LIMIT_ERROR", *GENERIC),
         payload=frames.frame(0x16, 2 ** 60 + 1)),
    one_rtt("retire_prior_to_beyond_sequence", "RFC 9000 19.15", "FRAME_ENCODING_ERROR",
            frames.new_connection_id(8, 18, bytes(range(8)))),
    one_rtt("new_connection_id_of_no_bytes", "RFC 9000 19.15", "FRAME_ENCODING_ERROR",
            frames.new_connection_id(8, 0, b"")),
    one_rtt("handshake_done_from_client", "RFC 9000 19.20", "PROTOCOL_VIOLATION",
            frames.frame(0x1E)),
    tls("tls_key_update_in_handshake", "RFC 9001 6", "unexpected_message",
        crypto=at("HANDSHAKE", data_after=KEY_UPDATE)),
    Case("tls_key_update_in_1rtt", "RFC 9001 6", ("unexpected_message", *GENERIC_ALERTS),
         payload=frames.crypto(KEY_UPDATE)),
    Case("no_common_application_protocol", "RFC 9001 8.1",
         ("no_application_protocol", *GENERIC_ALERTS), faults={}, alpn=("dummy",)),
    tls("transport_parameters_missing", "RFC 9001 8.2", "missing_extension",
        parameters_type=None),
    tls("transport_parameters_of_a_draft", "RFC 9001 8.2", "missing_extension",
        parameters_type=0xFFA5),
    tls("end_of_early_data", "RFC 9001 8.3", "unexpected_message",
        crypto=at("HANDSHAKE", data_before=END_OF_EARLY_DATA)),
    Case("crypto_in_0rtt", "RFC 9001 8.3", GENERIC, level="0rtt",
         payload=frames.crypto(b"\x08\x00\x00\x02\x00\x00")),
]
