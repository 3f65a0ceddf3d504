"""`flask --app wsgi …`: serve, and the commands that keep house."""

import sys
from pathlib import Path
from typing import Final

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.core.errors import Invalid, NotFound
from app.edge.entrance import runtime
from app.first_steps import first_link, link_for, make_demo
from app.hazards.diagram import lifecycle_page
from app.keeping_cli import register_keeping
from app.local_authority import ensure_certificate
from app.serving import serve as supervise
from app.tls_files import tls_files
from app.tls_told import way_for_phones
from config import Demo

DIAGRAM: Final = Path(__file__).resolve().parent.parent / "docs" / "lifecycle.md"


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Bring the database up to date, then run web and workers until Ctrl-C."""
    means = runtime()
    settings = means.settings
    upgrade()
    if settings.demo is Demo.OFF:
        closing = first_link(means) or f"Sign in at {settings.public_url}"
    else:
        accounts = make_demo(means)
        closing = f"Demo accounts: {accounts}"
        if sys.stdout.isatty():
            closing += "\n" + accounts.read_text(encoding="utf-8")
    if settings.has_own_tls:
        files = tls_files(settings.data)
        ensure_certificate(files, settings.public_host, at=means.now())
        closing += "\n" + way_for_phones(settings.public_url, files, draws=sys.stdout.isatty())
    sys.exit(supervise(settings, closing=closing))


@click.command("lifecycle-diagram")
@click.option("--check", is_flag=True, help="fail when docs/lifecycle.md is not what the table says")
def lifecycle_diagram(*, check: bool) -> None:
    """Write docs/lifecycle.md from the lifecycle table."""
    page = lifecycle_page()
    if not check:
        DIAGRAM.write_text(page, encoding="utf-8")
    elif not DIAGRAM.exists() or DIAGRAM.read_text(encoding="utf-8") != page:
        raise click.ClickException("docs/lifecycle.md is not what the table says: run flask lifecycle-diagram")


@click.command("invite")
@click.argument("login")
@with_appcontext
def invite(login: str) -> None:
    """Print a one-time link with which LOGIN chooses a password: for an administrator who is locked out."""
    try:
        link = link_for(login, means=runtime())
    except NotFound as error:
        raise click.ClickException(f"no account has the login {login}") from error
    except Invalid as error:
        raise click.ClickException(f"the account {login} is disabled: enable it first") from error
    click.echo(f"Open this link once, within 7 days, and choose a password (login: {login}):\n{link}")


def register_commands(app: Flask) -> None:
    """Give `flask` our commands."""
    app.cli.add_command(serve)
    app.cli.add_command(lifecycle_diagram)
    app.cli.add_command(invite)
    register_keeping(app)
