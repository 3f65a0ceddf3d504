"""The pictures made of an original: upright, small, bare; or a cause."""

import io

import pytest
from PIL import Image, ImageCms

from app.evidence import exif, pictures
from app.evidence.causes import Cause
from app.evidence.headers import is_bare_jpeg
from app.evidence.pictures import NoPictures, develop, load_decoders
from app.evidence.signature import PhotoFormat
from tests import photos

load_decoders()


def developed(file: bytes, fmt="jpeg", *, clean=False):
    return develop(io.BytesIO(file), fmt=PhotoFormat(fmt), is_clean_wanted=clean)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def cause(file: bytes, fmt="jpeg") -> Cause:
    with pytest.raises(NoPictures) as refused:
        developed(file, fmt)
    return refused.value.cause


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("fmt", list(PhotoFormat))
def test_every_orientation_of_every_format_stands_upright_once(fmt, orientation, clean):
    made = developed(photos.photo(fmt, (400, 300), orientation=orientation), fmt, clean=clean)
    assert (made.width, made.height) == (400, 300)
    for picture in [made.display, made.thumb, *([made.clean] if clean else [])]:
        assert photos.is_upright(picture)
        width, height = opened(picture).size
        assert width > height


@pytest.mark.parametrize("fmt", list(PhotoFormat))
@pytest.mark.parametrize("clean", [False, True])
def test_no_picture_carries_anything_of_the_original_but_pixels(fmt, clean):
    original = photos.talkative(fmt)
    assert photos.MARKER in original
    made = developed(original, fmt, clean=clean)
    for picture in filter(None, [made.display, made.thumb, made.clean]):
        assert photos.MARKER not in picture
        assert is_bare_jpeg(picture)
        assert set(opened(picture).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }


@pytest.mark.parametrize(
    "leaky",
    [
        photos.photo(exif=photos.exif_block(make="A")),
        photos.photo(comment=b"hello"),
        photos.photo() + b"<script>",
        photos.photo("png"),
        b"",
    ],
)
def test_a_jpeg_with_more_than_pixels_is_not_bare(leaky):
    assert not is_bare_jpeg(leaky)


def test_sizes_are_bounded_and_never_enlarged():
    large = developed(photos.photo(size=(4000, 1000)))
    assert opened(large.display).size == (1600, 400)
    assert opened(large.thumb).size == (320, 80)
    assert (large.width, large.height) == (4000, 1000)
    small = developed(photos.photo(size=(100, 50)))
    assert opened(small.display).size == opened(small.thumb).size == (100, 50)


@pytest.mark.parametrize("fmt", ["jpeg", "png"])
def test_a_line_of_pixels_keeps_at_least_one(fmt):
    made = developed(photos.photo(fmt, size=(4000, 1)), fmt)
    assert opened(made.thumb).size == (320, 1)


def test_the_clean_copy_has_full_size():
    made = developed(photos.photo(size=(2000, 1500), orientation=6), clean=True)
    assert made.clean is not None
    assert opened(made.clean).size == (2000, 1500)


def test_a_clean_copy_is_halved_where_two_would_not_fit(monkeypatch):
    monkeypatch.setattr(pictures, "CLEAN_PIXELS", 100_000)
    made = developed(photos.photo(size=(800, 600)), clean=True)
    assert made.clean is not None
    assert opened(made.clean).size == (400, 300)
    assert (made.width, made.height) == (800, 600)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_a_picture(mode):
    scene = photos.scene((64, 48))
    image = scene.convert("L").convert("I;16") if mode == "I;16" else scene.convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    made = developed(file.getvalue(), "png")
    assert opened(made.display).size == (64, 48)


def test_sixteen_bits_are_scaled_and_not_clipped():
    file = io.BytesIO()
    Image.new("I;16", (8, 8), 0x8000).save(file, "PNG")
    assert opened(developed(file.getvalue(), "png").display).getpixel((4, 4)) == (128, 128, 128)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_what_is_transparent_is_shown_on_white(mode):
    file = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode).save(
        file, "PNG", transparency=0 if mode == "P" else None
    )
    red, green, blue = opened(developed(file.getvalue(), "png").display).getpixel((4, 4))
    assert min(red, green, blue) > 250


def test_a_cmyk_jpeg_keeps_its_colours():
    file = io.BytesIO()
    photos.scene((64, 48)).convert("CMYK").save(file, "JPEG", quality=95)
    made = developed(file.getvalue())
    assert photos.is_upright(made.display)


def test_another_colour_space_is_converted_before_its_profile_is_dropped():
    # sRGB with the primaries of red and green exchanged: the red corner is meant to be green.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
    for clean in (False, True):
        made = developed(photos.photo(quality=95, icc_profile=exchanged), clean=clean)
        red, green, _ = opened(made.clean or made.display).getpixel((20, 20))
        assert green > red + 100


