"""Robots' hosts on this machine that judge a post as their vendors do: signature, size, pace, in that order.

Sources: the robots' own documents (企业微信群机器人, 钉钉自定义机器人, 飞书自定义机器人) and domain.md §12.
Nothing of the product is used to judge it: signatures, sizes and minutes are reckoned here anew.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.receivers import Post, Reply

MINUTE = timedelta(minutes=1)
HOUR_SECONDS = 3600
Verdict = tuple[int, str]
"""The vendor's code and words; 0 when the post was taken."""


def _signature(key: str, said: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()


@dataclass
class Judge:
    """One robot's host; `now` is its clock, `others` are posts of other programs through the same robot."""

    now: Callable[[], datetime]
    secret: str = ""
    a_minute: int = 20
    others: list[datetime] = field(default_factory=list)
    taken: list[tuple[datetime, str]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def __call__(self, post: Post) -> Reply:
        """The vendor's answer; a post that was taken is kept with its time and its words."""
        told = json.loads(post.body)
        verdict = self.fault(post, told) or self.too_fast() or (0, "ok")
        self.verdicts.append(verdict)
        if verdict[0] == 0:
            self.taken.append((self.now(), self.words(told)))
        return 200, {"Content-Type": "application/json"}, json.dumps(self.answer(*verdict)).encode()

    def within_a_minute(self, at: datetime) -> int:
        """How many posts came in the minute that ends here."""
        return sum(at - MINUTE < post <= at for post in (*self.others, *(when for when, _ in self.taken)))

    def crowded(self) -> bool:
        """Whether one post more would be over the limit."""
        return self.within_a_minute(self.now()) >= self.a_minute

    def busiest_minute(self) -> int:
        """The most that any minute held."""
        return max((self.within_a_minute(when) for when, _ in self.taken), default=0)

    def fault(self, post: Post, told: Any) -> Verdict | None:
        """What is wrong with the post itself."""
        raise NotImplementedError

    def too_fast(self) -> Verdict | None:
        """The vendor's words for too many."""
        raise NotImplementedError

    def words(self, told: Any) -> str:
        """What the group reads."""
        return str(told[told["msgtype"]]["content"])

    def answer(self, code: int, words: str) -> dict[str, Any]:
        """The body, as this vendor writes it."""
        return {"errcode": code, "errmsg": words}


class WecomJudge(Judge):
    """企业微信: the key is in the address, text up to 2,048 bytes, markdown up to 4,096, 20 posts a minute."""

    def fault(self, post: Post, told: Any) -> Verdict | None:
        """No signature; a size for each kind."""
        if parse_qs(urlsplit(post.path).query).get("key") != ["secret-key"]:
            return 93000, "invalid webhook url"
        kind = told.get("msgtype")
        most = {"text": 2048, "markdown": 4096}.get(kind)
        if most is None:
            return 40008, "invalid message type"
        if len(told[kind]["content"].encode()) > most:
            return 40058, f"{kind}.content exceed max length {most}. invalid Request Parameter"
        return None

    def too_fast(self) -> Verdict | None:
        """45009 until the minute has passed."""
        return (45009, "api freq out of limit") if self.crowded() else None


@dataclass
class DingtalkJudge(Judge):
    """钉钉: signed in the address within an hour, 20,000 bytes, 20 a minute and then ten minutes of silence."""

    silent_until: datetime | None = None

    def fault(self, post: Post, told: Any) -> Verdict | None:
        """310000 stands for every safeguard."""
        query = parse_qs(urlsplit(post.path).query)
        [stamp], [sign] = query.get("timestamp", [""]), query.get("sign", [""])
        if not stamp.isdecimal() or abs(self.now().timestamp() - int(stamp) / 1000) > HOUR_SECONDS:
            return 310000, "description:invalid timestamp"
        if sign != _signature(self.secret, f"{stamp}\n{self.secret}"):
            return 310000, "description:sign not match"
        if len(post.body) > 20_000:
            return 460101, "message too long, exceed 20000 bytes"
        return None if told.get("msgtype") == "text" else (40035, "unknown msgtype")

    def too_fast(self) -> Verdict | None:
        """One post too many, and the robot is dumb for ten minutes."""
        if self.crowded():
            self.silent_until = self.now() + 10 * MINUTE
        if self.silent_until is not None and self.now() < self.silent_until:
            return 130101, "send too fast, exceed 20 times per minute"
        return None


class FeishuJudge(Judge):
    """飞书: signed in the body within an hour, 20 KB, 100 a minute."""

    def fault(self, post: Post, told: Any) -> Verdict | None:
        """The key is made of time and secret; nothing is signed with it."""
        stamp = str(told.get("timestamp", ""))
        fresh = stamp.isdecimal() and abs(self.now().timestamp() - int(stamp)) <= HOUR_SECONDS
        if not fresh or told.get("sign") != _signature(f"{stamp}\n{self.secret}", ""):
            return 19021, "sign match fail or timestamp is not within one hour from current time"
        if len(post.body) > 20 * 1024:
            return 9499, "Bad Request: body too large"
        return None if told.get("msg_type") == "text" else (9499, "Bad Request")

    def too_fast(self) -> Verdict | None:
        """11232 until the minute has passed."""
        return (11232, "frequency limited psm[lark.oapi.app_platform_runtime]") if self.crowded() else None

    def words(self, told: Any) -> str:
        """Its body differs."""
        return str(told["content"]["text"])

    def answer(self, code: int, words: str) -> dict[str, Any]:
        """It says `code`, and of success also the old names."""
        return {"code": code, "msg": words, "data": {}}
