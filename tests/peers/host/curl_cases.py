"""curl with HTTP/3 (ngtcp2 or OpenSSL's QUIC, as Debian builds it) against the server."""

from host.case import case, check, eventually


def curl(world, *arguments, path="/small.txt", accept=(0,), seconds=60):
    """Runs curl --http3-only in the world's folder; the server's certificate is trusted."""
    options = ["--http3-only", "--silent", "--show-error", "--max-time", seconds - 5, "--cacert",
               "/case/cert.pem", *arguments]
    if path:
        options.append(world.server.url(path))
    return world.in_sid("curl", *options, accept=accept, seconds=seconds)


@case("curl.get", "GET, by HTTP/3 and with the certificate verified", "curl")
def get(world):
    ended = curl(world, "--write-out", "%{stderr}%{http_version} %{http_code}")
    world.same("/small.txt", ended.stdout)
    check(ended.stderr.decode().endswith("3 200"), f"not HTTP/3 200: {ended.stderr.decode()}")


@case("curl.head", "HEAD says what GET would", "curl")
def head(world):
    text = curl(world, "--head").stdout.decode().lower()
    check(text.startswith("http/3 200"), text)
    check("content-length: 100\r\n" in text, text)


@case("curl.range", "one range", "curl")
def one_range(world):
    ended = curl(world, "--range", "1000-1999", path="/medium.bin")
    check(ended.stdout == world.content("/medium.bin")[1000:2000], "other bytes")


@case("curl.not_found", "404", "curl")
def not_found(world):
    ended = curl(world, "--output", "/dev/null", "--write-out", "%{http_code}", path="/nothing")
    check(ended.stdout == b"404", ended.stdout.decode())


@case("curl.conditional", "304 for what has not changed", "curl")
def conditional(world):
    text = curl(world, "--head").stdout.decode().lower()
    [tag] = [line.split(": ", 1)[1] for line in text.split("\r\n") if line.startswith("etag: ")]
    ended = curl(world, "--header", f"If-None-Match: {tag}", "--write-out", "%{http_code}")
    check(ended.stdout == b"304", ended.stdout.decode()[-60:])


@case("curl.large", "10 MB, byte by byte", "curl")
def large(world):
    world.same("/large.bin", curl(world, path="/large.bin").stdout)


@case("curl.parallel", "200 files at a time on one connection (-Z)", "curl")
def parallel(world):
    curl(world, "--parallel", "--parallel-max", "200", "--create-dirs", "--output",
         "/case/got/#1.txt", path="/many/[0-999].txt")
    for number in range(1000):
        got = (world.folder / f"got/{number}.txt").read_bytes()
        world.same(f"/many/{number}.txt", got)


@case("curl.parallel_large", "eight transfers of 10 MB at a time (-Z)", "curl")
def parallel_large(world):
    urls = []
    for number in range(8):
        urls += ["--output", f"/case/large{number}", world.server.url("/large.bin")]
    curl(world, "--parallel", *urls, path=None)
    for number in range(8):
        world.same("/large.bin", (world.folder / f"large{number}").read_bytes())


@case("curl.rate", "a client that reads slowly gets everything (--limit-rate)", "curl")
def rate(world):
    ended = curl(world, "--limit-rate", "400K", path="/medium.bin")
    world.same("/medium.bin", ended.stdout)


@case("curl.post", "a method that is not served is answered, body and all", "curl")
def post(world):
    (world.folder / "body").write_bytes(bytes(300_000))
    ended = curl(world, "--data-binary", "@/case/body", "--output", "/dev/null", "--write-out",
                 "%{http_code}")
    check(ended.stdout in (b"405", b"501"), ended.stdout.decode())


@case("curl.alt_svc", "HTTPS names HTTP/3 in Alt-Svc and curl follows it (RFC 7838)", "curl")
def alt_svc(world):
    def version():
        ended = world.in_sid("curl", "--http3", "--silent", "--cacert", "/case/cert.pem",
                             "--alt-svc", "/case/alt-svc.txt", "--output", "/dev/null",
                             "--write-out", "%{http_version}", world.server.url("/small.txt"))
        return ended.stdout.decode()

    first = world.in_sid("curl", "--http2", "--silent", "--cacert", "/case/cert.pem", "--alt-svc",
                         "/case/alt-svc.txt", "--dump-header", "-", "--output", "/dev/null",
                         world.server.url("/small.txt")).stdout.decode().lower()
    check(f"alt-svc: h3=\":{world.server.port}\"" in first, "no Alt-Svc: " + first)
    check(eventually(lambda: version() == "3", 10), "curl does not come to HTTP/3")


@case("curl.ipv6", "over IPv6", "curl", host="::1")
def ipv6(world):
    ended = curl(world, path="/large.bin")
    world.same("/large.bin", ended.stdout)
