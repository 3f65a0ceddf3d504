"""CPU of printing a notice of 12 hazards with photos, against decoding those 12 photos in the same run."""

import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from app.evidence.reading import keep_object
from app.evidence.signature import PhotoFormat
from app.papers.content import Content, Item, Shot
from app.papers.models import PaperKind
from storage.filesystem import FilesystemStore
from storage.object_store import ObjectStore
from tests.photos import photo
from workers.decoder import Decoder
from workers.printer import print_paper

HAZARDS = 12
MANY = 200
ROUNDS = 5
PHOTO_SIDES = (4032, 3024)
AIM = 2.0
"""Printing the notice should not cost more than twice what reading its photos from the phones did."""
DATED = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def spent(work: Callable[[], object]) -> float:
    """Seconds of CPU of this process and the children it has buried, for one round of `work`."""
    before = used()
    work()
    return used() - before


def used() -> float:
    """User and system time of this process and its buried children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def notice(count: int, shots: list[Shot]) -> Content:
    """A notice of so many hazards, with these photos in turn."""
    items = tuple(
        Item(
            n=n,
            number=f"HZ-2026-{n:06d}",
            found="2026年11月2日 09:00",
            place="冲压线 A3",
            problem="配电箱门锁坏，线头裸露，雨天有触电危险",
            category="用电",
            is_major=n % 10 == 0,
            basis="GB 50054-2011 第 4.2.1 条",
            measures="更换门锁，线头压接后装盖板",
            deadline="2026年11月9日",
            rectifier="张磊",
            shots=(shots[n % len(shots)],),
        )
        for n in range(1, count + 1)
    )
    return Content(
        kind=PaperKind.NOTICE,
        number="TZ-2026-000012",
        issuer="华北机械厂",
        unit="华北机械厂 三号车间",
        place="冲压线 A3",
        found="2026年11月2日",
        requirement="整改完成前，断电挂牌，设专人监护。",
        deadline="2026年11月9日",
        rectifier="张磊",
        reinspection="2026年11月10日",
        inspectors=("王敏", "陈军"),
        issued="2026年11月2日",
        items=items,
    )


def furnished(store: ObjectStore, decoder: Decoder, originals: list[bytes]) -> tuple[list[Shot], float]:
    """The photos' pictures in the store, and the CPU seconds that the jailed child took to make them."""
    shots, cpu = [], 0.0
    for original in originals:
        decoded = decoder.decode(BytesIO(original), fmt=PhotoFormat.JPEG)
        cpu += decoded.cost.cpu_seconds
        keys = [keep_object(picture, store=store) for picture in (decoded.display, decoded.thumb)]
        shots.append(Shot("before", *keys))
    return shots, cpu


def main() -> None:
    """Print the ratio, and what 200 hazards take."""
    originals = [photo(size=PHOTO_SIDES, seed=seed) for seed in range(HAZARDS)]
    with tempfile.TemporaryDirectory() as folder, Decoder() as decoder:
        store = FilesystemStore(Path(folder) / "store")
        shots, _ = furnished(store, decoder, originals)
        decoding, printing, small = [], [], []
        for _round in range(ROUNDS):  # in turn, so that a busy machine weighs on both
            decoding.append(furnished(store, decoder, originals)[1])
            printing.append(spent(lambda: print_paper(notice(HAZARDS, shots), dated=DATED, store=store)))
            small.append(spent(lambda: print_paper(notice(1, shots[:1]), dated=DATED, store=store)))
        size = len(print_paper(notice(HAZARDS, shots), dated=DATED, store=store))
        many = spent(lambda: print_paper(notice(MANY, shots), dated=DATED, store=store))
        whole = len(print_paper(notice(MANY, shots), dated=DATED, store=store))
    ratio = statistics.median(printing) / statistics.median(decoding)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"A notice of {HAZARDS} hazards with photos ({size / 1024:.0f} KB), {os.cpu_count()} processors")
    print(f"  printing it           {statistics.median(printing):6.2f} s of CPU")
    print(f"  a notice of 1         {statistics.median(small):6.2f} s (starting the printer, mostly)")
    width, height = PHOTO_SIDES
    print(f"  decoding its photos   {statistics.median(decoding):6.2f} s ({width} x {height} JPEG)")
    print(f"  ratio                 {ratio:6.2f} (aim <= {AIM})")
    print(f"A notice of {MANY}: {many:.2f} s of CPU, {whole / 1024:.0f} KB, at most {peak:.0f} MB of memory")


if __name__ == "__main__":
    main()
