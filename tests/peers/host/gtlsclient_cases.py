"""gtlsclient of ngtcp2: the best driver of QUIC's features, though not independent of ngtcp2."""

from host import peers
from host.case import Failed, case, check


def gtlsclient(world, *options, path="/large.bin", seconds=60, verbose=False):
    """Downloads `path` and compares it; yields what the client said."""
    program, environment = peers.ngtcp2_program("gtlsclient")
    got = world.folder / "got"
    got.mkdir(exist_ok=True)
    target = got / path.rsplit("/", 1)[-1]
    target.unlink(missing_ok=True)
    quiet = ["--no-quic-dump", "--no-http-dump"] if verbose else ["--quiet"]
    ended = world.run([program, *quiet, "--exit-on-all-streams-close", "--handshake-timeout=15s",
                       f"--download={got}", *options, world.server.host, world.server.port,
                       world.server.url(path)], seconds=seconds, env=environment)
    if not target.exists():
        raise Failed(f"gtlsclient has no {path}: {ended.stderr[-400:]}")
    world.same(path, target.read_bytes())
    world.server.check_alive()
    return (ended.stdout + ended.stderr).decode(errors="replace")


def simple(name, about, *options, **server):
    """A case that only has to arrive."""

    @case(f"ngtcp2.{name}", about, "ngtcp2", **server)
    def run(world):
        gtlsclient(world, *options)


simple("get", "10 MB, byte by byte")
simple("version_2", "QUIC version 2 (RFC 9369)", "--version=v2")
simple("version_negotiation", "from an unknown version to one we speak", "--version=0x1a2a3a4a",
       "--preferred-versions=v1")
simple("chacha20", "TLS_CHACHA20_POLY1305_SHA256 only",
       "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")
simple("key_update", "keys change while it downloads", "--key-update=10ms")
simple("change_local_addr", "the client moves while it downloads, with path validation",
       "--change-local-addr=10ms")
# It closes its old socket, so it must have something to send: the request comes after the change.
simple("nat_rebinding", "its port has changed without its knowing", "--change-local-addr=10ms",
       "--nat-rebinding", "--delay-stream=200ms")
simple("retry", "with Retry", retry=True)
simple("no_connection_id", "a client with connection IDs of no bytes", "--scid=")
simple("small_windows", "windows of 64 KB", "--max-data=64K", "--max-stream-data-bidi-local=64K")
simple("bbr", "a client that uses BBR", "--cc=bbr")
simple("hello_retry_request", "a group that we do not take first", "--groups=-GROUP-ALL:"
       "+GROUP-SECP521R1:+GROUP-X25519")
simple("ipv6", "over IPv6", host="::1")


@case("ngtcp2.loss", "a twentieth of all datagrams is lost, both ways", "ngtcp2")
def loss(world):
    gtlsclient(world, "--tx-loss=0.05", "--rx-loss=0.05", path="/medium.bin")


@case("ngtcp2.many_streams", "500 requests on one connection", "ngtcp2")
def many_streams(world):
    gtlsclient(world, "--nstreams=500", path="/small.txt")


@case("ngtcp2.early_data", "a request in 0-RTT, with the transport parameters remembered",
      "ngtcp2")
def early_data(world):
    files = [f"--session-file={world.folder}/session", f"--tp-file={world.folder}/parameters"]
    gtlsclient(world, *files, "--wait-for-ticket", path="/small.txt")
    check((world.folder / "session").exists(), "no session ticket")
    said = gtlsclient(world, *files, path="/small.txt", verbose=True)
    check("0RTT" in said, "gtlsclient has sent no 0-RTT packet")
    check("early data was rejected" not in said.lower(), "early data was rejected")


@case("ngtcp2.token", "NEW_TOKEN spares the next connection the Retry", "ngtcp2", retry=True)
def token(world):
    file = f"--token-file={world.folder}/token"
    gtlsclient(world, file, path="/small.txt")
    check((world.folder / "token").exists(), "no NEW_TOKEN")
    said = gtlsclient(world, file, path="/small.txt", verbose=True)
    check("Retry" not in said, "a Retry all the same")
