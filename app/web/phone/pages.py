"""The pages of the house on a phone."""

from dataclasses import dataclass

from app.web.pages.frame import Frame


@dataclass(frozen=True, kw_only=True)
class OfflinePage:
    """没有网络."""

    frame: Frame
    report_href: str
    drafts_href: str = ""  # empty: there is no such page


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What to do on one kind of phone: to trust, and to remove it again."""

    phone: str
    trust: tuple[str, ...]
    remove: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PhonePage:
    """在手机上试用."""

    frame: Frame
    address: str
    host: str
    authority_href: str
    authority_name: str
    fingerprint: tuple[str, ...]  # rows of eight bytes
    kinds: tuple[Steps, ...]
