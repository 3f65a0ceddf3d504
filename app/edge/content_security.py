"""What a page may load: nothing but ours, and on a page with a map the pictures of one tile server."""

from typing import Final

from flask import g

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{pictures}; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'; worker-src 'self'"
)


def allow_pictures_from(origin: str) -> None:
    """Let this page show pictures of another origin, `https://tiles.example.org`; empty allows nothing."""
    g.pictures_from = origin


def referrer_policy() -> str:
    """What other hosts learn of this page's address: nothing, or on a page with their pictures its origin alone.

    Tile servers ask for that: OpenStreetMap's rules demand it, and keys of 天地图 are tied to it.
    """
    return "strict-origin-when-cross-origin" if g.get("pictures_from") else "same-origin"


def content_security() -> str:
    """The policy of this request's answer."""
    origin = g.get("pictures_from", "")
    return _POLICY.format(pictures=f" {origin}" if origin else "")
