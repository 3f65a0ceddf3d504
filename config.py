"""Every setting of the product: read once from the environment, checked at start, all faults at once."""

import ipaddress
import os
import re
import secrets
import urllib.parse
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

MIB: Final = 1024 * 1024
SECRET_KEY_FILE: Final = "secret-key"  # noqa: S105  # a file's name
SECRET_KEY_MIN: Final = 32
"""Characters; a key of fewer is guessable or a placeholder."""
_LOOPBACK_NAMES: Final = frozenset({"localhost", "localhost."})
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\.?")
T = TypeVar("T")


class SettingsError(Exception):
    """The settings cannot be used; `faults` holds one sentence each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(("The settings cannot be used:", *(f"  - {fault}" for fault in faults))))
        self.faults = faults


class Demo(StrEnum):
    """Whether empty data becomes a demo organisation, and whether its accounts may face a network."""

    OFF = "0"
    ON = "1"
    OPEN = "open"


@dataclass(frozen=True)
class Limits:
    """Upper bounds of contract.md; bytes are bytes, texts are characters."""

    photo_bytes: int = 20 * MIB
    photos: int = 9
    multipart_bytes: int = 100 * MIB
    json_bytes: int = MIB // 4
    description: int = 2000
    text: int = 200
    hazards_per_minute: int = 120
    guest_hazards_per_minute: int = 10
    upload_days: int = 7
    uploads: int = 100
    upload_bytes: int = 1024 * MIB


LIMIT_NAMES: Final[Mapping[str, str]] = {
    "PHOTO_LIMIT_BYTES": "photo_bytes",
    "PHOTOS_LIMIT": "photos",
    "MULTIPART_LIMIT_BYTES": "multipart_bytes",
    "JSON_LIMIT_BYTES": "json_bytes",
    "DESCRIPTION_LIMIT": "description",
    "TEXT_LIMIT": "text",
    "HAZARDS_PER_MINUTE": "hazards_per_minute",
    "GUEST_HAZARDS_PER_MINUTE": "guest_hazards_per_minute",
    "UPLOAD_DAYS": "upload_days",
    "UPLOADS_LIMIT": "uploads",
    "UPLOADS_LIMIT_BYTES": "upload_bytes",
}

DEFAULTS: Final[Mapping[str, str]] = {
    "DATA": "./var",
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "DEMO": "1",
    "DATABASE_URL": "",
    "STORE_URL": "",
    "REDIS_URL": "",
    "PUBLIC_URL": "",
    "TLS": "0",
    "SECRET_KEY": "",
    "TIMEZONE": "Asia/Shanghai",
    "NEAREST_PLACE_METRES": "300",
    "TRUSTED_PROXIES": "0",
    "WEB_PROCESSES": "1",
    "ACCEL_REDIRECT": "0",
    "METRICS_TOKEN": "",
    "SMTP_URL": "",
    "MAIL_FROM": "",
    "OUTGOING_ALLOWED": "",
    "MAP_TILES": "",
    "MAP_DATUM": "wgs84",
    "MAP_CREDIT": "",
    **{name: str(getattr(Limits(), attribute)) for name, attribute in LIMIT_NAMES.items()},
}
"""Every setting with the text that stands for it when it is unset or empty; `docs/settings.md` repeats it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; made by `from_environment`, passed to whoever needs it."""

    data: Path
    host: str
    port: int
    demo: Demo
    database_url: str = field(repr=False)
    """May hold a password, as may the two below."""
    store_url: str = field(repr=False)
    public_url: str
    timezone: str
    nearest_place_metres: int
    trusted_proxies: int
    limits: Limits
    has_own_tls: bool = False
    """Whether the product itself speaks https, with a certificate of its own making: for trying it on a phone."""
    redis_url: str = field(repr=False, default="")
    """Empty: embedded workers look into the database themselves."""
    web_processes: int = 1
    is_accelerated: bool = False
    """Whether nginx in front hands out pictures that the app has allowed (X-Accel-Redirect)."""
    metrics_token: str | None = field(repr=False, default=None)
    """Opens `/metrics` from elsewhere; None: only this machine may read it."""
    mail_from: str = ""
    outgoing_allowed: tuple[str, ...] = ()
    map_tiles: str = field(repr=False, default="")
    """One address or two with a space between, the upper one last; empty: maps show a plain ground.

    May hold a key, which every browser that shows a map sees.
    """
    map_datum: str = "wgs84"
    map_credit: str = ""
    smtp_url: str = field(repr=False, default="")
    """May hold a password; empty: no e-mail is sent."""
    secret_key: str | None = field(repr=False, default=None)
    """As given; when None, `secret_key_for` makes and keeps one."""

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies are `Secure`: when people reach the product by https."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """The host of the address that people use."""
        return urllib.parse.urlsplit(self.public_url).hostname or ""

    @property
    def map_origin(self) -> str:
        """Where the map's tiles come from, as a browser's policy names it; empty without tiles."""
        layers = [urllib.parse.urlsplit(address) for address in self.map_tiles.split()]
        return " ".join(dict.fromkeys(f"{parts.scheme}://{parts.netloc}" for parts in layers))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings in `environ`; touches no file.

        Raises:
            SettingsError: one or more are malformed, or contradict each other.
        """
        reading = _Reading(environ)
        data = Path(reading.text("DATA")).expanduser().absolute()
        host = reading.parsed("HOST", _host, "127.0.0.1")
        port = reading.parsed("PORT", _port, 0)
        demo = reading.parsed("DEMO", _demo, Demo.OFF)
        if demo is Demo.ON and not is_loopback(host):
            reading.faults.append(f"HOST={host} lets the network reach demo accounts: set DEMO=0, or DEMO=open")
        has_own_tls = reading.parsed("TLS", _switch, False)
        settings = cls(
            data=data,
            host=host,
            port=port,
            demo=demo,
            database_url=reading.parsed("DATABASE_URL", _database, "") or f"sqlite:///{data}/hazards.sqlite3",
            store_url=reading.parsed("STORE_URL", _store, "") or f"file:{data}/store",
            public_url=reading.parsed("PUBLIC_URL", _public, "") or _address(host, port, has_own_tls),
            has_own_tls=has_own_tls,
            timezone=reading.parsed("TIMEZONE", _timezone, ""),
            nearest_place_metres=reading.parsed("NEAREST_PLACE_METRES", _count, 0),
            trusted_proxies=reading.parsed("TRUSTED_PROXIES", partial(_count, least=0), 0),
            limits=Limits(**{at: reading.parsed(name, _count, 1) for name, at in LIMIT_NAMES.items()}),
            redis_url=reading.parsed("REDIS_URL", _redis, ""),
            web_processes=reading.parsed("WEB_PROCESSES", _count, 1),
            is_accelerated=reading.parsed("ACCEL_REDIRECT", _switch, False),
            metrics_token=reading.parsed("METRICS_TOKEN", _secret, None),
            mail_from=reading.parsed("MAIL_FROM", _mail_address, ""),
            outgoing_allowed=reading.parsed("OUTGOING_ALLOWED", _hosts, ()),
            map_tiles=reading.parsed("MAP_TILES", _tiles, ""),
            map_datum=reading.parsed("MAP_DATUM", _map_datum, "wgs84"),
            map_credit=reading.parsed("MAP_CREDIT", _credit, ""),
            smtp_url=reading.parsed("SMTP_URL", _smtp, ""),
            secret_key=reading.parsed("SECRET_KEY", _secret, None),
        )
        if has_own_tls:
            reading.faults += _tls_faults(settings)
        if settings.smtp_url and not settings.mail_from:
            reading.faults.append("MAIL_FROM must name the sender's address when SMTP_URL is set")
        if settings.web_processes > 1 and not settings.redis_url:
            reading.faults.append("WEB_PROCESSES above 1 needs REDIS_URL: limits by minute are counted there")
        if settings.limits.photo_bytes > settings.limits.multipart_bytes:
            reading.faults.append("PHOTO_LIMIT_BYTES is above MULTIPART_LIMIT_BYTES: no such photo could come")
        if reading.faults:
            raise SettingsError(tuple(reading.faults))
        return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host` (a name other than localhost counts as reachable)."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.lower() in _LOOPBACK_NAMES


def settings_of_this_process() -> Settings:
    """This process's settings, the one look at its environment; raises SettingsError."""
    return Settings.from_environment(os.environ)


def secret_key_for(settings: Settings) -> str:
    """The key that signs sessions: the one given, or the one kept in `$DATA`, made (mode 0600) when missing.

    Several processes may come at once: whoever links the file first decides, the others read it.

    Raises:
        OSError: `$DATA` cannot be read or written.
        SettingsError: the file is there but holds no key.
    """
    if settings.secret_key:
        return settings.secret_key
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.data / SECRET_KEY_FILE
    if not path.exists():
        _make_secret(path)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < SECRET_KEY_MIN:
        raise SettingsError((f"{path} holds no key: remove it, and a new one is made (everybody signs in anew)",))
    return key


def _make_secret(path: Path) -> None:
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(descriptor)
    try:
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


class _Reading:
    """One pass over the environment that collects every fault instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip() or DEFAULTS[name]

    def parsed(self, name: str, parse: Callable[[str], T], otherwise: T) -> T:
        try:
            return parse(self.text(name))
        except ValueError as error:
            self.faults.append(f"{name} {error}")
            return otherwise


def _count(text: str, *, least: int = 1) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) < least:
        raise ValueError(f"must be a whole number above {least - 1}, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 2**16:
        raise ValueError(f"must be a port from 1 to 65535, not {text!r}")
    return int(text)


def _demo(text: str) -> Demo:
    if text not in set(Demo):
        raise ValueError(f"must be 0, 1 or open, not {text!r}")
    return Demo(text)


def _host(text: str) -> str:
    with suppress(ValueError):
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    # All digits and dots is a mistyped address, not a name.
    if not _HOST_NAME.fullmatch(text) or re.fullmatch(r"[0-9.]+", text):
        raise ValueError(f"must be an IP address or a host name, not {text!r}")
    return text


def _address(host: str, port: int, has_own_tls: bool) -> str:  # noqa: FBT001  # three facts of one address
    scheme = "https" if has_own_tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _tls_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.has_secure_cookies:
        faults.append("PUBLIC_URL must begin with https:// when TLS=1")
    if settings.public_host in {"0.0.0.0", "::", ""}:  # noqa: S104  # compared, not bound
        faults.append("TLS=1 needs the address that phones will use: HOST=192.168.1.20, or PUBLIC_URL=https://…")
    if settings.trusted_proxies:
        faults.append("TLS=1 and TRUSTED_PROXIES contradict each other: a proxy in front has its own certificate")
    return faults


def _timezone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"must be a zone such as Asia/Shanghai, not {text!r}") from error
    return text


def _secret(text: str) -> str | None:
    if text and len(text) < SECRET_KEY_MIN:
        raise ValueError(f"must have at least {SECRET_KEY_MIN} characters")
    return text or None


def _split(text: str) -> urllib.parse.SplitResult:
    """The parts of an address; a fault never repeats the address, which may hold a password."""
    try:
        parts = urllib.parse.urlsplit(text)
        parts.port  # noqa: B018  # a port that is no number shows itself only when asked for
    except ValueError as error:
        raise ValueError("is not an address") from error
    return parts


def _public(text: str) -> str:
    if not text:
        return ""
    parts = _split(text)
    bare = not (parts.query or parts.fragment or parts.username or parts.password or parts.path.strip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or not bare:
        raise ValueError("must be http:// or https:// with a host, and nothing after it")
    return f"{parts.scheme}://{parts.netloc}"


def _database(text: str) -> str:
    if not text:
        return ""
    parts = _split(text)
    if parts.scheme in {"postgresql", "postgresql+psycopg"}:
        if not parts.path.strip("/"):
            raise ValueError("must name the database: postgresql+psycopg://USER:PASSWORD@HOST:5432/NAME")
        return "postgresql+psycopg:" + text.partition(":")[2]
    if not text.startswith("sqlite:////"):
        raise ValueError("must be sqlite:////an/absolute/path, or postgresql+psycopg://…")
    return text


def _store(text: str) -> str:
    if not text:
        return ""
    parts = _split(text)
    if parts.scheme in {"s3+http", "s3+https"}:
        bucket = parts.path.strip("/")
        named = parts.hostname and parts.username and parts.password
        query = urllib.parse.parse_qs(parts.query)
        if not named or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket) or set(query) != {"region"}:
            raise ValueError("must be s3+https://KEY:SECRET@HOST/BUCKET?region=REGION (s3+http:// without TLS)")
        return text
    if not text.startswith("file:/"):
        raise ValueError("must be file:/an/absolute/folder, or s3+http(s)://…")
    return "file:" + parts.path


def _redis(text: str) -> str:
    if text:
        parts = _split(text)
        reached = parts.path.strip("/") if parts.scheme == "unix" else parts.hostname
        if parts.scheme not in {"redis", "rediss", "unix"} or not reached:
            raise ValueError("must be redis://HOST:6379/0, rediss://… or unix:///a/socket")
    return text


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError(f"must be 0 or 1, not {text!r}")
    return text == "1"


def _smtp(text: str) -> str:
    if text:
        parts = _split(text)
        if parts.scheme not in {"smtp", "smtps", "smtp+plain"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must be smtp://USER:PASSWORD@HOST:PORT, smtps://… or smtp+plain://…")
    return text


def _mail_address(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s<>,;\"\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,250}", text):
        raise ValueError(f"must be one address such as safety@example.org, not {text!r}")
    return text


def _tiles(text: str) -> str:
    layers = text.split()
    if len(layers) > 2:  # noqa: PLR2004  # a ground and the names on it
        raise ValueError("must be one address, or two with a space between: the ground and the names on it")
    return " ".join(_layer(address) for address in layers)


def _layer(text: str) -> str:
    parts = _split(text)
    marks = all((parts.path + "?" + parts.query).count(mark) == 1 for mark in ("{z}", "{x}", "{y}"))
    is_plain = not re.search(r"[^!-~]|[\"'<>;,\\]", text) and "{" not in re.sub(r"\{[xyz]\}", "", text)
    if (
        not marks
        or not is_plain
        or parts.username
        or parts.fragment
        or not _HOST_NAME.fullmatch(parts.hostname or "")
    ):
        raise ValueError("must be an address such as https://tiles.example.org/{z}/{x}/{y}.png")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_intranet(parts.hostname or "")):
        raise ValueError("must be https://, or http:// on a host of the own network")
    return text


def _is_intranet(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_private
    return "." not in host.rstrip(".") or host.rstrip(".").endswith((".lan", ".local", ".internal", ".home.arpa"))


def _map_datum(text: str) -> str:
    if text not in {"wgs84", "gcj02"}:
        raise ValueError(f"must be wgs84 or gcj02, not {text!r}")
    return text


def _credit(text: str) -> str:
    if len(text) > 200 or not text.isprintable():  # noqa: PLR2004  # a line below a map
        raise ValueError("must be one line of at most 200 characters")
    return text


def listed_host(text: str) -> str:
    """One entry of the outgoing list: a host name, an address or a network (CIDR), in its usual writing.

    Raises:
        ValueError: it is none of them.
    """
    bare = text.strip().lower()
    with suppress(ValueError):
        return str(ipaddress.ip_network(bare.removeprefix("[").removesuffix("]"), strict=False))
    if not _HOST_NAME.fullmatch(bare) or re.fullmatch(r"[0-9./]+", bare):
        raise ValueError(f"must list host names, addresses or networks, not {text!r}")
    return bare.removesuffix(".")


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(listed_host(entry) for entry in text.split(",") if entry.strip())
