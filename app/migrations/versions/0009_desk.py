"""Search and order of the officer's inbox; every hazard there is gets its words and its lines.

What keeps `hazard_search` and `desk_line` true are triggers: no use case can forget them. A later migration that
rebuilds `hazard` or `unit` (SQLite has no other way to change a table) drops its triggers: it calls `drop_triggers`
before and `make_triggers` after, both to be copied from here.
"""

# ruff: noqa: S608 (constants of this file make its SQL)
import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT_ONCE = 2000

# How words were cut when this was written (app.hazards.words_index may learn more).
_EAST = "\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_IS_EAST = re.compile(rf"[{_EAST}]")


def _runs(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Punctuation of the Chinese block stands between its words like a space.
    bare = "".join(character if character.isalnum() else " " for character in folded)
    return _RUN.findall(bare)


def _cut(run: str) -> Iterator[str]:
    if not _IS_EAST.match(run):
        yield run
        return
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    yield run[-1]


def words_of(text: str | None) -> str:
    """The text as index words with spaces between; empty for none."""
    return " ".join(word for run in _runs(text or "") for word in _cut(run))


def shown_words(*, number: str, location_text: str | None) -> str:
    """What everybody who may see the hazard may find it by; the running number also without its noughts."""
    short = number.rpartition("-")[2].lstrip("0")
    # A word that nobody can type keeps a phrase from reaching from one part into the next.
    return " ".join(part for part in (words_of(number), "¦", short, "¦", words_of(location_text)) if part)


STAGE = """CASE
    WHEN h.state IN ('submitted', 'need_info', 'reviewing') THEN h.state
    WHEN h.state = 'rectifying' AND h.extension_asked_at IS NULL THEN 'rectifying'
    WHEN h.state = 'rectifying' AND h.level = 'major' THEN 'asking_major'
    WHEN h.state = 'rectifying' THEN 'asking'
    WHEN h.state = 'rejected' AND h.appealed_at IS NOT NULL AND h.appeal_decided_at IS NULL THEN 'appealed'
    WHEN h.state = 'closed' AND h.objected_at IS NOT NULL AND h.objection_decided_at IS NULL THEN 'objected'
END"""
WAITS = f"""(h.state IN ('submitted', 'need_info', 'rectifying', 'reviewing')
    OR (h.state IN ('rejected', 'closed') AND ({STAGE}) IS NOT NULL))"""

LINES = f"""INSERT INTO desk_line ("key", stage, due, hazard_id)
    SELECT 'u' || above.value, {STAGE}, coalesce(h.deadline, h.arrived_at), h.id
    FROM hazard h JOIN unit u ON u.id = h.unit_id,
        json_each('[' || replace(trim(u.path, '/'), '/', ',') || ']') above
    WHERE {{which}} AND {WAITS}
    UNION ALL
    SELECT 'a' || h.rectifier_id, {STAGE}, coalesce(h.deadline, h.arrived_at), h.id
    FROM hazard h WHERE {{which}} AND h.state = 'rectifying' AND h.rectifier_id IS NOT NULL"""

WORDS = """INSERT INTO hazard_search (rowid, shown, told, who, facets, scope)
    SELECT h.id, w.shown, w.told, coalesce('§' || h.rectifier_id, '¤' || h.rectifier_name, ''),
        's' || replace(h.state, '_', '') || coalesce(' c' || h.category, '') || coalesce(' l' || h.level, '')
            || coalesce(' p' || h.place_id, ''),
        replace(u.path, '/', ' ')
    FROM hazard h JOIN hazard_words w ON w.hazard_id = h.id JOIN unit u ON u.id = h.unit_id
    WHERE {which}"""

LINE_COLUMNS = (
    "state, unit_id, rectifier_id, level, deadline, arrived_at, extension_asked_at, appealed_at, appeal_decided_at,"
    " objected_at, objection_decided_at"
)
OF_UNIT = "SELECT id FROM hazard WHERE unit_id = NEW.id"

TRIGGERS = {
    "desk_line_of_new_hazard": ("AFTER INSERT ON hazard", [LINES.format(which="h.id = NEW.id")]),
    "desk_line_of_changed_hazard": (
        f"AFTER UPDATE OF {LINE_COLUMNS} ON hazard",
        ["DELETE FROM desk_line WHERE hazard_id = OLD.id", LINES.format(which="h.id = NEW.id")],
    ),
    "desk_line_of_gone_hazard": (
        "BEFORE DELETE ON hazard",
        [
            "DELETE FROM desk_line WHERE hazard_id = OLD.id",
            "DELETE FROM hazard_search WHERE rowid = OLD.id",
            "DELETE FROM hazard_words WHERE hazard_id = OLD.id",
        ],
    ),
    "hazard_search_of_new_words": (
        "AFTER INSERT ON hazard_words",
        [WORDS.format(which="h.id = NEW.hazard_id")],
    ),
    "hazard_search_of_changed_words": (
        "AFTER UPDATE ON hazard_words",
        ["DELETE FROM hazard_search WHERE rowid = OLD.hazard_id", WORDS.format(which="h.id = NEW.hazard_id")],
    ),
    "hazard_search_of_changed_hazard": (
        "AFTER UPDATE OF state, unit_id, rectifier_id, rectifier_name, category, level, place_id ON hazard",
        ["DELETE FROM hazard_search WHERE rowid = OLD.id", WORDS.format(which="h.id = NEW.id")],
    ),
    "desk_of_moved_unit": (
        "AFTER UPDATE OF path ON unit",
        [
            f"DELETE FROM desk_line WHERE hazard_id IN ({OF_UNIT})",
            LINES.format(which="h.unit_id = NEW.id"),
            f"DELETE FROM hazard_search WHERE rowid IN ({OF_UNIT})",
            WORDS.format(which="h.unit_id = NEW.id"),
        ],
    ),
}


INDEXES = {
    "ix_hazard_unit_state_deadline": ["unit_id", "state", "deadline", "finished_at"],
    "ix_hazard_unit_state_submitted": ["unit_id", "state", "submitted_at", "category", "place_id"],
    "ix_hazard_unit_state_closed": ["unit_id", "state", "closed_at"],
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        raise NotImplementedError("the full-text index and its triggers are written for SQLite")
    op.create_table(
        "hazard_words",
        sa.Column("hazard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_hazard_words_hazard_id")),
        sa.PrimaryKeyConstraint("hazard_id", name=op.f("pk_hazard_words")),
    )
    op.create_table(
        "desk_line",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("hazard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_desk_line_hazard_id")),
        sa.PrimaryKeyConstraint("key", "stage", "due", "hazard_id", name=op.f("pk_desk_line")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_desk_line_hazard_id", "desk_line", ["hazard_id"])
    op.execute(
        "CREATE VIRTUAL TABLE hazard_search USING fts5(shown, told, who, facets, scope,"
        " content='', contentless_delete=1, prefix='1', tokenize='ascii')"
    )
    op.drop_index("ix_hazard_unit_state_deadline", table_name="hazard")
    for index, columns in INDEXES.items():
        op.create_index(index, "hazard", columns)
    _carry_forward()
    make_triggers()


def _carry_forward() -> None:
    bind = op.get_bind()
    hazard = sa.table("hazard", *(sa.column(name) for name in ("id", "number", "location_text", "description")))
    words = sa.table("hazard_words", *(sa.column(name) for name in ("hazard_id", "shown", "told")))
    last = 0
    while rows := bind.execute(
        sa.select(hazard).where(hazard.c.id > last).order_by(hazard.c.id).limit(AT_ONCE)
    ).all():
        bind.execute(
            words.insert(),
            [
                {
                    "hazard_id": row.id,
                    "shown": shown_words(number=row.number, location_text=row.location_text),
                    "told": words_of(row.description),
                }
                for row in rows
            ],
        )
        last = rows[-1].id
    bind.exec_driver_sql(LINES.format(which="true"))
    bind.exec_driver_sql(WORDS.format(which="true"))


def make_triggers() -> None:
    for name, (when, steps) in TRIGGERS.items():
        # Not `op.execute`: it would read a colon as a parameter.
        op.get_bind().exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN {';'.join(steps)}; END")


def drop_triggers() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")


def downgrade() -> None:
    drop_triggers()
    for index in INDEXES:
        op.drop_index(index, table_name="hazard")
    op.create_index("ix_hazard_unit_state_deadline", "hazard", ["unit_id", "state", "deadline"])
    op.execute("DROP TABLE hazard_search")
    op.drop_table("desk_line")
    op.drop_table("hazard_words")
