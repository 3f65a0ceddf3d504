"""Whether the addresses that are printed and handed out can be opened on another device."""

from urllib.parse import urlsplit

from app.edge.entrance import runtime
from config import is_loopback


def only_here() -> str:
    """The public address's host when only this machine can open it; empty when others can, as it should be."""
    host = urlsplit(runtime().settings.public_url).hostname or ""
    return host if is_loopback(host) else ""
