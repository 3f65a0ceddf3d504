"""Search and order of the officer's inbox; every hazard there is gets its words and its lines.

What keeps `hazard_search` and `desk_line` true are triggers: no use case can forget them. A later migration that
rebuilds `hazard` or `unit` (SQLite has no other way to change a table) drops its triggers: it calls `drop_triggers`
before and `make_triggers` after, both to be copied from here. On PostgreSQL the index is a table with a tsvector, in
which a sign before each word says its column (`app.hazards.words_dialects`).
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
    FROM hazard h JOIN unit u ON u.id = h.unit_id, {{above}}
    WHERE {{which}} AND {WAITS}
    UNION ALL
    SELECT 'a' || h.rectifier_id, {STAGE}, coalesce(h.deadline, h.arrived_at), h.id
    FROM hazard h WHERE {{which}} AND h.state = 'rectifying' AND h.rectifier_id IS NOT NULL"""

ABOVE_SQLITE = "json_each('[' || replace(trim(u.path, '/'), '/', ',') || ']') above"
ABOVE_POSTGRESQL = "unnest(string_to_array(trim(both '/' from u.path), '/')) AS above(value)"

WHO = "coalesce('§' || h.rectifier_id, '¤' || h.rectifier_name, '')"
FACETS = """'s' || replace(h.state, '_', '') || coalesce(' c' || h.category, '') || coalesce(' l' || h.level, '')
            || coalesce(' p' || h.place_id, '')"""
SCOPE = "replace(u.path, '/', ' ')"
WORDS_FROM = """FROM hazard h JOIN hazard_words w ON w.hazard_id = h.id JOIN unit u ON u.id = h.unit_id
    WHERE {which}"""
WORDS_SQLITE = f"""INSERT INTO hazard_search (rowid, shown, told, who, facets, scope)
    SELECT h.id, w.shown, w.told, {WHO}, {FACETS}, {SCOPE} {WORDS_FROM}"""
WORDS_POSTGRESQL = f"""INSERT INTO hazard_search (hazard_id, words)
    SELECT h.id, words_behind('s', w.shown) || words_behind('t', w.told) || words_behind('w', {WHO})
        || words_behind('f', {FACETS}) || words_behind('u', {SCOPE}) {WORDS_FROM}"""
# Cut and folded as FTS5's "ascii" does it. A tsvector's places end at 16383: words beyond it are found alone; and
# a word ends at 2046 bytes: of a longer one, which nobody can type, the beginning is kept.
WORDS_BEHIND = r"""CREATE FUNCTION words_behind(sign text, said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(string_agg(
        '''' || replace(replace(sign || left(word, 500), '\', '\\'), '''', '''''') || ''':' || least(place, 16383), ' '
        ORDER BY place), '')::tsvector
    FROM regexp_split_to_table(lower(said COLLATE "C"), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+')
        WITH ORDINALITY AS cut(word, place)
    WHERE word <> ''
$$"""

LINE_COLUMNS = (
    "state, unit_id, rectifier_id, level, deadline, arrived_at, extension_asked_at, appealed_at, appeal_decided_at,"
    " objected_at, objection_decided_at"
)
OF_UNIT = "SELECT id FROM hazard WHERE unit_id = NEW.id"


