"""The three robots: how each wants its text, its signature and its pace, and what its answers mean. Pure.

Sources: the robots' own documents (企业微信群机器人, 钉钉自定义机器人, 飞书自定义机器人) and domain.md §12.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

MINUTE: Final = timedelta(minutes=1)


class Robot(StrEnum):
    """Whose robot it is."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


@dataclass(frozen=True)
class Manners:
    """A robot's limits: bytes of one text and of several together, posts a minute, and the pause after too many.

    `a_minute` stays below the documented limit, so that trial messages and others who use the robot find room.
    """

    text_bytes: int
    bundle_bytes: int
    a_minute: int
    block: timedelta
    host: str


MANNERS: Final[Mapping[Robot, Manners]] = MappingProxyType(
    {
        Robot.WECOM: Manners(2048, 4096, 18, timedelta(minutes=1), "qyapi.weixin.qq.com"),
        Robot.DINGTALK: Manners(4096, 16_000, 18, timedelta(minutes=10), "oapi.dingtalk.com"),
        Robot.FEISHU: Manners(4096, 16_000, 90, timedelta(minutes=1), "open.feishu.cn"),
    }
)


class Fault(StrEnum):
    """What a robot's answer means, as an administrator can act on it."""

    TOO_FAST = "too_fast"
    KEY = "robot_key"
    SIGNATURE = "robot_signature"
    KEYWORD = "robot_keyword"
    ADDRESS_RANGE = "robot_address_range"
    TOO_LONG = "robot_too_long"
    AWAY = "robot_away"
    OTHER = "robot_other"


FAULTS: Final[Mapping[Robot, Mapping[int, Fault]]] = MappingProxyType(
    {
        Robot.WECOM: {
            45009: Fault.TOO_FAST,
            93000: Fault.KEY,
            93008: Fault.KEY,
            40058: Fault.TOO_LONG,
            -1: Fault.AWAY,
        },
        Robot.DINGTALK: {
            130101: Fault.TOO_FAST,
            410100: Fault.TOO_FAST,
            660026: Fault.TOO_FAST,
            90030: Fault.TOO_FAST,
            300001: Fault.KEY,
            300005: Fault.KEY,
            400101: Fault.KEY,
            400102: Fault.KEY,
            460101: Fault.TOO_LONG,
            -1: Fault.AWAY,
        },
        Robot.FEISHU: {
            11232: Fault.TOO_FAST,
            19001: Fault.KEY,
            19021: Fault.SIGNATURE,
            19022: Fault.ADDRESS_RANGE,
            19024: Fault.KEYWORD,
            230025: Fault.TOO_LONG,
        },
    }
)
FOR_GOOD: Final = frozenset({Fault.KEY, Fault.SIGNATURE, Fault.KEYWORD, Fault.ADDRESS_RANGE, Fault.TOO_LONG})
"""Faults that trying again does not mend: somebody must change the set-up."""


DINGTALK_SAFEGUARD: Final = 310000
"""One number for its three safeguards: keyword, signature and address range; only the words tell which."""


@dataclass(frozen=True)
class Post:
    """What is posted: the address with its signature, and the body."""

    url: str
    body: bytes


