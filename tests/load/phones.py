"""Two hundred phones in one process: each sends one report as slowly as its plan says, and keeps the receipt.

Reads a plan as JSON from its standard input, writes what became of each report as JSON to its output.
"""

import asyncio
import hashlib
import json
import random
import sys
import time
import uuid
from dataclasses import asdict, dataclass

EDGE = "edge-of-a-part"
STEP_SECONDS = 0.25
"""A phone on a poor line sends a little, often; the server sees no longer silence."""
ANSWER_SECONDS = 120.0


@dataclass(frozen=True)
class Plan:
    """So many phones, each with a photo of so many bytes at so many bytes a second."""

    port: int
    tokens: list[str]
    phones: int
    photo_bytes: int
    bytes_a_second: int


@dataclass(frozen=True)
class Outcome:
    """What one phone saw: status 0 when the line broke; `waited` is from the last byte to the answer."""

    status: int
    is_receipt: bool
    waited: float
    said: str = ""


class Phone:
    """One report, told slowly."""

    def __init__(self, plan: Plan, n: int, rest: bytes) -> None:
        self._plan = plan
        self._client_id = str(uuid.uuid4())
        # The photos differ in their first bytes only: two hundred of them share their memory.
        first = b"\xff\xd8\xff\xe0" + self._client_id.encode()
        self._sha256 = hashlib.sha256(first + rest).hexdigest()
        told = {"client_id": self._client_id, "location_text": "锅炉房", "category": "FIRE"}
        head = (
            f'--{EDGE}\r\nContent-Disposition: form-data; name="hazard"\r\n\r\n{json.dumps(told)}\r\n--{EDGE}\r\n'
        )
        head += (
            'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        end = f"\r\n--{EDGE}--\r\n".encode()
        asked = (
            "POST /api/v1/hazards HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {plan.tokens[n % len(plan.tokens)]}\r\n"
            f"Content-Type: multipart/form-data; boundary={EDGE}\r\n"
            f"Content-Length: {len(head.encode()) + len(first) + len(rest) + len(end)}\r\n\r\n"
        )
        self._before, self._rest, self._end = (asked + head).encode() + first, rest, end

    async def report(self) -> Outcome:
        """Send it and read the receipt."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
            await self._tell(writer)
            told_at = time.monotonic()
            answer = await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
        except (OSError, TimeoutError) as fault:
            return Outcome(0, is_receipt=False, waited=0.0, said=repr(fault))
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1]) if head else 0
        return Outcome(
            status, self._is_named(body), time.monotonic() - told_at, body[:200].decode(errors="replace")
        )

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        step = int(self._plan.bytes_a_second * STEP_SECONDS)
        begun, rest = time.monotonic(), memoryview(self._rest)
        writer.write(self._before)
        for at in range(0, len(rest), step):
            writer.write(rest[at : at + step])
            await writer.drain()
            due = begun + (at + step) / self._plan.bytes_a_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.write(self._end)
        await writer.drain()

    def _is_named(self, body: bytes) -> bool:
        """Whether this is the receipt on which a phone deletes its copy (P4)."""
        try:
            told = json.loads(body)["receipt"]
            photos = [photo["sha256"] for photo in told["photos"]]
        except (ValueError, KeyError, TypeError):
            return False
        return (told.get("client_id"), photos) == (self._client_id, [self._sha256])


async def crowd(plan: Plan) -> list[Outcome]:
    """All of them at once."""
    rest = random.randbytes(plan.photo_bytes - 40)  # noqa: S311  # incompressible, not secret
    return await asyncio.gather(*(Phone(plan, n, rest).report() for n in range(plan.phones)))


if __name__ == "__main__":
    outcomes = asyncio.run(crowd(Plan(**json.load(sys.stdin))))
    json.dump([asdict(outcome) for outcome in outcomes], sys.stdout)