@pytest.mark.parametrize("profile", [b"nonsense", b"x" * (2 << 20)])
def test_a_broken_profile_is_ignored(profile):
    assert photos.is_upright(developed(photos.photo(icc_profile=profile)).display)


@pytest.mark.parametrize("fmt", ["webp", "png", "avif"])
def test_of_moving_pictures_the_first_is_taken(fmt):
    file = io.BytesIO()
    blank = Image.new("RGB", (400, 300), "blue")
    photos.scene().save(file, photos.SAVED_AS[fmt], save_all=True, append_images=[blank])
    assert photos.is_upright(developed(file.getvalue(), fmt).display)


def test_a_phones_multi_picture_jpeg_is_a_photo():
    file = io.BytesIO()
    photos.scene().save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    assert photos.is_upright(developed(file.getvalue()).display)


@pytest.mark.parametrize("lost", [2, 3, 40])
@pytest.mark.parametrize("clean", [False, True])
def test_a_jpeg_that_lost_its_last_bytes_is_still_a_photo(lost, clean):
    file = photos.photo(size=(1200, 900))
    made = developed(file[:-lost], clean=clean)
    assert photos.is_upright(made.display)
    assert (made.width, made.height) == (1200, 900)


def test_a_progressive_jpeg_in_its_last_refinement_is_still_a_photo():
    file = photos.photo(size=(1200, 900), progressive=True, quality=95)
    assert photos.is_upright(developed(file[:-2]).display)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("fmt", list(PhotoFormat))
def test_a_grossly_cut_file_is_truncated(fmt, share):
    saving = {"lossless": True} if fmt == "webp" else {}
    assert cause(photos.cut(photos.photo(fmt, (640, 480), **saving), share=share), fmt) is Cause.TRUNCATED


@pytest.mark.parametrize("share", [0.2, 0.3])
def test_a_grossly_cut_progressive_jpeg_is_truncated(share):
    assert cause(photos.cut(photos.photo(size=(640, 480), progressive=True), share=share)) is Cause.TRUNCATED


@pytest.mark.parametrize(
    ("file", "fmt"),
    [
        (photos.png_bomb(), "png"),
        (photos.png_bomb(8000, 7000), "png"),
        (photos.webp_bomb(), "webp"),
        (photos.jpeg_with_size(60_000, 60_000), "jpeg"),
        (photos.jpeg_with_size(12_000, 11_000), "jpeg"),
    ],
)
def test_too_many_pixels_are_refused_from_the_header(file, fmt):
    assert cause(file, fmt) is Cause.TOO_MANY_PIXELS


def test_a_header_that_promises_rows_that_never_come_is_no_photo():
    assert cause(photos.png_bomb(4000, 4000), "png") in {Cause.TRUNCATED, Cause.UNREADABLE}
    assert cause(photos.jpeg_with_size(64, 4000)[:-2]) is Cause.TRUNCATED


@pytest.mark.parametrize(
    ("file", "fmt"),
    [
        (b"\xff\xd8\xff" + photos.html() + b"\xff\xd9", "jpeg"),
        (b"\x89PNG\r\n\x1a\n" + photos.svg() + b"IEND", "png"),
        (b"RIFF\x10\x00\x00\x00WEBP" + b"x" * 12, "webp"),
        (b"\x00\x00\x00\x10ftypheic\x00\x00\x00\x00", "heic"),
        (b"\x00\x00\x00\x10ftypavif\x00\x00\x00\x00", "avif"),
    ],
)
def test_a_signature_with_rubbish_behind_it_is_unreadable(file, fmt):
    assert cause(file, fmt) is Cause.UNREADABLE


def test_bytes_of_another_format_than_recorded_are_a_mismatch():
    assert cause(photos.photo("png"), "jpeg") is Cause.FORMAT_MISMATCH
    assert cause(photos.html(), "jpeg") is Cause.FORMAT_MISMATCH


@pytest.mark.parametrize("fmt", list(PhotoFormat))
def test_the_exif_block_of_every_format_is_handed_on(fmt):
    sent = photos.exif_block(position=(43.46, 11.88), taken="2026:11:02 09:00:00")
    facts = exif.read(developed(photos.photo(fmt, exif=sent), fmt).exif_block)
    assert facts == exif.read(sent)
    assert facts.position is not None


def test_an_unknown_memory_fault_of_a_library_is_out_of_memory(monkeypatch):
    def fail(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr(pictures, "_flat", fail)
    assert cause(photos.photo()) is Cause.OUT_OF_MEMORY


def test_a_jpeg_that_announces_far_more_pixels_than_it_can_hold_is_called_cut_short():
    with pytest.raises(NoPictures) as refusal:
        developed(photos.jpeg_with_size(10900, 10900))
    assert refusal.value.cause is Cause.TRUNCATED
