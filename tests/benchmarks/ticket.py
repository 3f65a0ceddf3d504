"""A report's whole transaction beside the very same statements on the bare driver, on SQLite and on PostgreSQL."""

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import func, select

from app.core.db import Database
from app.evidence.datums import Datum
from app.evidence.locations import Position
from app.evidence.models import PhotoRow
from app.evidence.reading import keep_object
from app.evidence.signature import PhotoFormat
from app.factory import create_app
from app.first_steps import make_demo
from app.hazards.drafts import DraftPhoto, HazardDraft, SentPosition, StoredPhoto
from app.hazards.models import HazardRow, HistoryRow
from app.hazards.submission import Receipt, submit_hazard
from app.hazards.words import Category
from config import Settings
from tests.benchmarks.bare import bare_on, script_of
from tests.conftest import House
from tests.photos import photo
from tests.servers.postgres import cluster

BEGIN = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
APART = timedelta(seconds=61)
"""Between two reports on the clock that both sides are told: no limit by minute is ever near."""
WARM_UP, ROUNDS = 30, 250
AIM = 0.5
"""Of the bare driver's throughput."""
COUNTS = [select(func.count()).select_from(row).scalar_subquery() for row in (HazardRow, PhotoRow, HistoryRow)]


@dataclass
class Desk:
    """An installation that takes reports, each at its own moment."""

    house: House
    photos: tuple[StoredPhoto, ...]
    taken: int = 0
    by: Any = field(init=False)

    def __post_init__(self) -> None:
        self.by = self.house.actor("lixia")

    @property
    def db(self) -> Database:
        return self.house.means.db

    def next_at(self) -> datetime:
        """The moment of the next report, whoever takes it."""
        self.taken += 1
        return BEGIN + self.taken * APART

    def take(self) -> Receipt:
        """One report, as both edges hand it in."""
        draft = HazardDraft(
            client_id=uuid.uuid4(),
            photos=tuple(photo.told for photo in self.photos),
            place_code="HBJX-A3",
            category=Category.ELEC,
            description="配电箱门锁坏，线头裸露",
        )
        at, store = self.next_at(), self.house.means.store
        return submit_hazard(draft, self.photos, by=self.by, at=at, store=store, db=self.db)


@contextmanager
def desk_on(folder: Path, **settings: str) -> Iterator[Desk]:
    """The demo organisation with two photos that are durable already."""
    app = create_app(Settings.from_environment({"DATA": str(folder), "HAZARDS_PER_MINUTE": "100000", **settings}))
    with app.app_context():
        upgrade()
    house = House(app, lambda: BEGIN, None)
    make_demo(house.means)
    seen = SentPosition(Position(38.0470, 114.5071), 12.0, Datum.WGS84, BEGIN)
    kept = []
    for seed in (1, 2):
        content = photo(size=(64, 48), seed=seed)
        told = DraftPhoto(captured_at=BEGIN, position=seen)
        key = keep_object(content, store=house.means.store)
        kept.append(StoredPhoto(key, len(content), PhotoFormat.JPEG, told))
    try:
        yield Desk(house, tuple(kept))
    finally:
        house.means.db.engine.dispose()


# --- both in turn ----------------------------------------------------------------------------------------------


def measure(name: str, desk: Desk) -> bool:
    """Print both medians; whether the aim is kept."""
    bare = bare_on(desk.db.engine, script_of(desk.take, desk.db))
    product, driver = [], []
    with closing(bare.connection):
        for turn in range(WARM_UP + ROUNDS):
            begun = time.perf_counter()
            desk.take()
            between = time.perf_counter()
            bare.take(desk.next_at())
            ended = time.perf_counter()
            if turn >= WARM_UP:
                product.append(between - begun)
                driver.append(ended - between)
    with desk.db.read() as session:
        rows = tuple(session.execute(select(*COUNTS)).one())
    assert rows == (desk.taken, 2 * desk.taken, desk.taken), (rows, desk.taken)
    ours, theirs = statistics.median(product), statistics.median(driver)
    ratio = theirs / ours
    print(
        f"  {name:12} product {ours * 1000:6.2f} ms   driver {theirs * 1000:6.2f} ms"
        f" (least {min(product) * 1000:.2f} / {min(driver) * 1000:.2f}; {len(bare.script.lines)} statements)"
        f"   throughput {ratio:.2f} x"
        f"   aim >= {AIM}: {'kept' if ratio >= AIM else 'missed'}"
    )
    return ratio >= AIM


def main() -> int:
    """Measure on both; 0 when both keep the aim."""
    print(
        f"A report's transaction (hazard, 2 photos, history, events), median of {ROUNDS} in turn with the driver's"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = [measure("SQLite", stack.enter_context(desk_on(folder / "a")))]
        server = stack.enter_context(cluster(durable=True))
        url = server.create("ticket")
        kept.append(measure("PostgreSQL", stack.enter_context(desk_on(folder / "b", DATABASE_URL=url))))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
