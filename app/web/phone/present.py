"""The pages of the house on a phone, from settings and files."""

from typing import Any, Final

from flask import url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.edge.entrance import runtime
from app.edge.language import ENGLISH
from app.tls_files import authority_der, fingerprint_of, tls_files
from app.web.frames import bare_frame
from app.web.phone.pages import OfflinePage, PhonePage, Steps
from app.web.phone.shell import nobodys_pages
from app.web.phone.words import KINDS
from app.web.static_files import static_files

GROUND: Final = "#f4f5f1"
"""`--ground` of look.css: what a phone shows while the page is not there yet."""
TOP: Final = "#ffffff"
_ROW: Final = 8 * 3


def manifest_in(locale: str) -> dict[str, Any]:
    """The web app manifest in this language (W3C Web Application Manifest).

    A browser fetches it without cookies, so the page that names it says the language.
    """
    with force_locale(locale):
        return _manifest()


def _manifest() -> dict[str, Any]:
    address = static_files().address
    return {
        "id": "/report",
        "start_url": "/report",
        "scope": "/",
        "name": _("隐患随手拍"),
        "short_name": _("随手拍"),
        "description": _("拍下隐患，看着它改好"),
        "lang": _lang(),
        "dir": "ltr",
        "display": "standalone",
        "orientation": "any",
        "theme_color": TOP,
        "background_color": GROUND,
        "icons": [
            {"src": address("icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": address("icons/icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": address("icons/maskable-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
        "shortcuts": [{"name": _("上报隐患"), "url": "/report"}, {"name": _("我的上报"), "url": "/mine"}],
    }


def _lang() -> str:
    return "en" if str(get_locale()) == ENGLISH else "zh-CN"


def offline_page() -> OfflinePage:
    """Nobody's page: it is kept by a phone that several people may use."""
    own = url_for("phone.offline")
    drafts = [path for path in nobodys_pages() if path != own]
    return OfflinePage(
        frame=bare_frame(), report_href=url_for("reporter.report"), drafts_href=drafts[0] if drafts else ""
    )


def trial_authority() -> bytes:
    """The authority's certificate (DER).

    Raises:
        NotFound: this installation does not make its own, or has not yet.
    """
    settings = runtime().settings
    if not settings.has_own_tls:
        raise NotFound
    try:
        return authority_der(tls_files(settings.data))
    except OSError as error:
        raise NotFound from error


def phone_page() -> PhonePage:
    """How to trust this installation's own certificate, and how to stop.

    Raises:
        NotFound: it has none.
    """
    told = fingerprint_of(trial_authority())
    settings = runtime().settings
    return PhonePage(
        frame=bare_frame(),
        address=settings.public_url,
        host=settings.public_host,
        authority_href=url_for("phone.authority"),
        authority_name=f"Hazard Snap trial {settings.public_host}",
        fingerprint=tuple(told[at : at + _ROW].strip(":") for at in range(0, len(told), _ROW)),
        kinds=tuple(
            Steps(
                phone=str(kind.phone),
                trust=tuple(str(step) for step in kind.trust),
                remove=tuple(str(step) for step in kind.remove),
            )
            for kind in KINDS
        ),
    )
