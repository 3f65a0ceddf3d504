"""A phone that speaks tus, for tests: each call is one request with the headers of the protocol."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.conftest import House

TUS = {"Tus-Resumable": "1.0.0"}
PIECE_TYPE = "application/offset+octet-stream"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def named(content: bytes) -> str:
    """The metadata that announces these bytes."""
    return "sha256 " + b64(hashlib.sha256(content).hexdigest().encode())


def checksum(content: bytes) -> dict[str, str]:
    return {"Upload-Checksum": "sha256 " + b64(hashlib.sha256(content).digest())}


@dataclass
class Phone:
    """`login` or a pass (neither: nobody)."""

    house: House
    login: str | None = None
    shown: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, *, headers: Any = None, **request: Any) -> TestResponse:
        given = {**TUS, **self.more, **(headers or {})}
        if self.shown is not None:
            given["Authorization"] = f"Pass {self.shown}"
        return self.house.api(
            self.login, method, path, headers={k: v for k, v in given.items() if v is not None}, **request
        )

    def announce(self, content: bytes, **headers: Any) -> TestResponse:
        told = {"Upload-Length": str(len(content)), "Upload-Metadata": named(content), **headers}
        return self.call("POST", "/uploads", headers=told)

    def begin(self, content: bytes) -> str:
        """The path of an announced upload, below /api/v1."""
        answer = self.announce(content)
        assert answer.status_code == 201, answer.data
        return answer.headers["Location"].removeprefix("/api/v1")

    def patch(self, path: str, piece: bytes, offset: int, **headers: Any) -> TestResponse:
        told = {"Upload-Offset": str(offset), "Content-Type": PIECE_TYPE, **headers}
        return self.call("PATCH", path, headers=told, data=piece)

    def offset(self, path: str) -> int:
        answer = self.call("HEAD", path)
        assert answer.status_code == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def upload(self, content: bytes, *, pieces: int = 1) -> str:
        path = self.begin(content)
        step = -(-len(content) // pieces)
        for at in range(0, len(content), step):
            answer = self.patch(path, content[at : at + step], at)
            assert answer.status_code == 204, answer.data
        return path


def by_hash(*contents: bytes) -> list[dict[str, str]]:
    return [{"sha256": hashlib.sha256(content).hexdigest()} for content in contents]
