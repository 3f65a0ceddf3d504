"""Rebuilds a photograph's pixels into pictures that carry nothing else; imported only where bytes are jailed.

Importing this loads the decoding libraries. Memory and time of a hostile file are bounded by the jail; the
pixel caps here are what an honest file may use of it, measured on each format's own way through.
"""

import io
import math
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, ImageFile

from app.evidence.causes import Cause
from app.evidence.exif import orientation_of
from app.evidence.headers import is_cut_short, is_plausible, last_scan_refines, webp_size
from app.evidence.signature import HEAD_BYTES, PhotoFormat, sniff

MEGAPIXEL = 1_000_000
PIXEL_CAPS = {
    PhotoFormat.JPEG: 120 * MEGAPIXEL,  # libjpeg shrinks while it decodes
    PhotoFormat.PNG: 50 * MEGAPIXEL,
    PhotoFormat.WEBP: 50 * MEGAPIXEL,
    PhotoFormat.HEIC: 50 * MEGAPIXEL,
    PhotoFormat.AVIF: 50 * MEGAPIXEL,
}
CLEAN_PIXELS = 50 * MEGAPIXEL
"""A larger JPEG's clean copy is halved on each side: two full copies of it would not fit the jail."""
DISPLAY_SIDE = 1600
THUMB_SIDE = 320
DISPLAY_QUALITY = 82
THUMB_QUALITY = 80
CLEAN_QUALITY = 90
KEPT_SHARE = 0.9
"""Phones cut the last bytes of honest files; a picture that lost more than a tenth of its rows is truncated."""
MAX_PROFILE_BYTES = 1 << 20
END_OF_IMAGE = b"\xff\xd9"

PILLOW_NAMES = {
    PhotoFormat.JPEG: "JPEG",  # Pillow turns it into MPO by itself where a phone put several pictures into one
    PhotoFormat.PNG: "PNG",
    PhotoFormat.WEBP: "WEBP",
    PhotoFormat.HEIC: "HEIF",
    PhotoFormat.AVIF: "AVIF",
}

# Every way the libraries are known to say that bytes are no picture.
DECODER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Image.DecompressionBombError,
)

# What Pillow imports only when a file asks for it, when in the jail there is nothing left to import from.
IMPORTED_LATE = (
    "PIL.ImageOps",
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)

# EXIF orientation → what turns the stored picture upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = frozenset(turn for orientation, turn in TURNS.items() if orientation >= 5)  # noqa: PLR2004  # 5 to 8 swap


class NoPictures(Exception):  # noqa: N818  # named for what it tells, like the tree of core.errors
    """Nothing may be served of this file; `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True)
class Pictures:
    """What was made: upright size of the original in pixels, its raw EXIF block, and JPEG bytes."""

    width: int
    height: int
    exif_block: bytes | None
    display: bytes
    thumb: bytes
    clean: bytes | None


def load_decoders() -> None:
    """Register the formats Pillow does not bring, single-threaded: the jail allows no more; call once."""
    pillow_heif.register_heif_opener(decode_threads=0, thumbnails=False, depth_images=False, aux_images=False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.preinit()
    for module in IMPORTED_LATE:
        import_module(module)


def develop(original: BinaryIO, *, fmt: PhotoFormat, is_clean_wanted: bool = False) -> Pictures:
    """Make one original's pictures: upright sRGB JPEG without any metadata.

    The display is at most 1600 px on its longest side, the thumbnail 320 px; a clean copy in full size on request.

    Raises:
        NoPictures: with the cause, whatever the bytes are (short of killing the process).
    """
    original.seek(0)
    if sniff(original.read(HEAD_BYTES)) is not fmt:
        raise NoPictures(Cause.FORMAT_MISMATCH)
    try:
        return _developed(original, fmt=fmt, is_clean_wanted=is_clean_wanted)
    except MemoryError as fault:
        raise NoPictures(Cause.OUT_OF_MEMORY) from fault
    except DECODER_FAULTS as fault:
        raise NoPictures(_cause_of(fault, original, fmt=fmt)) from fault


def _cause_of(fault: Exception, original: BinaryIO, *, fmt: PhotoFormat) -> Cause:
    if isinstance(fault, Image.DecompressionBombError):
        return Cause.TOO_MANY_PIXELS
    if "memory" in str(fault).lower():  # libraries report a failed allocation only in words
        return Cause.OUT_OF_MEMORY
    if "unexpected c++ exception" in str(fault).lower():
        return Cause.CRASHED
    return Cause.TRUNCATED if is_cut_short(original, fmt=fmt) else Cause.UNREADABLE


def _developed(original: BinaryIO, *, fmt: PhotoFormat, is_clean_wanted: bool) -> Pictures:
    opened = _opened(original, fmt=fmt)
    stored = opened.size
    image: Image.Image = _loaded(opened, original, fmt=fmt, is_clean_wanted=is_clean_wanted)
    del opened  # here and below: a copy that is kept is a copy that does not fit
    if fmt is PhotoFormat.HEIC:
        stored = image.size  # cropping and turning are part of the format, and done
    block, profile = image.info.get("exif"), image.info.get("icc_profile")
    turn = TURNS.get((block and orientation_of(block)) or 1)
    if not is_clean_wanted:
        image = _reduced(image)
    image = _flat(image)
    if not is_clean_wanted:
        image = _fitted(image, DISPLAY_SIDE)
    image = _srgb(image, profile)
    image = image if turn is None else image.transpose(turn)
    clean = _jpeg(image, quality=CLEAN_QUALITY, is_progressive=False) if is_clean_wanted else None
    display = _fitted(image, DISPLAY_SIDE)
    thumb = _fitted(display, THUMB_SIDE)
    width, height = stored[::-1] if turn in SIDEWAYS else stored
    return Pictures(
        width=width,
        height=height,
        exif_block=block or None,
        display=_jpeg(display, quality=DISPLAY_QUALITY, is_progressive=True),
        thumb=_jpeg(thumb, quality=THUMB_QUALITY, is_progressive=False),
        clean=clean,
    )


# --- From bytes to pixels ----------------------------------------------------------------------------


def _opened(original: BinaryIO, *, fmt: PhotoFormat) -> ImageFile.ImageFile:
    """The file's header as an image, after its pixels were counted and before any is decoded."""
    if fmt is PhotoFormat.WEBP:  # its library allocates the whole canvas on opening
        _check_pixels(webp_size(original), fmt=fmt)
    original.seek(0)
    with warnings.catch_warnings():  # our own cap is the rule; the library's only warns below twice its size
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(original, formats=[PILLOW_NAMES[fmt]])
    _check_pixels(image.size, fmt=fmt)
    if fmt is PhotoFormat.JPEG and not is_plausible(image.size, original):
        raise NoPictures(Cause.TRUNCATED)
    return image


