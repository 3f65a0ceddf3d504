"""What the story's photographs show: shop-floor scenes drawn with plain shapes, never a camera's file."""

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (1600, 1200)
WALL: Final = ((196, 202, 200), (168, 176, 174))
FLOOR: Final = (122, 118, 110)
STEEL: Final = (92, 104, 112)
Draw = ImageDraw.ImageDraw


def _room(horizon: int = 860) -> tuple[Image.Image, Draw]:
    """A wall that darkens downwards and a floor with its joints."""
    top = Image.new("RGB", SIZE, WALL[0])
    low = Image.new("RGB", SIZE, WALL[1])
    picture = Image.composite(low, top, Image.linear_gradient("L").resize(SIZE))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, horizon, *SIZE), fill=FLOOR)
    draw.line((0, horizon, SIZE[0], horizon), fill=(88, 86, 80), width=8)
    for n in range(-4, 12):
        draw.line((800 + (n - 4) * 170, horizon, 800 + (n - 4) * 420, SIZE[1]), fill=(108, 104, 97), width=4)
    return picture, draw


def cabinet(draw: Draw, *, open_door: bool) -> None:
    """A distribution cabinet: its lock broken and its wires bare, or closed and locked."""
    box = (520, 220, 1080, 900)
    draw.rectangle(box, fill=(150, 156, 158), outline=(70, 76, 80), width=10)
    if not open_door:
        draw.rectangle((560, 262, 1040, 858), fill=(168, 174, 176), outline=(96, 102, 106), width=6)
        draw.polygon([(800, 380), (880, 520), (720, 520)], fill=(240, 196, 30), outline=(30, 30, 30))
        draw.line((804, 420, 786, 466, 812, 466, 794, 504), fill=(30, 30, 30), width=10)
        draw.ellipse((984, 560, 1024, 600), fill=(60, 64, 68))
        draw.rectangle((990, 596, 1018, 660), fill=(206, 160, 60))
        return
    draw.rectangle((556, 256, 1044, 864), fill=(52, 58, 62))
    for row in range(2):
        for n in range(5):
            left, up = 600 + n * 84, 330 + row * 180
            draw.rectangle((left, up, left + 62, up + 110), fill=(226, 228, 226), outline=(40, 40, 40), width=4)
            draw.rectangle((left + 22, up + 36, left + 40, up + 76), fill=(30, 34, 36))
    for n, colour in enumerate(((208, 44, 36), (226, 182, 30), (40, 132, 70), (44, 92, 180))):
        start = 640 + n * 96
        draw.line(
            (start, 620, start - 30, 720, start + 50 + 14 * n, 800, start + 4, 930 + 26 * n), fill=colour, width=15
        )
        draw.ellipse((start - 10, 918 + 26 * n, start + 18, 946 + 26 * n), fill=(214, 150, 84))
    draw.polygon([(1080, 220), (1400, 300), (1400, 980), (1080, 900)], fill=(164, 170, 172), outline=(70, 76, 80))
    draw.ellipse((1350, 610, 1384, 644), outline=(60, 40, 36), width=10)


def extinguisher(draw: Draw) -> None:
    """A fire extinguisher whose needle lies in the red."""
    draw.rounded_rectangle((560, 300, 900, 1060), 120, fill=(196, 34, 30), outline=(130, 20, 18), width=8)
    draw.rectangle((670, 210, 790, 320), fill=(70, 72, 74))
    draw.polygon([(640, 150), (960, 180), (960, 220), (700, 214)], fill=(50, 52, 54))
    draw.line((780, 260, 1010, 330, 1040, 560), fill=(34, 36, 38), width=34)
    draw.rectangle((600, 560, 860, 820), fill=(240, 238, 228))
    for n in range(5):
        draw.rectangle((624, 590 + 44 * n, 836 - 40 * (n % 2), 606 + 44 * n), fill=(120, 122, 124))
    draw.ellipse((1040, 300, 1400, 660), fill=(246, 246, 242), outline=(60, 62, 64), width=14)
    draw.arc((1080, 340, 1360, 620), 140, 220, fill=(206, 40, 34), width=34)
    draw.arc((1080, 340, 1360, 620), 225, 315, fill=(30, 140, 70), width=34)
    draw.arc((1080, 340, 1360, 620), 320, 400, fill=(232, 190, 40), width=34)
    draw.line((1220, 480, 1112, 520), fill=(20, 20, 20), width=12)
    draw.ellipse((1200, 460, 1240, 500), fill=(20, 20, 20))


