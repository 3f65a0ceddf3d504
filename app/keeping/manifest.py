"""The page that a backup ends with: what it is, what it was made from, and the digest of everything in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.keeping.lines import TableDigest
from app.keeping.refusal import Refused

FORMAT: Final = 1
"""Rises when a version can no longer read what an older one wrote, or the other way round."""
PRODUCT: Final = "hazard-snap"


@dataclass(frozen=True)
class Objects:
    """The objects in the file: how many, their bytes, and the SHA-256 of their keys in order, one a line."""

    count: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    `lost` are keys that rows name and whose bytes could not be had when it was made: missing, or not what their
    key says. `version` and `made_at` are told to people; nothing is decided by them.
    """

    version: str
    revision: str
    made_at: datetime
    tables: Mapping[str, TableDigest]
    objects: Objects
    lost: tuple[str, ...]

    def as_json(self) -> bytes:
        """The page as it stands in the file."""
        told = {
            "format": FORMAT,
            "product": PRODUCT,
            "version": self.version,
            "revision": self.revision,
            "made_at": self.made_at.astimezone(UTC).isoformat(),
            "tables": {name: {"rows": d.rows, "sha256": d.sha256} for name, d in sorted(self.tables.items())},
            "objects": {"count": self.objects.count, "bytes": self.objects.bytes, "sha256": self.objects.sha256},
            "lost": list(self.lost),
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


def manifest_from(content: bytes) -> Manifest:
    """The page of a file.

    Raises:
        Refused: it is none, or of a format that this version does not read.
    """
    try:
        told: Any = json.loads(content)
        if told["product"] != PRODUCT:
            raise Refused("this is no backup of this product")
        if told["format"] != FORMAT:
            raise Refused(f"the backup has format {told['format']}, this version reads format {FORMAT}")
        return Manifest(
            version=str(told["version"]),
            revision=str(told["revision"]),
            made_at=datetime.fromisoformat(told["made_at"]),
            tables={name: TableDigest(int(t["rows"]), str(t["sha256"])) for name, t in told["tables"].items()},
            objects=Objects(**told["objects"]),
            lost=tuple(map(str, told["lost"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Refused("the backup's manifest cannot be read: the file was altered") from fault
