"""What a file's first bytes say about it."""

import pytest

from app.evidence.signature import HEAD_BYTES, PhotoFormat, sniff
from tests import photos


@pytest.mark.parametrize("fmt", list(PhotoFormat))
def test_a_real_photo_of_each_format_is_recognised_by_its_head(fmt):
    assert sniff(photos.photo(fmt, (64, 48))[:HEAD_BYTES]) is fmt


@pytest.mark.parametrize(
    "file",
    [b"", b"\xff", photos.html(), photos.svg(), photos.pdf(), b"GIF89a", b"II*\x00", b"RIFF\x00\x00\x00\x00WAVE"],
)
def test_anything_else_is_not_taken_whatever_its_name(file):
    assert sniff(file) is None


def head(major: bytes, *compatible: bytes) -> bytes:
    content = b"ftyp" + major + b"\x00" * 4 + b"".join(compatible)
    return (len(content) + 4).to_bytes(4, "big") + content


@pytest.mark.parametrize(
    "brand", [b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"]
)
def test_every_heif_brand_is_heic(brand):
    assert sniff(head(brand, b"mif1", b"heic")) is PhotoFormat.HEIC


@pytest.mark.parametrize(
    "file",
    [
        head(b"avif", b"mif1"),
        head(b"avis"),
        head(b"mif1", b"miaf", b"avif"),
        head(b"msf1", b"avis"),
        head(b"xxxx", b"mif1", b"avif"),
    ],
)
def test_avif_is_known_by_its_major_or_a_compatible_brand(file):
    assert sniff(file) is PhotoFormat.AVIF


def test_a_codec_named_as_major_brand_wins_over_compatible_ones():
    assert sniff(head(b"heic", b"mif1", b"avif")) is PhotoFormat.HEIC


def test_an_unknown_major_brand_counts_by_its_compatible_ones():
    assert sniff(head(b"xxxx", b"heix")) is PhotoFormat.HEIC
    assert sniff(head(b"isom", b"mp42")) is None


def test_a_brand_after_the_end_of_its_box_does_not_count():
    assert sniff(head(b"isom") + b"heic") is None


def test_a_multi_picture_jpeg_is_a_jpeg():
    assert sniff(b"\xff\xd8\xff\xe2\x00\x10MPF\x00") is PhotoFormat.JPEG


def test_types_and_suffixes_are_those_browsers_show_as_pictures():
    assert {fmt.mime_type for fmt in PhotoFormat} == {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heic",
        "image/avif",
    }
    assert [fmt.suffix for fmt in PhotoFormat] == [".jpg", ".png", ".webp", ".heic", ".avif"]
