"""How a request's body is read: never past its bound, and a form part by part without touching /tmp."""

import io
from collections.abc import Callable
from typing import IO, Final

from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from app.core.errors import BadRequest, TooLarge
from app.evidence.intake import FilePart, TextPart

READ_BYTES: Final = 256 * 1024
"""How much is asked of the server at once; measured: larger blocks cost memory, smaller ones time."""
FORM_PARTS: Final = 64
"""More parts than any form of ours has."""

OpenPart = Callable[[File], FilePart | TextPart]


class BoundedBody(io.RawIOBase):
    """A request's body that ends where its headers say, and never goes past its bound."""

    def __init__(
        self, source: IO[bytes], *, announced: int | None, is_endless: bool, what: str, limit: int
    ) -> None:
        """`announced` in bytes; a body without a length is read only when it is chunked (`is_endless`).

        Raises:
            TooLarge: more is announced than `limit` bytes.
        """
        super().__init__()
        self._source = source
        self._what = what
        self._limit = limit
        self._is_endless = is_endless and announced is None
        self._taken = 0
        self._end = limit if self._is_endless else (announced or 0)
        if self._end > limit:
            raise self._too_large()

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all of them when negative, none at the end.

        Raises:
            TooLarge: a chunked body passes its bound.
            BadRequest: the connection ended before the announced length.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(READ_BYTES), b""))
        # One byte beyond the bound tells a chunked body that ends there from one that goes on.
        wanted = min(size, self._end - self._taken + self._is_endless)
        if not wanted:
            return b""
        try:
            part = self._source.read(wanted)
        except Exception as error:
            # A socket says OSError; of a broken chunk each server complains in a class of its own.
            raise BadRequest(reason="cut_short") from error
        self._taken += len(part)
        if self._taken > self._end:
            raise self._too_large()
        if not part and not self._is_endless:
            raise BadRequest(reason="cut_short")
        return part

    def _too_large(self) -> TooLarge:
        return TooLarge(what=self._what, limit=self._limit)


class FormParser(FormDataParser):
    """Reads a form part by part; fields stay in memory, files go where the request says."""

    def __init__(self, open_part: OpenPart, *, fields: list[tuple[str, str]], field_bytes: int) -> None:
        """`open_part` says where a file's bytes go; what is read is added to `fields`, up to a refusal."""
        super().__init__(silent=False)
        self._open_part = open_part
        self._field_bytes = field_bytes
        self._field: Field | None = None
        self._into: FilePart | TextPart = TextPart(limit=0)
        self._fields = fields

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The stream, the fields, and no files: those went to the request's sink."""
        if mimetype != "multipart/form-data":
            return super().parse(stream, mimetype, content_length, options)
        boundary = (options or {}).get("boundary", "")
        if not boundary or not boundary.isascii():
            raise BadRequest(reason="no_boundary")
        try:
            self._read(stream, boundary.encode("ascii"))
        except RequestEntityTooLarge as error:
            # The decoder's own bounds: endless part headers, or too many parts.
            raise TooLarge(what="request", limit=self._field_bytes) from error
        except ValueError as error:
            raise BadRequest(reason="no_form") from error
        return stream, ImmutableMultiDict(self._fields), ImmutableMultiDict()

    def _read(self, stream: IO[bytes], boundary: bytes) -> None:
        decoder = MultipartDecoder(
            boundary, max_form_memory_size=2 * READ_BYTES + self._field_bytes, max_parts=FORM_PARTS
        )
        ended = False
        while not ended:
            block = stream.read(READ_BYTES)
            decoder.receive_data(block or None)
            ended = not block
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, Field):
            self._field, self._into = event, TextPart(limit=self._field_bytes)
        elif isinstance(event, File):
            self._field, self._into = None, self._open_part(event)
        elif isinstance(event, Data):
            self._into.write(event.data)
            if not event.more_data:
                self._end_part()

    def _end_part(self) -> None:
        self._into.seek(0)
        if self._field is not None and isinstance(self._into, TextPart):
            self._fields.append((self._field.name, self._into.getvalue().decode()))
