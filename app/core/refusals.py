"""PostgreSQL's triggers that make a table insert-only; SQLite's stand in the migrations, one line each.

Migrations call this too: what it makes for a table that exists already must not change its meaning.
"""


def insert_only(table: str, *, says: str | None = None, columns: str | None = None) -> tuple[str, ...]:
    """Statements that refuse changes, deletions and truncation of `table`, repeatable.

    `columns` names those that never change where others may ("kind, number"); `says` is the refusal's sentence.
    """
    said = (says or f"{table} is insert-only").replace("'", "''")
    refuse = f"EXECUTE FUNCTION {table}_is_insert_only()"
    change = f"UPDATE OF {columns}" if columns else "UPDATE"
    raised = f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    made = f"CREATE OR REPLACE TRIGGER {table}_refuses"
    return (
        f"CREATE OR REPLACE FUNCTION {table}_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS {raised}",
        f"{made}_change BEFORE {change} OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"{made}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    )
