"""What an HTTP/3 server must answer to a client that breaks the rules of RFC 9114 and 9204.

The cases are those of h3spec, written anew. `streams` are the bytes of the client's streams: 0 is a
request, 2, 6 and 10 are the control stream and the two of QPACK; what a case does not name is as it
should be. A malformed request may cost its stream only; all else ends the connection.
"""

import dataclasses

import frames
from frames import h3_frame

GENERIC = ("H3_GENERAL_PROTOCOL_ERROR", "H3_INTERNAL_ERROR")
REQUEST, CONTROL, ENCODER, DECODER = 0, 2, 6, 10
STREAMS = {  # As they should be.
    CONTROL: b"\x00" + frames.settings((0x01, 0), (0x07, 0)),
    ENCODER: b"\x02",
    DECODER: b"\x03",
    REQUEST: h3_frame(frames.HEADERS, frames.request()),
}


@dataclasses.dataclass
class Case:
    name: str
    rule: str
    errors: tuple
    streams: dict
    of_stream: bool = False  # An error of the stream is enough.
    ends: tuple = (REQUEST,)  # Which streams end.


def connection(name, rule, error, streams, ends=(REQUEST,)):
    return Case(name, rule, (error, *GENERIC), streams, ends=ends)


def request(name, rule, *pairs):
    section = frames.fields(*pairs)
    return Case(name, rule, ("H3_MESSAGE_ERROR", *GENERIC),
                {REQUEST: h3_frame(frames.HEADERS, section)}, of_stream=True)


def control(*more, first=STREAMS[CONTROL]):
    return {CONTROL: first + b"".join(more)}


METHOD, SCHEME = (b":method", b"GET"), (b":scheme", b"https")
AUTHORITY, PATH = (b":authority", b"localhost"), (b":path", b"/index.html")

CASES = [
    connection("data_before_headers", "RFC 9114 4.1", "H3_FRAME_UNEXPECTED",
               {REQUEST: h3_frame(frames.DATA) + STREAMS[REQUEST]}),
    request("pseudo_header_twice", "RFC 9114 4.1.2", METHOD, SCHEME, AUTHORITY, PATH, METHOD),
    request("pseudo_header_missing", "RFC 9114 4.3.1", METHOD, SCHEME, AUTHORITY),
    request("pseudo_header_prohibited", "RFC 9114 4.3", METHOD, SCHEME, AUTHORITY, PATH,
            (b":foo", b"bar")),
    request("pseudo_header_after_fields", "RFC 9114 4.3", METHOD, SCHEME, AUTHORITY,
            (b"foo", b"bar"), PATH),
    connection("control_without_settings", "RFC 9114 6.2.1", "H3_MISSING_SETTINGS",
               {CONTROL: b"\x00" + h3_frame(frames.MAX_PUSH_ID, b"\x01")}),
    connection("data_on_control", "RFC 9114 7.2.1", "H3_FRAME_UNEXPECTED",
               control(h3_frame(frames.DATA))),
    connection("headers_on_control", "RFC 9114 7.2.2", "H3_FRAME_UNEXPECTED",
               control(h3_frame(frames.HEADERS))),
    connection("settings_twice", "RFC 9114 7.2.4", "H3_FRAME_UNEXPECTED",
               control(frames.settings())),
    connection("setting_twice", "RFC 9114 7.2.4", "H3_SETTINGS_ERROR",
               control(first=b"\x00" + frames.settings((0x06, 32768), (0x06, 32768)))),
    connection("setting_of_http2", "RFC 9114 7.2.4.1", "H3_SETTINGS_ERROR",
               control(first=b"\x00" + frames.settings((0x02, 200)))),
    connection("cancel_push_on_request", "RFC 9114 7.2.5", "H3_FRAME_UNEXPECTED",
               {REQUEST: h3_frame(frames.CANCEL_PUSH, b"\x00") + STREAMS[REQUEST]}),
    connection("qpack_static_index_too_large", "RFC 9204 3.1", "QPACK_DECOMPRESSION_FAILED",
               {REQUEST: h3_frame(frames.HEADERS, frames.request() + b"\xff\x24")}),
    connection("qpack_capacity_too_large", "RFC 9204 4.1.3", "QPACK_ENCODER_STREAM_ERROR",
               {ENCODER: b"\x02" + frames.prefixed(0x20, 5, 10_000_000_000)}),
    connection("control_closed", "RFC 9114 6.2.1", "H3_CLOSED_CRITICAL_STREAM", {},
               ends=(REQUEST, CONTROL)),
    connection("qpack_insert_count_of_0", "RFC 9204 4.4.3", "QPACK_DECODER_STREAM_ERROR",
               {DECODER: b"\x03\x00"}),
]
