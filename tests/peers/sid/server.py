"""aioquic serves files: server.py HOST PORT CERTIFICATE KEY FOLDER [--retry].

GET, HEAD and one range; tickets and 0-RTT.
"""

import asyncio
import pathlib
import re
import sys

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated

TICKETS = {}


class FileServer(QuicConnectionProtocol):
    folder = None
    http = None

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        if self.http:
            for found in self.http.handle_event(event):
                if isinstance(found, HeadersReceived):
                    self.answer(found.stream_id, dict(found.headers))

    def answer(self, stream, fields):
        path = self.folder / fields[b":path"].decode().lstrip("/")
        if not path.is_file():
            self.http.send_headers(stream, [(b":status", b"404"), (b"content-length", b"0")], True)
            return
        body, status, more = path.read_bytes(), b"200", []
        if found := re.fullmatch(rb"bytes=(\d+)-(\d+)", fields.get(b"range", b"")):
            first, last = int(found[1]), int(found[2])
            more = [(b"content-range", b"bytes %d-%d/%d" % (first, last, len(body)))]
            body, status = body[first:last + 1], b"206"
        bare = fields[b":method"] == b"HEAD" or not body
        self.http.send_headers(stream, [
            (b":status", status), (b"accept-ranges", b"bytes"),
            (b"content-length", str(len(body)).encode()), *more], end_stream=bare)
        if not bare:
            self.http.send_data(stream, body, end_stream=True)
        self.transmit()


async def main(host, port, certificate, key, folder, *flags):
    FileServer.folder = pathlib.Path(folder)
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    configuration.load_cert_chain(certificate, key)
    await serve(host, int(port), configuration=configuration, create_protocol=FileServer,
                session_ticket_fetcher=lambda label: TICKETS.pop(label, None),
                session_ticket_handler=lambda ticket: TICKETS.update({ticket.ticket: ticket}),
                retry="--retry" in flags)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
