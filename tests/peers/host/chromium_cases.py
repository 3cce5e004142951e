"""A browser: Chromium (Google's QUICHE and BoringSSL), forced to HTTP/3."""

import base64
import hashlib
import struct
import zlib

from host.case import case, check

PARTS = 200


def chromium(world, *options, path="/page.html"):
    """Runs the browser on a page of the server. It trusts the key of our certificate."""
    key = world.run(["openssl", "x509", "-in", world.folder / "cert.pem", "-noout", "-pubkey"])
    pem = key.stdout.decode().split("-----")[2]
    pin = base64.b64encode(hashlib.sha256(base64.b64decode(pem)).digest()).decode()
    name = f"localhost:{world.server.port}"
    return world.run(
        ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-sync", "--disable-component-update",
         f"--user-data-dir={world.folder}/browser", "--host-resolver-rules=MAP localhost 127.0.0.1",
         f"--origin-to-force-quic-on={name}", f"--ignore-certificate-errors-spki-list={pin}",
         "--virtual-time-budget=20000", *options, world.server.url(path)], seconds=90)


def make_page(world):
    """A page of many parts that counts what it got, and how. Yields the sum to expect."""
    page = "<!doctype html><p id=result>waiting</p><script>let sum = 0;</script>"
    for number in range(1, PARTS + 1):
        filler = "." * (number % 10 * 10_000 + 100)
        (world.site / f"part{number}.js").write_text(f"sum += {number};//{filler}")
        page += f"<script src=part{number}.js></script>"
    page += """<script>
        const all = performance.getEntriesByType('resource')
            .concat(performance.getEntriesByType('navigation'));
        const h3 = all.filter(entry => entry.nextHopProtocol === 'h3').length;
        document.getElementById('result').textContent = `sum ${sum} by h3 ${h3}`;</script>"""
    (world.site / "page.html").write_text(page)
    return PARTS * (PARTS + 1) // 2


@case("chromium.page", f"a page of {PARTS} parts comes whole, all of it by h3", "chromium")
def whole_page(world):
    wanted = f"sum {make_page(world)} by h3 {PARTS + 1}"
    ended = chromium(world, "--dump-dom")
    said = ended.stdout.decode(errors="replace")
    found = said[said.find("<p id=\"result\">"):][:80]
    check(wanted in said, f"\"{wanted}\" is due: {found} {ended.stderr.decode()[-300:]}")
    world.notes.append(wanted)


@case("chromium.screenshot", "an image by h3 is painted", "chromium")
def screenshot(world):
    (world.site / "red.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="64" '
                                        'height="64"><rect width="64" height="64" fill="#f00"/>'
                                        "</svg>")
    (world.site / "page.html").write_text("<!doctype html><body style='margin:0'>"
                                          "<img src=red.svg width=64 height=64>")
    picture = world.folder / "picture.png"
    chromium(world, f"--screenshot={picture}", "--window-size=64,64")
    check(picture.exists(), "there is no picture")
    data = picture.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    check((width, height) == (64, 64), f"{width} x {height}")
    check(b"\xff\x00\x00" in first_row(data), "the image is not red")


def first_row(png):
    """The unfiltered bytes of the first row of a picture."""
    at, packed = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IDAT":
            packed += png[at + 8:at + 8 + size]
        at += size + 12
    raw = zlib.decompress(packed)
    return raw[1:10]  # Behind the filter's number; the first pixel is as it is under every filter.
