"""Makes key and certificate for the host of a site's `base_url`: `python certificate.py SITE.toml FOLDER`.

Browsers and EHRs don't trust it until somebody tells them to; it is there so that the first start needs nothing else.
What lies in the folder already stays: a certificate of the hospital's own authority is put there under the same names.
"""

from __future__ import annotations

import os
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAYS = 365


def host_of(site: Path) -> str:
    """The host of `base_url`."""
    base = tomllib.loads(site.read_text(encoding="utf-8-sig")).get("service", {}).get("base_url", "")
    return urlsplit(base).hostname or sys.exit(f"{site}: [service] base_url names no host")


def signed(host: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate for `host`, signed with its own key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _written(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)


def main(site: Path, folder: Path) -> None:
    """Write key, then certificate, unless the certificate is there."""
    if (folder / "cert.pem").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = signed(host_of(site), key)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _written(folder / "key.pem", pem, 0o600)
    _written(folder / "cert.pem", certificate.public_bytes(Encoding.PEM), 0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