def _triggers(dialect: str) -> dict[str, tuple[str, list[str]]]:
    """Each trigger's name, when it comes, and its steps."""
    if dialect == "sqlite":
        lines, words, key = LINES.replace("{above}", ABOVE_SQLITE), WORDS_SQLITE, "rowid"
    else:
        lines, words, key = LINES.replace("{above}", ABOVE_POSTGRESQL), WORDS_POSTGRESQL, "hazard_id"
    return {
        "desk_line_of_new_hazard": ("AFTER INSERT ON hazard", [lines.format(which="h.id = NEW.id")]),
        "desk_line_of_changed_hazard": (
            f"AFTER UPDATE OF {LINE_COLUMNS} ON hazard",
            ["DELETE FROM desk_line WHERE hazard_id = OLD.id", lines.format(which="h.id = NEW.id")],
        ),
        "desk_line_of_gone_hazard": (
            "BEFORE DELETE ON hazard",
            [
                "DELETE FROM desk_line WHERE hazard_id = OLD.id",
                f"DELETE FROM hazard_search WHERE {key} = OLD.id",
                "DELETE FROM hazard_words WHERE hazard_id = OLD.id",
            ],
        ),
        "hazard_search_of_new_words": (
            "AFTER INSERT ON hazard_words",
            [words.format(which="h.id = NEW.hazard_id")],
        ),
        "hazard_search_of_changed_words": (
            "AFTER UPDATE ON hazard_words",
            [f"DELETE FROM hazard_search WHERE {key} = OLD.hazard_id", words.format(which="h.id = NEW.hazard_id")],
        ),
        "hazard_search_of_changed_hazard": (
            "AFTER UPDATE OF state, unit_id, rectifier_id, rectifier_name, category, level, place_id ON hazard",
            [f"DELETE FROM hazard_search WHERE {key} = OLD.id", words.format(which="h.id = NEW.id")],
        ),
        "desk_of_moved_unit": (
            "AFTER UPDATE OF path ON unit",
            [
                f"DELETE FROM desk_line WHERE hazard_id IN ({OF_UNIT})",
                lines.format(which="h.unit_id = NEW.id"),
                f"DELETE FROM hazard_search WHERE {key} IN ({OF_UNIT})",
                words.format(which="h.unit_id = NEW.id"),
            ],
        ),
    }


INDEXES = {
    "ix_hazard_unit_state_deadline": ["unit_id", "state", "deadline", "finished_at"],
    "ix_hazard_unit_state_submitted": ["unit_id", "state", "submitted_at", "category", "place_id"],
    "ix_hazard_unit_state_closed": ["unit_id", "state", "closed_at"],
}


def upgrade() -> None:
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
    _create_index()
    op.drop_index("ix_hazard_unit_state_deadline", table_name="hazard")
    for index, columns in INDEXES.items():
        op.create_index(index, "hazard", columns)
    _carry_forward()
    make_triggers()


def _create_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE hazard_search USING fts5(shown, told, who, facets, scope,"
            " content='', contentless_delete=1, prefix='1', tokenize='ascii')"
        )
        return
    op.get_bind().exec_driver_sql(WORDS_BEHIND)
    op.execute("CREATE TABLE hazard_search (hazard_id integer PRIMARY KEY, words tsvector NOT NULL)")
    op.execute("CREATE INDEX ix_hazard_search_words ON hazard_search USING gin (words)")


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
    is_sqlite = bind.dialect.name == "sqlite"
    lines = LINES.replace("{above}", ABOVE_SQLITE if is_sqlite else ABOVE_POSTGRESQL)
    bind.exec_driver_sql(lines.format(which="true"))
    bind.exec_driver_sql((WORDS_SQLITE if is_sqlite else WORDS_POSTGRESQL).format(which="true"))


def make_triggers() -> None:
    # Not `op.execute`: it would read a colon as a parameter.
    bind = op.get_bind()
    for name, (when, steps) in _triggers(bind.dialect.name).items():
        if bind.dialect.name == "sqlite":
            bind.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN {';'.join(steps)}; END")
            continue
        result = "OLD" if "DELETE" in when else "NEW"
        bind.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {';'.join(steps)}; RETURN {result}; END $$"
        )
        bind.exec_driver_sql(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")


def drop_triggers() -> None:
    dialect = op.get_bind().dialect.name
    for name, (when, _steps) in _triggers(dialect).items():
        if dialect == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {when.rpartition(' ')[2]}")
            op.execute(f"DROP FUNCTION {name}")


def downgrade() -> None:
    drop_triggers()
    for index in INDEXES:
        op.drop_index(index, table_name="hazard")
    op.create_index("ix_hazard_unit_state_deadline", "hazard", ["unit_id", "state", "deadline"])
    op.execute("DROP TABLE hazard_search")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION words_behind")
    op.drop_table("desk_line")
    op.drop_table("hazard_words")
