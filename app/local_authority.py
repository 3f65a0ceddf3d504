"""Makes the certificate of `TLS=1`: an authority that can speak for one host only, and whose key nobody has.

A phone that trusts it trusts it for this host and no other (critical NameConstraints, RFC 5280 §4.2.1.10), and
nothing more can be signed: the authority's key lives in memory while it signs one certificate, and is not written.
"""

import ipaddress
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.tls_files import TlsFiles

LASTS: Final = timedelta(days=397)
"""iOS refuses a server's certificate of more than 398 days."""
RENEWED_BEFORE: Final = timedelta(days=30)
_EARLIER: Final = timedelta(days=1)
"""A phone's clock may be slow."""
_NOWHERE: Final = "nowhere.invalid"
"""A name that no host can have (RFC 6761): allowing only it allows no name."""
_KEY_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def ensure_certificate(files: TlsFiles, host: str, *, at: datetime) -> bool:
    """Keep what is there while it fits this host and lasts, else make all anew; whether it was made.

    A start that dies between two files leaves some that do not belong together: the next start sees it and makes
    new ones.

    Raises:
        OSError: the folder cannot be written.
    """
    if _is_fit(files, host, at=at):
        return False
    _make(files, host, at=at)
    return True


def _is_fit(files: TlsFiles, host: str, *, at: datetime) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
        certificate.verify_directly_issued_by(authority)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    begins = certificate.not_valid_before_utc
    return (
        list(named) == [_name_of(host)]
        and key.public_key() == certificate.public_key()
        and begins <= at < certificate.not_valid_after_utc - RENEWED_BEFORE
    )


def _name_of(host: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host.lower().removesuffix("."))


def _only(host: str) -> x509.NameConstraints:
    """This host and no other: a kind of name that is not constrained at all would be free."""
    name = _name_of(host)
    if isinstance(name, x509.IPAddress):
        network = x509.IPAddress(ipaddress.ip_network(name.value))
        return x509.NameConstraints([network, x509.DNSName(_NOWHERE)], None)
    everywhere = [x509.IPAddress(ipaddress.ip_network(every)) for every in ("0.0.0.0/0", "::/0")]
    return x509.NameConstraints([name], everywhere)


def _uses(*named: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in named for use in _KEY_USES})


def _called(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hazard Snap"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at - _EARLIER + LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _make(files: TlsFiles, host: str, *, at: datetime) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    # What a person looks for in the phone's list, to remove it.
    issuer = _called(f"Hazard Snap trial {host}"[:64])
    identified = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    authority = (
        _begun(issuer, issuer, authority_key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_uses("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(_only(host), critical=True)
        .add_extension(identified, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _begun(_called("Hazard Snap server"), issuer, key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_uses("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_name_of(host)]), critical=False)
        .add_extension(identified, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(files.key, secret)
    _put(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))
    _put(files.authority, authority.public_bytes(serialization.Encoding.PEM))


def _put(path: Path, content: bytes) -> None:
    """Readable by its owner alone from its first byte on, and whole or not there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
