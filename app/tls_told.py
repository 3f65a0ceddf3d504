"""What the terminal says about `TLS=1`: where a phone goes first, and how it knows that it is there."""

import io

import segno

from app.tls_files import TlsFiles, authority_der, fingerprint_of


def way_for_phones(public_url: str, files: TlsFiles, *, draws: bool) -> str:
    """The address of the page that explains, as a QR code too when `draws`, and the fingerprint to compare.

    Raises:
        OSError: no certificate was made.
    """
    address = f"{public_url}/phone"
    lines = [
        f"\nOn a phone in the same network: {address}",
        "The browser warns until it trusts the certificate that this page hands out. Compare before you trust:",
        f"  SHA-256 {fingerprint_of(authority_der(files))}",
        f"  (the same file is {files.authority})",
    ]
    if draws:
        drawn = io.StringIO()
        segno.make(address, error="m", micro=False).terminal(out=drawn, border=2, compact=True)
        lines.append(drawn.getvalue())
    return "\n".join(lines)
