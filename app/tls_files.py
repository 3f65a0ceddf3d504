"""Where the certificate of `TLS=1` lies, and how a person recognises its authority."""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TlsFiles:
    """The authority that a phone trusts, the server's certificate, and the server's key (mode 0600)."""

    authority: Path
    certificate: Path
    key: Path


def tls_files(data: Path) -> TlsFiles:
    """The files in this `$DATA`, whether they are there or not."""
    folder = data / "tls"
    return TlsFiles(folder / "authority.crt", folder / "server.crt", folder / "server.key")


def authority_der(files: TlsFiles) -> bytes:
    """The authority's certificate in the form that every phone installs.

    Raises:
        OSError: it is not there.
    """
    return ssl.PEM_cert_to_DER_cert(files.authority.read_text("ascii"))


def fingerprint_of(der: bytes) -> str:
    """The SHA-256 of a certificate as phones show it: `AB:CD:…`."""
    return hashlib.sha256(der).digest().hex(":").upper()
