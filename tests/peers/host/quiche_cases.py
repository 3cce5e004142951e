"""Cloudflare's quiche, by its npm package, against the server."""

from host import peers
from host.case import case


def add(name, about, **server):
    @case(f"quiche.{name}", about, "quiche", **server)
    def run(world):
        world.run(["node", peers.HERE / "quiche/client.mjs", peers.quiche_module(),
                   world.server.host, world.server.port, world.site, name])
        world.server.check_alive()


add("get", "GET of a small and a larger file")
add("head", "HEAD says what GET would")
add("large", "10 MB, byte by byte")
add("many_streams", "1000 requests on one connection, 50 at a time")
add("early_data", "the session resumed, with 0-RTT allowed")
