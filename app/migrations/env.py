"""How Alembic meets the house: our engine, our metadata, one transaction for everything."""

from alembic import context
from flask import current_app

from app.core.engines import WRITES, check_collation
from app.tables import METADATA


def _is_told_by_models(name: str | None, kind: str, _parents: object) -> bool:
    """Whether the models speak of it: a full-text index makes tables of its own."""
    return kind != "table" or name is None or not name.startswith("hazard_search")


def run() -> None:
    """Run the migrations in one transaction: killed anywhere, nothing of them remains (P24)."""
    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        check_collation(connection)
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            include_name=_is_told_by_models,
            # Alembic thinks that SQLite cannot, and would commit after each migration; ours begins as we say.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
