"""What a file says it is by its own first bytes: the only look the web process takes at a photograph."""

from enum import StrEnum

HEAD_BYTES = 64
"""How many bytes of a file `sniff` wants to see."""


class PhotoFormat(StrEnum):
    """The formats that are taken; the value is what is stored."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"

    @property
    def mime_type(self) -> str:
        """The media type to serve an original of this format with (never one that a browser executes)."""
        return f"image/{self.value}"

    @property
    def suffix(self) -> str:
        """The usual file suffix with its dot, for a download's name."""
        return ".jpg" if self is PhotoFormat.JPEG else f".{self.value}"


class DocumentFormat(StrEnum):
    """What a document may be: a PDF, or a picture of the paper."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"

    @property
    def mime_type(self) -> str:
        """The media type to serve it with, as a download only."""
        return "application/pdf" if self is DocumentFormat.PDF else f"image/{self.value}"

    @property
    def suffix(self) -> str:
        """The usual file suffix with its dot, for a download's name."""
        return ".jpg" if self is DocumentFormat.JPEG else f".{self.value}"


HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"})
"""ISO/IEC 23008-12: HEVC images and sequences, and the two structural brands that name no codec."""
AVIF_BRANDS = frozenset({b"avif", b"avis"})
STRUCTURAL_BRANDS = frozenset({b"mif1", b"msf1"})


def sniff(head: bytes) -> PhotoFormat | None:
    """The format that the first `HEAD_BYTES` bytes announce, or None for anything that is not taken.

    A phone's multi-picture JPEG (MPO) is a JPEG: its first picture is the photograph.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return PhotoFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoFormat.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    if head[4:8] == b"ftyp":
        return _by_brand(head[:HEAD_BYTES])
    return None


def sniff_document(head: bytes) -> DocumentFormat | None:
    """The format that a document's first `HEAD_BYTES` bytes announce, or None for anything that is not taken.

    ISO 32000 asks for the PDF header at the very beginning; readers forgive leading bytes, a door need not.
    """
    if head.startswith(b"%PDF-"):
        return DocumentFormat.PDF
    photo = sniff(head)
    return None if photo is None else DocumentFormat(photo.value)


def _by_brand(head: bytes) -> PhotoFormat | None:
    """ISO/IEC 14496-12 `ftyp`: size, type, major brand, minor version, compatible brands."""
    size = int.from_bytes(head[:4], "big")
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, min(size, len(head)) - 3, 4)}
    if major in AVIF_BRANDS:
        return PhotoFormat.AVIF
    if major in STRUCTURAL_BRANDS and compatible & AVIF_BRANDS:
        return PhotoFormat.AVIF
    if major in HEIC_BRANDS:
        return PhotoFormat.HEIC
    if compatible & AVIF_BRANDS:
        return PhotoFormat.AVIF
    if compatible & HEIC_BRANDS:
        return PhotoFormat.HEIC
    return None