def cut_bytes(text: str, limit: int) -> str:
    """The text within `limit` bytes of UTF-8, cut between characters, with … where something is missing."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    mark = "…"
    return raw[: max(0, limit - len(mark.encode()))].decode(errors="ignore") + mark


_CALLS: Final = str.maketrans({"<": "〈", ">": "〉", "@": "＠"})
_MARKS: Final = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "[]()`*#_~\\|!"})
"""Each mark of markdown becomes its full-width form, which is read alike and means nothing."""
_LINK: Final = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_OWN_ADDRESS: Final = re.compile(r"https?://[^\s<>@()\[\]]+/hazards/[A-Za-z0-9-]+")


def harmless(text: str, *, markdown: bool = False) -> str:
    """The text without what a robot would read as a call to everybody, as a link or as mark-up.

    A place's name is typed by people: `<at user_id="all">` or `[sign in](https://…)` in it must stay a name. Only
    a last line that is nothing but a hazard's address stays a link; no name reaches there, names have one line.
    """
    said, between, last = text.rpartition("\n")
    if not (between and _OWN_ADDRESS.fullmatch(last)):
        said, between, last = text, "", ""
    quiet = _LINK.sub(lambda sign: chr(ord(sign[0]) + 0xFEE0), said.translate(_CALLS))
    quiet = quiet.translate(_MARKS) if markdown else quiet
    return "".join(c for c in quiet if c == "\n" or c.isprintable()) + between + last


def with_keyword(text: str, keyword: str | None) -> str:
    """The text with the word the robot insists on, when it is not in it."""
    return text if not keyword or keyword in text else f"{text}\n{keyword}"


def fitting(texts: Sequence[str], *, robot: Robot, keyword: str | None = None) -> int:
    """How many of these texts, from the first, fit into one post together; at least one."""
    room = MANNERS[robot].bundle_bytes - len((keyword or "").encode()) - 1
    size = 0
    for n, text in enumerate(texts):
        size += len(harmless(text, markdown=robot is Robot.WECOM).encode()) + len(_BETWEEN.encode())
        if n and size > room:
            return n
    return len(texts)


_BETWEEN: Final = "\n\n"


def compose(
    robot: Robot, texts: Sequence[str], *, webhook: str, secret: str | None, keyword: str | None, at: datetime
) -> Post:
    """One post of one text, or of several bundled, signed as the robot wants it.

    企业微信 takes a longer body as markdown (4,096 B) than as text (2,048 B), so a bundle goes as markdown there.
    """
    manners = MANNERS[robot]
    bundled = len(texts) > 1
    limit = manners.bundle_bytes if bundled else manners.text_bytes
    markdown = bundled and robot is Robot.WECOM
    whole = _BETWEEN.join(harmless(text, markdown=markdown) for text in texts)
    said = cut_bytes(whole, limit)
    if keyword and keyword not in said:
        word = f"\n{keyword}"
        said = cut_bytes(whole, limit - len(word.encode())) + word
    if robot is Robot.WECOM:
        kind = "markdown" if markdown else "text"
        return Post(webhook, _json({"msgtype": kind, kind: {"content": said}}))
    if robot is Robot.DINGTALK:
        return Post(_signed_address(webhook, secret, at=at), _json({"msgtype": "text", "text": {"content": said}}))
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": said}}
    if secret:
        stamp = str(int(at.timestamp()))
        body = {"timestamp": stamp, "sign": feishu_sign(stamp, secret)} | body
    return Post(webhook, _json(body))


def dingtalk_sign(stamp: str, secret: str) -> str:
    r"""加签: HMAC-SHA256 over "timestamp\nsecret" with the secret as key, base64; `stamp` is in milliseconds."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def feishu_sign(stamp: str, secret: str) -> str:
    r"""签名校验: HMAC-SHA256 over nothing with "timestamp\nsecret" as key, base64; `stamp` is in seconds."""
    return base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def _signed_address(webhook: str, secret: str | None, *, at: datetime) -> str:
    if not secret:
        return webhook
    stamp = str(int(at.timestamp() * 1000))
    joint = "&" if urlsplit(webhook).query else "?"
    return f"{webhook}{joint}timestamp={stamp}&sign={quote_plus(dingtalk_sign(stamp, secret))}"


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def fault_of(robot: Robot, status: int, body: bytes) -> Fault | None:
    """What the answer complains about; None when the post was taken. Whatever cannot be read is a fault too."""
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault.TOO_FAST if status == HTTPStatus.TOO_MANY_REQUESTS else Fault.AWAY
    try:
        told = json.loads(body)
        code = int(next(told[name] for name in ("errcode", "code", "StatusCode") if name in told))
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError, AttributeError):
        return Fault.OTHER
    return None if code == 0 else _meaning(robot, code, str(told.get("errmsg") or told.get("msg") or ""))


def _meaning(robot: Robot, code: int, words: str) -> Fault:
    if robot is Robot.DINGTALK and code == DINGTALK_SAFEGUARD:
        return _dingtalk_safeguard(words)
    if robot is Robot.FEISHU and "many request" in words.lower():
        return Fault.TOO_FAST
    return FAULTS[robot].get(code, Fault.OTHER)


def _dingtalk_safeguard(words: str) -> Fault:
    if re.search(r"sign|timestamp", words, re.IGNORECASE):
        return Fault.SIGNATURE
    if re.search(r"\bip\b|whitelist", words, re.IGNORECASE):
        return Fault.ADDRESS_RANGE
    return Fault.KEYWORD


def room_left(posts: Sequence[datetime], *, robot: Robot, at: datetime) -> int:
    """How many posts the robot still takes now, after those of the last minute.

    Instants ahead of us were made before the clock was set back; they count, for at most a minute of their own.
    """
    return max(0, MANNERS[robot].a_minute - sum(abs(at - post) < MINUTE for post in posts))
