"""ringway and its peers as they are measured: everything that makes them faster is on.

Each gets as many threads or workers as `workers` says, writes no access log, caches open files, and
closes no connection for having served many requests."""

import os
import re
import shlex
import shutil
import subprocess

from support import echo_servers, http3, packages, tls
from support.places import PROJECT, work_folder
from support.servers import Server

PEERS = ("nginx", "lighttpd")
FLOOR = "liburing"  # No web server: what the kernel's part of one answer costs at least.
_NGINX = """\
{user}
worker_processes {workers};
pid "{work}/nginx.pid";
error_log "{work}/nginx.err" error;
events {{ worker_connections {connections}; use epoll; multi_accept on; }}
http {{
  types {{ application/octet-stream bin; }}
  access_log off;
  sendfile on;
  sendfile_max_chunk 2m;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  open_file_cache max=20000 inactive=600s;
  open_file_cache_valid 600s;
  open_file_cache_min_uses 1;
  client_body_temp_path "{work}/nginx-body";
  proxy_temp_path "{work}/nginx-proxy";
  fastcgi_temp_path "{work}/nginx-fastcgi";
  uwsgi_temp_path "{work}/nginx-uwsgi";
  scgi_temp_path "{work}/nginx-scgi";
{limits_quic}  server {{
    listen 127.0.0.1:{port}{listen_tls} backlog=4096{reuseport};
{listen_quic}    root "{site}";
    {tls}
  }}
}}
"""
_NGINX_TLS = """\
ssl_certificate "{certificate}"; ssl_certificate_key "{key}";
    ssl_protocols TLSv1.3; ssl_session_cache off; ssl_session_tickets on;
"""

_LIGHTTPD = """\
server.document-root = "{site}"
server.bind = "127.0.0.1"
server.port = {port}
server.pid-file = "{work}/lighttpd.pid"
server.errorlog = "{work}/lighttpd.err"
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.stat-cache-engine = "simple"
server.max-fds = {descriptors}
server.max-connections = {connections}
server.listen-backlog = 4096
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
server.max-worker = {lighttpd_workers}
mimetype.assign = ( ".bin" => "application/octet-stream" )
{tls}
"""
_LIGHTTPD_TLS = """\
server.modules = ( "mod_openssl" )
server.feature-flags = ( "server.h2proto" => "enable" )
ssl.engine = "enable"
ssl.pemfile = "{certificate}"
ssl.privkey = "{key}"
"""


def ringway(binary, site, port, workers, secure=False, options="", name="ringway"):
    """`options` are further ones of `ringway serve`, as in a shell."""
    encryption = ["--tls", "{},{}".format(*tls.pair()), "--max-streams", 256] if secure else []
    argv = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--shards", workers,
            *encryption, *shlex.split(options), site]
    return Server(name, argv, port, _first_line([binary, "--version"]))


def missing(name, quic):
    """Why a peer can't take part in a test, over QUIC or not; None if it can."""
    if not quic:
        return None
    return http3.nginx_missing() if name == "nginx" else "it has no HTTP/3"


def peer(name, site, port, workers, descriptors, secure=False, quic=False):
    """nginx or lighttpd, which must be installed. `quic`: HTTP/3 on the same port too."""
    work = work_folder(name)
    program = packages.program(name)
    values = {
        "user": "user root;" if os.geteuid() == 0 else "",  # Else it could not read the site.
        "workers": workers, "work": work, "site": site, "port": port, "descriptors": descriptors,
        # nginx starts to close idle connections well before it has none left.
        "connections": descriptors - 200 if name == "nginx" else connections_max(descriptors),
        "reuseport": " reuseport" if workers > 1 else "",
        "lighttpd_workers": workers if workers > 1 else 0,  # Zero: no parent process.
    }
    template = _NGINX if name == "nginx" else _LIGHTTPD
    values["listen_quic"] = http3.LISTEN.format_map(values) if quic else ""
    values["limits_quic"] = http3.LIMITS if quic else ""
    values["listen_tls"] = " ssl" + ("" if quic else " http2") if secure else ""
    values["tls"] = ""
    if secure:
        certificate, key = tls.pair()
        values["tls"] = (_NGINX_TLS if name == "nginx" else _LIGHTTPD_TLS).format(
            certificate=certificate, key=key)
    kind = "-quic" if quic else "-tls" if secure else ""
    configuration = work / f"{name}-{workers}{kind}.conf"
    configuration.write_text(template.format_map(values), encoding="utf-8")
    if name == "nginx":
        run = http3.nginx_command if quic else lambda *words: [program, *words]
        argv = run("-p", work, "-e", work / "nginx.err", "-c", configuration, "-g", "daemon off;")
        return Server(name, argv, port, _first_line(run("-v")))
    return Server(name, [program, "-D", "-f", configuration], port, _first_line([program, "-v"]))


def floor(site, port, path):
    """A program on bare liburing that sends the same answer for whatever comes; to be compiled
    before (echo_servers.build)."""
    body = (site / path[1:]).read_bytes()
    head = ("HTTP/1.1 200 OK\r\nServer: liburing\r\nDate: Sun, 01 Jan 2023 00:00:00 GMT\r\n"
            "Last-Modified: Sun, 01 Jan 2023 00:00:00 GMT\r\nETag: \"0123456789abcdef\"\r\n"
            "Accept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    reply = work_folder(FLOOR) / "reply"
    reply.write_bytes(head.encode() + body)
    return Server(FLOOR, [echo_servers.program("echo_uring"), port, reply], port,
                  "the same bytes for every receive, the requests unread")


def connections_max(descriptors):
    """Connections that all of them take with that limit of open files: lighttpd wants two each."""
    return descriptors // 2 - 100


def _first_line(argv):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    line = (done.stdout or done.stderr).strip().partition("\n")[0]
    return re.sub(r"^nginx version: ", "", line)


def snapshot(binary):
    """A copy, so that a build meanwhile does not replace what is being measured."""
    return shutil.copy2(binary, work_folder("binary"))


def default_binary():
    return PROJECT / "build/release/ringway"
