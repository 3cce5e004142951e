"""quic-go as a client: Caddy asks the server by HTTP/3 for those who ask Caddy by HTTP/1.1."""

import concurrent.futures
import urllib.error
import urllib.request

from host import peers
from host.case import case, check, eventually
from host.world import free_port

PROXY = """{{
  admin off
  persist_config off
  auto_https off
}}
http://127.0.0.1:{port} {{
  reverse_proxy https://localhost:{server} {{
    header_up Host localhost:{server}
    transport http {{
      versions 3
      tls_insecure_skip_verify
    }}
  }}
}}
"""


class Proxy:
    def __init__(self, world):
        port = free_port()
        (world.folder / "Proxyfile").write_text(PROXY.format(port=port, server=world.server.port))
        self.base = f"http://127.0.0.1:{port}"
        world.spawn(peers.sid_command(world.folder, "caddy", "run", "--config", "/case/Proxyfile",
                                      "--adapter", "caddyfile"), log="proxy.log")
        check(eventually(lambda: self.status("/small.txt") == 200, 15),
              "Caddy gets no answer by HTTP/3: "
              + (world.folder / "proxy.log").read_text()[-400:])

    def get(self, path, **fields):
        request = urllib.request.Request(self.base + path, headers=fields)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def status(self, path):
        try:
            with urllib.request.urlopen(self.base + path, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0


@case("quic-go.get", "a small and a larger file, 404, a range", "caddy")
def get(world):
    proxy = Proxy(world)
    for path in ("/small.txt", "/medium.bin"):
        world.same(path, proxy.get(path))
    check(proxy.status("/nothing") == 404, "not 404")
    check(proxy.get("/medium.bin", Range="bytes=10-19") == world.content("/medium.bin")[10:20],
          "another range")


@case("quic-go.large", "10 MB, byte by byte, four at a time", "caddy")
def large(world):
    proxy = Proxy(world)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for data in pool.map(proxy.get, ["/large.bin"] * 4):
            world.same("/large.bin", data)


@case("quic-go.many_streams", "1000 requests, 32 at a time", "caddy")
def many_streams(world):
    proxy = Proxy(world)
    paths = [f"/many/{number}.txt" for number in range(1000)]
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for path, data in zip(paths, pool.map(proxy.get, paths)):
            world.same(path, data)
