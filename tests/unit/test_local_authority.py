"""The certificate of `TLS=1`: it verifies for its host, for no other, and nobody can sign with its authority."""

import logging
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from gunicorn.config import Config
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import ThreadWorker

from app.local_authority import LASTS, RENEWED_BEFORE, _make, _name_of, _only, ensure_certificate
from app.tls_files import TlsFiles, authority_der, fingerprint_of, tls_files
from app.tls_told import way_for_phones
from app.web_worker import PatientWorker

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTS = ["192.168.1.20", "127.0.0.1", "fd00::20", "phone.example.lan"]


def made(folder: Path, host: str, at: datetime = NOW) -> TlsFiles:
    files = tls_files(folder)
    assert ensure_certificate(files, host, at=at)
    return files


def certificate_of(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def openssl(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)


def verifies(files: TlsFiles, certificate: Path, host: str) -> subprocess.CompletedProcess[str]:
    kind = "-verify_ip" if isinstance(_name_of(host), x509.IPAddress) else "-verify_hostname"
    trusted = str(files.authority)
    return openssl(
        "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", trusted, kind, host, str(certificate)
    )


@pytest.mark.parametrize("host", HOSTS)
def test_openssl_finds_nothing_to_object_to_for_this_host(tmp_path, host):
    files = made(tmp_path, host)
    assert verifies(files, files.certificate, host).returncode == 0
    assert "mismatch" in verifies(files, files.certificate, "192.0.2.7").stderr
    assert "mismatch" in verifies(files, files.certificate, "other.example.lan").stderr


def signed_by_a_stolen_key(folder: Path, host: str, other: str) -> tuple[TlsFiles, Path]:
    """What somebody could do who held the authority's key: a certificate for another host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stolen trial")])

    def begun(subject: x509.Name) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=9))
        )

    authority = (
        begun(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_only(host), critical=True)
        .sign(key, hashes.SHA256())
    )
    leaf = (
        begun(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([_name_of(other)]), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tls_files(folder)
    files.key.parent.mkdir(parents=True)
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    return files, files.certificate


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("other", ["192.168.1.21", "fd00::21", "bank.example.com", "phone.example.lan.evil.com"])
def test_even_the_authoritys_key_could_not_speak_for_another_host(tmp_path, host, other):
    files, stolen = signed_by_a_stolen_key(tmp_path, host, other)
    said = openssl("verify", "-CAfile", str(files.authority), str(stolen))
    assert said.returncode != 0
    assert "permitted subtree violation" in said.stderr or "excluded subtree violation" in said.stderr


@pytest.mark.parametrize("host", HOSTS)
def test_the_limits_do_not_shut_out_the_host_itself(tmp_path, host):
    files, own = signed_by_a_stolen_key(tmp_path, host, host)
    assert openssl("verify", "-CAfile", str(files.authority), str(own)).returncode == 0


def test_the_certificates_are_what_phones_ask_for(tmp_path):
    files = made(tmp_path, HOSTS[0])
    authority, leaf = certificate_of(files.authority), certificate_of(files.certificate)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == LASTS <= timedelta(days=397)
    critical = {type(e.value).__name__ for e in authority.extensions if e.critical}
    assert critical == {"BasicConstraints", "KeyUsage", "NameConstraints"}
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [x509.ExtendedKeyUsageOID.SERVER_AUTH]
    own = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    issuer = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert own == issuer
    assert "192.168.1.20" in authority.subject.rfc4514_string()


def test_the_authoritys_key_is_nowhere_and_the_servers_is_its_owners_alone(tmp_path):
    files = made(tmp_path, HOSTS[0])
    assert sorted(path.name for path in files.key.parent.iterdir()) == [
        "authority.crt",
        "server.crt",
        "server.key",
    ]
    kept = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
    assert kept.public_key() == certificate_of(files.certificate).public_key()
    assert kept.public_key() != certificate_of(files.authority).public_key()
    assert "PRIVATE" not in files.authority.read_text() + files.certificate.read_text()
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700


def test_a_phone_that_trusts_it_need_not_trust_anew_until_host_or_time_demand_it(tmp_path):
    files = made(tmp_path, HOSTS[0])
    first = files.authority.read_bytes()
    late = NOW + LASTS - RENEWED_BEFORE - timedelta(days=2)
    assert not ensure_certificate(files, HOSTS[0], at=late)
    assert files.authority.read_bytes() == first
    assert ensure_certificate(files, HOSTS[0], at=late + timedelta(days=2))
    assert ensure_certificate(files, HOSTS[1], at=NOW)
    assert verifies(files, files.certificate, HOSTS[1]).returncode == 0


@pytest.mark.parametrize("name", ["authority", "certificate", "key"])
@pytest.mark.parametrize("harm", ["gone", "torn", "another's"])
def test_files_that_do_not_belong_together_are_made_anew(tmp_path, name, harm):
    files = made(tmp_path, HOSTS[0])
    path = getattr(files, name)
    if harm == "gone":
        path.unlink()
    elif harm == "torn":
        path.write_bytes(path.read_bytes()[:90])
    else:
        _make(tls_files(tmp_path / "other"), HOSTS[0], at=NOW)
        path.write_bytes(getattr(tls_files(tmp_path / "other"), name).read_bytes())
    assert ensure_certificate(files, HOSTS[0], at=NOW)
    assert verifies(files, files.certificate, HOSTS[0]).returncode == 0
    assert not ensure_certificate(files, HOSTS[0], at=NOW)


def test_the_terminal_tells_the_fingerprint_that_openssl_tells(tmp_path):
    files = made(tmp_path, HOSTS[0])
    told = openssl("x509", "-in", str(files.authority), "-noout", "-fingerprint", "-sha256").stdout
    assert fingerprint_of(authority_der(files)) == told.strip().partition("=")[2]
    said = way_for_phones("https://192.168.1.20:8000", files, draws=False)
    assert "https://192.168.1.20:8000/phone" in said
    assert fingerprint_of(authority_der(files)) in said
    assert "\u2588" not in said
    assert "\u2588" in way_for_phones("https://192.168.1.20:8000", files, draws=True)


def test_python_shakes_hands_for_this_host_alone(tmp_path, monkeypatch):
    files = made(tmp_path, "phone.example.lan")
    config = Config()
    for name, value in (("certfile", files.certificate), ("keyfile", files.key)):
        config.set(name, str(value))
    # What the web server's worker does to its settings before it serves.
    monkeypatch.setattr(ThreadWorker, "init_process", lambda _worker: None)
    worker = PatientWorker.__new__(PatientWorker)
    worker.cfg, worker.log = config, SimpleNamespace(error_log=logging.getLogger("a worker"))
    worker.init_process()
    ours = ssl_context(config)
    assert ours.minimum_version == ssl.TLSVersion.TLSv1_2

    def shake(name: str) -> None:
        theirs = ssl.create_default_context(cafile=str(files.authority))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = ours.wrap_bio(incoming, outgoing, server_side=True)
        client = theirs.wrap_bio(outgoing, incoming, server_hostname=name)
        for _ in range(4):
            for side in (client, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue

    shake("phone.example.lan")
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake("other.example.lan")