def aisle(draw: Draw) -> None:
    """A forklift aisle between its yellow lines, with pallets across it."""
    for line in (
        [(330, 1200), (640, 862), (668, 862), (400, 1200)],
        [(1270, 1200), (960, 862), (932, 862), (1200, 1200)],
    ):
        draw.polygon(line, fill=(236, 192, 34))
    for level in range(4):
        up = 930 - level * 96
        draw.rectangle((560, up, 1060, up + 22), fill=(176, 134, 84), outline=(110, 80, 46), width=4)
        draw.rectangle((560, up + 62, 1060, up + 84), fill=(164, 122, 74), outline=(110, 80, 46), width=4)
        for n in range(3):
            draw.rectangle((572 + n * 200, up + 22, 640 + n * 200, up + 62), fill=(140, 102, 60))
    draw.rectangle((620, 380, 1000, 640), fill=(190, 150, 98), outline=(120, 88, 52), width=8)
    draw.line((810, 380, 810, 640), fill=(214, 190, 150), width=26)


def railing(draw: Draw, *, is_loose: bool) -> None:
    """A platform's railing: one bar fallen and a post bent, or whole and painted."""
    draw.rectangle((0, 760, 1600, 1200), fill=(134, 140, 144))
    for n in range(17):
        draw.line((n * 100, 760, n * 100 - 140, 1200), fill=(112, 118, 122), width=6)
    yellow = (238, 196, 36)
    for n in range(5):
        left = 120 + n * 340
        lean = 90 if is_loose and n == 2 else 0
        draw.line((left, 780, left + lean, 300), fill=yellow, width=30)
    for n in range(4):
        left = 120 + n * 340
        broken = is_loose and n in {1, 2}
        draw.line((left, 310, left + 340, 310 + (150 if broken and n == 1 else 0)), fill=yellow, width=26)
        if not (broken and n == 2):
            draw.line((left, 520, left + 340, 520 + (230 if broken else 0)), fill=yellow, width=22)
    draw.rectangle((0, 724, 1600, 772), fill=(208, 166, 28))


def grinder(draw: Draw) -> None:
    """A bench grinder whose right wheel has no guard."""
    draw.rectangle((260, 820, 1340, 900), fill=(118, 88, 60), outline=(80, 58, 38), width=6)
    draw.rectangle((640, 640, 960, 820), fill=(54, 94, 82), outline=(30, 56, 48), width=6)
    draw.rounded_rectangle((560, 520, 1040, 690), 60, fill=(70, 116, 102), outline=(36, 64, 56), width=8)
    draw.pieslice((300, 400, 620, 800), 60, 320, fill=(62, 104, 92), outline=(30, 56, 48))
    for centre, grain in ((470, (150, 146, 138)), (1150, (172, 166, 156))):
        draw.ellipse((centre - 130, 470, centre + 130, 730), fill=grain, outline=(90, 88, 82), width=10)
        draw.ellipse((centre - 36, 564, centre + 36, 636), fill=(60, 62, 64))
    for n in range(9):
        draw.line((1286, 590 + n * 8, 1400 + 18 * (n % 3), 560 + n * 26), fill=(250, 190, 60), width=5)


def crane(draw: Draw) -> None:
    """A hook without its latch, on a worn rope."""
    draw.rectangle((0, 80, 1600, 190), fill=(236, 180, 30), outline=(150, 110, 10), width=8)
    for n in range(14):
        draw.line((760, 190 + n * 36, 800, 214 + n * 36), fill=(80, 82, 84), width=12)
        draw.line((840, 190 + n * 36, 800, 214 + n * 36), fill=(98, 100, 102), width=12)
    draw.line((846, 430, 920, 404), fill=(110, 112, 114), width=6)
    draw.line((846, 470, 934, 486), fill=(110, 112, 114), width=6)
    draw.rounded_rectangle((690, 680, 910, 830), 40, fill=(214, 64, 34), outline=(140, 34, 18), width=8)
    draw.arc((680, 830, 940, 1110), 300, 540, fill=(58, 62, 66), width=60)
    draw.rectangle((786, 820, 830, 890), fill=(58, 62, 66))


SCENES: Final[dict[str, Callable[[Draw], None]]] = {
    "cabinet": lambda draw: cabinet(draw, open_door=True),
    "cabinet_fixed": lambda draw: cabinet(draw, open_door=False),
    "extinguisher": extinguisher,
    "aisle": aisle,
    "railing": lambda draw: railing(draw, is_loose=True),
    "railing_fixed": lambda draw: railing(draw, is_loose=False),
    "grinder": grinder,
    "crane": crane,
}


def scene(name: str, *, exif: bytes | None = None, turn: float = 0) -> bytes:
    """The scene as a JPEG, with this EXIF block; `turn` in degrees, as another hand would hold the camera."""
    picture, draw = _room()
    SCENES[name](draw)
    if turn:
        picture = picture.rotate(turn, Image.Resampling.BICUBIC, fillcolor=WALL[1])
        picture = picture.crop((90, 70, SIZE[0] - 90, SIZE[1] - 70)).resize(SIZE)
    kept = io.BytesIO()
    soft = picture.filter(ImageFilter.GaussianBlur(1.2))
    soft.save(kept, "JPEG", quality=86, **({"exif": b"Exif\x00\x00" + exif} if exif else {}))
    return kept.getvalue()
