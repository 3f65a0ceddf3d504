"""Facts about a photograph's container read by hand from its markers: sizes before opening, and honest ends."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from app.evidence.signature import PhotoFormat

TAIL_BYTES = 64 * 1024
START_OF_SCAN = 0xDA
APP0 = 0xE0
APPLICATION = range(0xE0, 0xF0)
COMMENT = 0xFE
JFIF_BYTES = 14
STANDALONE = frozenset({0x01, *range(0xD0, 0xDA)})
"""JPEG markers without a length: TEM, restarts, start and end of image."""


def webp_size(original: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels that a WebP's first chunk announces (RFC 9649).

    Raises:
        ValueError: the first chunk is none of the three kinds.
    """
    original.seek(12)
    chunk = original.read(18)
    if len(chunk) == 18:  # noqa: PLR2004  # what was asked for
        kind = chunk[:4]
        if kind == b"VP8X":
            return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little")
        if kind == b"VP8L":
            bits = int.from_bytes(chunk[9:13], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if kind == b"VP8 ":
            sides = chunk[14:16], chunk[16:18]
            return int.from_bytes(sides[0], "little") & 0x3FFF, int.from_bytes(sides[1], "little") & 0x3FFF
    raise ValueError("no_webp_header")


def is_cut_short(original: BinaryIO, *, fmt: PhotoFormat) -> bool:
    """Whether the container itself says that bytes are missing at its end."""
    length = original.seek(0, 2)
    if fmt is PhotoFormat.JPEG:
        return b"\xff\xd9" not in _tail(original, length)
    if fmt is PhotoFormat.PNG:
        return b"IEND" not in _tail(original, length)
    if fmt is PhotoFormat.WEBP:
        original.seek(4)
        return int.from_bytes(original.read(4), "little") + 8 > length
    return _boxes_end(original, length) > length


def _tail(original: BinaryIO, length: int) -> bytes:
    original.seek(max(0, length - TAIL_BYTES))
    return original.read(TAIL_BYTES)


def _boxes_end(original: BinaryIO, length: int) -> int:
    """Where the last top-level box (ISO/IEC 14496-12) would end."""
    at = 0
    while at + 8 <= length:
        original.seek(at)
        head = original.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8:  # noqa: PLR2004  # 0: to the end of the file; less than a box's own head: nonsense
            return length
        at += size
    return at


def last_scan_refines(original: BinaryIO) -> bool:
    """Whether the last scan of a progressive JPEG is a refinement to full precision (ITU-T T.81, B.2.3).

    All pixels are there by then; what is missing after it is at most their lowest bit.
    """
    last: bytes | None = None
    original.seek(0)
    for marker, body in _segments(original.read()):
        if marker == START_OF_SCAN:
            last = body
    if last is None or len(last) < 3:  # noqa: PLR2004  # Ss, Se, Ah and Al stand at its end
        return False
    precision = last[-1]
    return precision & 0x0F == 0 and precision >> 4 != 0


def is_bare_jpeg(jpeg: bytes) -> bool:
    """Whether a JPEG holds pictures and nothing else: no APP segment but JFIF's own 14 bytes, and no comment."""
    if not (jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")):
        return False
    for marker, body in _segments(jpeg):
        is_jfif = marker == APP0 and body.startswith(b"JFIF\x00") and len(body) == JFIF_BYTES
        if (marker in APPLICATION or marker == COMMENT) and not is_jfif:
            return False
    return True


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while (at := jpeg.find(b"\xff", at)) >= 0 and at + 4 <= len(jpeg):
        marker = jpeg[at + 1]
        if marker == 0 or marker in STANDALONE:
            at += 2
        elif marker == 0xFF:  # noqa: PLR2004  # a fill byte
            at += 1
        else:
            size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
            yield marker, jpeg[at + 4 : at + 2 + size]
            at += 2 + max(size, 2)


PLAUSIBLE_AT_ANY_LENGTH = 12_000_000
PIXELS_PER_BYTE_MOST = 500
"""An evenly grey JPEG of 12 MP has about 100 pixels a byte; photographs have fewer than 20."""


def is_plausible(size: tuple[int, int], original: BinaryIO) -> bool:
    """Whether a JPEG's bytes can hold the pixels it announces: a lie costs half a second for a grey sheet."""
    here = original.tell()
    pixels, length = size[0] * size[1], original.seek(0, os.SEEK_END)
    original.seek(here)
    return pixels <= PLAUSIBLE_AT_ANY_LENGTH or pixels <= length * PIXELS_PER_BYTE_MOST
