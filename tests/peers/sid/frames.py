"""Bytes of QUIC and HTTP/3 as a test wants them, right or wrong; no library (RFC 9000, 9114)."""

CONTROL, PUSH, QPACK_ENCODER, QPACK_DECODER = 0, 1, 2, 3  # Kinds of streams, RFC 9114 section 6.2
DATA, HEADERS, CANCEL_PUSH, SETTINGS, GOAWAY, MAX_PUSH_ID = 0, 1, 3, 4, 7, 13

TRANSPORT_ERRORS = {
    "NO_ERROR": 0x0, "INTERNAL_ERROR": 0x1, "FLOW_CONTROL_ERROR": 0x3, "STREAM_LIMIT_ERROR": 0x4,
    "STREAM_STATE_ERROR": 0x5, "FINAL_SIZE_ERROR": 0x6, "FRAME_ENCODING_ERROR": 0x7,
    "TRANSPORT_PARAMETER_ERROR": 0x8, "CONNECTION_ID_LIMIT_ERROR": 0x9,
    "PROTOCOL_VIOLATION": 0xA, "CRYPTO_BUFFER_EXCEEDED": 0xD, "KEY_UPDATE_ERROR": 0xE,
    "unexpected_message": 0x10A, "handshake_failure": 0x128, "internal_error": 0x150,
    "missing_extension": 0x16D, "no_application_protocol": 0x178,
}
HTTP3_ERRORS = {
    "H3_NO_ERROR": 0x100, "H3_GENERAL_PROTOCOL_ERROR": 0x101, "H3_INTERNAL_ERROR": 0x102,
    "H3_STREAM_CREATION_ERROR": 0x103, "H3_CLOSED_CRITICAL_STREAM": 0x104,
    "H3_FRAME_UNEXPECTED": 0x105, "H3_FRAME_ERROR": 0x106, "H3_EXCESSIVE_LOAD": 0x107,
    "H3_ID_ERROR": 0x108, "H3_SETTINGS_ERROR": 0x109, "H3_MISSING_SETTINGS": 0x10A,
    "H3_REQUEST_REJECTED": 0x10B, "H3_REQUEST_CANCELLED": 0x10C, "H3_REQUEST_INCOMPLETE": 0x10D,
    "H3_MESSAGE_ERROR": 0x10E, "QPACK_DECOMPRESSION_FAILED": 0x200,
    "QPACK_ENCODER_STREAM_ERROR": 0x201, "QPACK_DECODER_STREAM_ERROR": 0x202,
}


def name_of(code, application):
    """What an error code is called, or its number."""
    for name, number in (HTTP3_ERRORS if application else TRANSPORT_ERRORS).items():
        if number == code:
            return name
    return hex(code)


def varint(value):
    """RFC 9000 section 16."""
    for size, prefix in ((1, 0x00), (2, 0x40), (4, 0x80), (8, 0xC0)):
        if value < 1 << (8 * size - 2):
            encoded = bytearray(value.to_bytes(size, "big"))
            encoded[0] |= prefix
            return bytes(encoded)
    raise ValueError(f"{value} needs more than 62 bits")


def read_varint(data, at):
    """The value at `at`, and where the next thing begins."""
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1)
    return value, at + size


def frame(kind, *values):
    """A frame of QUIC: integers become varints, bytes stay as they are."""
    parts = [value if isinstance(value, bytes) else varint(value) for value in values]
    return varint(kind) + b"".join(parts)


def stream(stream_id, data=b"", offset=None, fin=False):
    """A STREAM frame with its length (RFC 9000 section 19.8)."""
    kind = 0x0A | (0x04 if offset is not None else 0) | (0x01 if fin else 0)
    place = [] if offset is None else [offset]
    return frame(kind, stream_id, *place, len(data), data)


def crypto(data, offset=0):
    return frame(0x06, offset, len(data), data)


def new_connection_id(sequence, retire_prior_to, cid, token=bytes(16)):
    return frame(0x18, sequence, retire_prior_to, bytes([len(cid)]), cid, token)


def h3_frame(kind, payload=b""):
    """A frame of HTTP/3 (RFC 9114 section 7.1)."""
    return varint(kind) + varint(len(payload)) + payload


def settings(*pairs):
    return h3_frame(SETTINGS, b"".join(varint(key) + varint(value) for key, value in pairs))


def fields(*pairs):
    """A field section of literals without Huffman and without tables (RFC 9204 section 4.5.6)."""
    section = b"\x00\x00"
    for name, value in pairs:
        section += prefixed(0x20, 3, len(name)) + name + prefixed(0x00, 7, len(value)) + value
    return section


def prefixed(first, bits, value):
    """An integer with a prefix of `bits` bits (RFC 7541 section 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def request(path=b"/index.html", method=b"GET", authority=b"localhost"):
    """The field section of a request that is as it should be."""
    return fields((b":method", method), (b":scheme", b"https"), (b":authority", authority),
                  (b":path", path))


def parse_parameters(data):
    """Transport parameters as a list of (number, bytes), in their order (RFC 9000 section 18)."""
    found, at = [], 0
    while at < len(data):
        number, at = read_varint(data, at)
        size, at = read_varint(data, at)
        found.append((number, data[at:at + size]))
        at += size
    return found


def serialize_parameters(parameters):
    return b"".join(varint(number) + varint(len(value)) + value for number, value in parameters)
