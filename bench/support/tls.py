"""What all servers have in common over TLS: one certificate, one cipher, one group."""

import ssl
import subprocess

from support.places import work_folder

CIPHER = "TLS_AES_128_GCM_SHA256"
GROUP = "X25519"


def client_context():
    """Trusts the certificate of `pair`."""
    return ssl.create_default_context(cafile=pair()[0])


def pair():
    """(certificate, key): P-256, for localhost, made once."""
    folder = work_folder("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if not certificate.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "365", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
    return certificate, key
