"""Photographs made to order: pixels that show which way is up, EXIF written byte by byte, and hostile files."""

import io
import struct
import zlib
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener(decode_threads=0)

CORNER = (230, 20, 20)
"""Red stands in the top left corner of every upright photo; the rest is green and blue."""

# What brings an upright picture into the stored form that the orientation describes.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
SAVED_AS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF", "avif": "AVIF"}

Rational = tuple[int, int]
Entry = tuple[int, int, int, bytes]


def scene(size=(400, 300), *, seed=0) -> Image.Image:
    """An upright picture: a gradient that the seed shifts, and the red corner."""
    width, height = size
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (Image.new("L", size, 10 + seed % 40), across, down))
    corner = (0, 0, max(1, width // 4), max(1, height // 4))
    ImageDraw.Draw(picture).rectangle(corner, fill=CORNER)
    return picture


def is_upright(picture: bytes) -> bool:
    """Whether the red corner is at the top left, and only there."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    width, height = image.size
    near, far = 0.1, 0.9
    corners = [
        image.getpixel((int(width * x), int(height * y)))
        for x, y in ((near, near), (far, near), (near, far), (far, far))
    ]
    is_red = [red > 150 and green < 100 and blue < 100 for red, green, blue in corners]
    return is_red == [True, False, False, False]


def photo(
    fmt="jpeg", size=(400, 300), *, exif: bytes | None = None, orientation: int | None = None, seed=0, **saving
) -> bytes:
    """A photograph of `size` (upright) as a file; `exif` is a block from `exif_block`.

    With `orientation` the pixels are stored turned and the block says so, as phones do. A HEIC says it in its
    own container; its encoder reads that from the block.
    """
    image = scene(size, seed=seed)
    if exif is None and orientation is not None:
        exif = exif_block(orientation=orientation)
    turn = STORED_AS[orientation or 1]
    if turn is not None:
        image = image.transpose(turn)
    if exif is not None:
        saving["exif"] = b"Exif\x00\x00" + exif
    if fmt == "webp":
        saving.setdefault("quality", 90)
    file = io.BytesIO()
    image.save(file, SAVED_AS[fmt], **saving)
    return file.getvalue()


# --- EXIF, byte by byte ------------------------------------------------------------------------------


def exif_block(
    *,
    position: tuple[float, float] | None = None,
    hemispheres: tuple[str | None, str | None] | None = None,
    accuracy_m: float | None = None,
    satellites_at: datetime | None = None,
    taken: str | None = None,
    digitized: str | None = None,
    changed: str | None = None,
    offset: str | None = None,
    orientation: int | None = None,
    make: str | None = None,
    model: str | None = None,
    gps: Iterable[Entry] = (),
    order: str = "<",
) -> bytes:
    """A TIFF block as a camera writes it; `gps` adds raw entries, `hemispheres` overrides the letters."""
    first = [
        _text(0x010F, make),
        _text(0x0110, model),
        _short(0x0112, orientation, order),
        _text(0x0132, changed),
    ]
    camera = [_text(0x9003, taken), _text(0x9004, digitized), _text(0x9011, offset)]
    places = [*_gps(position, hemispheres, order), *gps]
    if accuracy_m is not None:
        places.append(rationals(0x001F, [(round(accuracy_m * 100), 100)], order))
    if satellites_at is not None:
        clock = [(satellites_at.hour, 1), (satellites_at.minute, 1), (satellites_at.second, 1)]
        places += [rationals(0x0007, clock, order), _text(0x001D, satellites_at.strftime("%Y:%m:%d"))]
    return _tiff([e for e in first if e], [e for e in camera if e], [e for e in places if e], order)


def rationals(tag: int, values: Iterable[Rational], order: str = "<") -> Entry:
    """An entry of unsigned rationals; (0, 0) is how phones write that they know nothing."""
    listed = list(values)
    return tag, 5, len(listed), b"".join(struct.pack(f"{order}II", *value) for value in listed)


def _gps(position, hemispheres, order) -> list[Entry | None]:
    if position is None:
        return []
    lat, lon = position
    letters = hemispheres or ("S" if lat < 0 else "N", "W" if lon < 0 else "E")
    return [
        _text(0x0001, letters[0]),
        rationals(0x0002, _sexagesimal(lat), order),
        _text(0x0003, letters[1]),
        rationals(0x0004, _sexagesimal(lon), order),
    ]


def _sexagesimal(degrees: float) -> list[Rational]:
    exact = abs(Fraction(degrees).limit_denominator(10**9))
    whole, minutes = int(exact), int(exact * 60 % 60)
    return [(whole, 1), (minutes, 1), (int(exact * 3600 % 60 * 1_000_000), 1_000_000)]


def _text(tag: int, text: str | None) -> Entry | None:
    if text is None:
        return None
    content = text.encode("utf-8") + b"\x00"
    return tag, 2, len(content), content


def _short(tag: int, value: int | None, order: str) -> Entry | None:
    return None if value is None else (tag, 3, 1, struct.pack(f"{order}H", value))


def _tiff(first: list[Entry], camera: list[Entry], places: list[Entry], order: str) -> bytes:
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", 8)
    pointers = [(0x8769, camera), (0x8825, places)]
    first = [*first, *((tag, 4, 1, b"\x00" * 4) for tag, entries in pointers if entries)]
    at = 8 + len(_directory(first, 8, order))
    placed = b""
    for tag, entries in pointers:
        if entries:
            here = struct.pack(f"{order}I", at + len(placed))
            first = [(tag, 4, 1, here) if entry[0] == tag else entry for entry in first]
            placed += _directory(entries, at + len(placed), order)
    return head + _directory(first, 8, order) + placed


def _directory(entries: list[Entry], at: int, order: str) -> bytes:
    after = at + 2 + 12 * len(entries) + 4
    listed, kept = b"", b""
    for tag, kind, count, content in sorted(entries, key=lambda entry: entry[0]):
        if len(content) <= 4:
            value = content.ljust(4, b"\x00")
        else:
            value = struct.pack(f"{order}I", after + len(kept))
            kept += content + b"\x00" * (len(content) % 2)
        listed += struct.pack(f"{order}HHI", tag, kind, count) + value
    return struct.pack(f"{order}H", len(entries)) + listed + b"\x00" * 4 + kept


# --- Files that tell too much, or lie ----------------------------------------------------------------

MARKER = b"SECRET-MARKER"


def talkative(fmt: str) -> bytes:
    """A photograph that carries the marker wherever its format has room: EXIF, XMP, comment, thumbnail, text."""
    block = exif_block(make=MARKER.decode(), model=MARKER.decode(), position=(43.46, 11.88))
    saving = {"xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + MARKER + b"</x:xmpmeta>"}
    if fmt == "jpeg":
        saving["comment"] = MARKER
    if fmt == "png":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", MARKER.decode())
        texts.add_itxt("XML:com.adobe.xmp", MARKER.decode())
        saving = {"pnginfo": texts}
    return photo(fmt, exif=block, **saving)


def html() -> bytes:
    """A page that its sender calls a photograph."""
    return b"<!doctype html><script>alert(1)</script>"


def svg() -> bytes:
    """A drawing with a script."""
    return b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def pdf() -> bytes:
    """A document."""
    return b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def cut(file: bytes, *, share: float) -> bytes:
    """The first part of a file, as an interrupted transfer leaves it."""
    return file[: int(len(file) * share)]


def png_bomb(width=60_000, height=60_000) -> bytes:
    """A small PNG whose header announces a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\x00" * 1000))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def webp_bomb() -> bytes:
    """A small WebP whose canvas is announced as 16384 × 16384."""
    side = (16_383).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00" * 4 + side + side
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_with_size(width: int, height: int) -> bytes:
    """A real small JPEG whose frame header lies about its size."""
    file = photo("jpeg", (64, 48))
    at = file.index(b"\xff\xc0")
    return file[: at + 5] + struct.pack(">HH", height, width) + file[at + 9 :]
