"""`flask --app wsgi backup | restore | verify`: thin commands; what they say is English, like every log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from alembic.script import ScriptDirectory
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.core.errors import Unavailable
from app.edge.entrance import runtime
from app.keeping.backup import back_up
from app.keeping.refusal import Refused
from app.keeping.restore import restore as restore_file
from app.keeping.verify import told_of
from app.keeping.verify import verify as verify_all
from storage.object_store import StoreError

SAVED_WITH_LOSSES: Final = 3
"""The exit code of a backup that is there, without objects that are not; 1 means that there is none."""
MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"


def known_revisions() -> tuple[str, ...]:
    """The migrations of this version, oldest first."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]


@contextmanager
def _said_plainly() -> Iterator[None]:
    """A refusal is a sentence and exit code 1; nobody at a machine at night reads a traceback."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except Unavailable as fault:
        raise click.ClickException(
            "the database does not answer: nothing is lost, run the command again"
        ) from fault
    except StoreError as fault:
        raise click.ClickException(f"the store does not answer ({fault}): run the command again") from fault
    except OSError as fault:
        raise click.ClickException(f"the file cannot be read or written: {fault.strerror}") from fault


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="put the new backup in the place of FILE when it is whole")
@with_appcontext
def backup(file: Path, *, replace: bool) -> None:
    """Save database and objects in FILE, while the service runs; exit 3: saved, but for objects that are lost."""
    with _said_plainly():
        saved = back_up(file.absolute(), means=runtime(), is_replacing=replace)
    for loss in saved.losses:
        known = " (known: the photo was set apart)" if loss.is_known else ""
        click.echo(f"NOT SAVED: {', '.join(loss.named_by)}: {loss.what}{known} (object {loss.key})", err=True)
    manifest = saved.manifest
    rows = sum(table.rows for table in manifest.tables.values())
    click.echo(
        f"Saved {rows} rows and {manifest.objects.count} objects ({manifest.objects.bytes} bytes) in {file}"
    )
    if saved.fresh_losses:
        click.echo(
            f"All else is saved, but {len(saved.fresh_losses)} objects are not there to be saved.", err=True
        )
        sys.exit(SAVED_WITH_LOSSES)


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Bring back FILE onto empty data, with the service stopped; after a kill, run it again."""
    with _said_plainly():
        manifest = restore_file(
            file.absolute(),
            means=runtime(),
            revisions=known_revisions(),
            migrate=lambda revision: upgrade(revision=revision),
        )
    rows = sum(table.rows for table in manifest.tables.values())
    click.echo(f"Restored {rows} rows and {manifest.objects.count} objects from {manifest.made_at.isoformat()}.")
    if manifest.lost:
        click.echo(f"{len(manifest.lost)} objects were not in the backup: verify names them.")
    click.echo(
        "Everybody signs in anew in the browser, unless SECRET_KEY is the old one. Next: flask --app wsgi verify"
    )


@click.command("verify")
@with_appcontext
def verify() -> None:
    """Check every object's SHA-256, numbers, histories and ledger; exit 1 and the first bad rows if any differ."""
    faults = 0
    with _said_plainly():
        # Told as it comes: the first check may read for hours, and what it found must not wait for the last.
        for report in verify_all(runtime()):
            faults += report.faults
            for line in told_of(report):
                click.echo(line)
    if faults:
        sys.exit(1)


def register_keeping(app: Flask) -> None:
    """Give `flask` the commands that keep what is there."""
    for command in (backup, restore, verify):
        app.cli.add_command(command)
