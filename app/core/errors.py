"""Every way a use case can refuse, drawn as one tree with stable codes.

    Problem
    ├── BadRequest              the request cannot be read at all
    ├── NotSignedIn             nobody is acting
    ├── Forbidden               this person may not do this anywhere (CSRF, a missing role)
    ├── NotFound                absent, or foreign: the two answer alike
    ├── NotOpen                 the hazard is visible, the move is closed to this person; says why
    ├── Conflict
    │   ├── VersionConflict     somebody acted first
    │   ├── ClientIdReused      the same client_id with other content
    │   └── OffsetConflict      bytes for another place than where the upload stands
    ├── Invalid                 fields, each with its own fault
    ├── TooLarge                over a limit of bytes
    ├── UnsupportedMedia        the bytes' own signature is no photograph we take
    ├── NotAPiece               a piece of an upload under another content type
    ├── LengthUnsaid            a piece of an upload comes without its length
    ├── ProtocolUnknown         an upload in a version of the protocol that is not spoken
    ├── PieceAltered            a piece is not what its checksum says
    ├── UploadAltered           an upload came whole and is not what was announced
    ├── TooMany                 too often; says when to come back
    │   └── UploadsFull         more uploads wait for their reports than are kept
    └── Unavailable             cannot be kept now; says when to come back
        └── OutOfSpace

An error carries a code and values, never prose: the edge that renders it knows the caller's language.
"""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar


@dataclasses.dataclass(frozen=True)
class Fault:
    """One field's fault: a stable code and the values its sentence needs (`{"limit": 2000}`)."""

    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Problem(Exception):  # noqa: N818  # every subclass is named for what it tells a person, not "Error"
    """The root: everything a person can be told."""

    code: ClassVar[str] = "problem"

    def __init__(self, **values: object) -> None:
        super().__init__(self.code, values)
        self.values: dict[str, object] = values


class BadRequest(Problem):
    """The request cannot be read: not JSON, no multipart boundary, a part missing."""

    code = "bad_request"


class NotSignedIn(Problem):
    """Nobody is acting; `reason` may say which credential failed."""

    code = "not_signed_in"


class Forbidden(Problem):
    """This person may not do this anywhere."""

    code = "forbidden"


class NotFound(Problem):
    """Absent or outside the actor's subtree: deliberately without any value that could tell which."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__()


class NotOpen(Problem):
    """The move is closed to this person on this hazard; `why` is a reason code of `hazards.policy`."""

    code = "not_open"

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(why=why, **values)
        self.why = why


class Conflict(Problem):
    """What was read is no longer so."""

    code = "conflict"


class VersionConflict(Conflict):
    """Somebody acted first."""

    code = "version_conflict"

    def __init__(self, current_version: int) -> None:
        super().__init__(current_version=current_version)
        self.current_version = current_version


class ClientIdReused(Conflict):
    """The same client_id came with other content."""

    code = "client_id_reused"


class OffsetConflict(Conflict):
    """The upload stands elsewhere than these bytes begin: ask where."""

    code = "offset_conflict"


class Invalid(Problem):
    """One or more fields cannot be taken."""

    code = "invalid"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(fields=[f.field for f in faults])
        self.faults: tuple[Fault, ...] = faults


class TooLarge(Problem):
    """Over a limit; `limit` is in bytes, `what` is photo, request or json."""

    code = "too_large"


class UnsupportedMedia(Problem):
    """The bytes' own signature is none we take; `n` is the photo's position, from 1."""

    code = "unsupported_media"


class NotAPiece(Problem):
    """Bytes of an upload come as `application/offset+octet-stream`."""

    code = "not_a_piece"


class LengthUnsaid(Problem):
    """Bytes of an upload come with their number: without it nobody knows which of them are the last."""

    code = "length_unsaid"


class ProtocolUnknown(Problem):
    """An upload says no version of tus, or one that is not spoken."""

    code = "protocol_unknown"


class PieceAltered(Problem):
    """A piece's bytes are not those of its checksum; nothing of it was kept."""

    code = "piece_altered"


class UploadAltered(Problem):
    """All bytes came and are not those of the announced SHA-256; nothing of them was kept."""

    code = "upload_altered"


class TooMany(Problem):
    """Too often; `retry_after` is in seconds."""

    code = "too_many"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class UploadsFull(TooMany):
    """More uploads wait for their reports than are kept; a report that is sent whole is still taken."""

    code = "uploads_full"


class Unavailable(Problem):
    """Cannot be kept or read now; `retry_after` is in seconds."""

    code = "unavailable"

    def __init__(self, retry_after: int = 30) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class OutOfSpace(Unavailable):
    """The disk or the bucket is full."""

    code = "out_of_space"