def _check_pixels(size: tuple[int, int], *, fmt: PhotoFormat) -> None:
    if size[0] * size[1] > PIXEL_CAPS[fmt]:
        raise NoPictures(Cause.TOO_MANY_PIXELS)


def _loaded(
    image: ImageFile.ImageFile, original: BinaryIO, *, fmt: PhotoFormat, is_clean_wanted: bool
) -> ImageFile.ImageFile:
    if fmt is PhotoFormat.JPEG:
        _draft(image, is_clean_wanted=is_clean_wanted)
    try:
        image.load()
    except OSError as fault:
        if fmt is not PhotoFormat.JPEG or "truncated" not in str(fault):
            raise
        if not _is_nearly_whole(image, original):
            raise NoPictures(Cause.TRUNCATED) from fault
        original.seek(0)
        image = _opened(io.BytesIO(original.read() + END_OF_IMAGE), fmt=fmt)
        _draft(image, is_clean_wanted=is_clean_wanted)
        image.load()
    return image


def _draft(image: ImageFile.ImageFile, *, is_clean_wanted: bool) -> None:
    """Let libjpeg halve the picture while it decodes; it wants the size in the picture's own proportions."""
    width, height = image.size
    if not is_clean_wanted:
        share = min(1.0, DISPLAY_SIDE / max(width, height))
        image.draft(None, (math.ceil(width * share), math.ceil(height * share)))
    elif width * height > CLEAN_PIXELS:
        image.draft(None, (width // 2, height // 2))


def _is_nearly_whole(image: ImageFile.ImageFile, original: BinaryIO) -> bool:
    """Whether a cut JPEG shows nearly all: the rows that were not reached are still black.

    A progressive one has either reached its last refinement of every pixel, or is too coarse to be evidence.
    """
    if "progressive" in image.info:
        return last_scan_refines(original)
    seen = image.im.getbbox()
    return seen is not None and seen[3] >= KEPT_SHARE * image.size[1]


# --- From pixels to pictures -------------------------------------------------------------------------


def _reduced(image: Image.Image) -> Image.Image:
    """The image box-averaged to no less than twice the display's size, where its mode can be averaged."""
    factor = max(image.size) // (2 * DISPLAY_SIDE)
    if factor < 2 or image.mode not in {"L", "LA", "RGB", "RGBA", "CMYK"} or "transparency" in image.info:  # noqa: PLR2004
        return image
    return image.reduce(factor)


def _flat(image: Image.Image) -> Image.Image:
    """Eight bits a channel, RGB or L or CMYK, what is transparent shown on white."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode in {"1", "F"}:
        image = image.convert("L")
    if "transparency" in image.info or image.mode in {"RGBA", "LA", "PA", "La", "RGBa"}:
        if image.mode != "RGBA":
            image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as sRGB; a profile that is absent, too large, or does not fit the pixels is ignored."""
    if profile and len(profile) <= MAX_PROFILE_BYTES and b"sRGB IEC61966" not in profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """The image no larger than `side` pixels on its longest side; never enlarged."""
    longest = max(image.size)
    if longest <= side:
        return image
    width, height = (max(1, round(length * side / longest)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(image: Image.Image, *, quality: int, is_progressive: bool) -> bytes:
    """JPEG bytes of nothing but the pixels: a fresh image has no comment, profile or EXIF to write."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=quality, progressive=is_progressive, optimize=is_progressive)
    return written.getvalue()
