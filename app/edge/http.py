"""The request as both edges read it: every body bounded, photos streaming to the store while it is parsed."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, Final, TypeVar, cast

from flask import Flask, Request, current_app
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import File
from werkzeug.wsgi import get_content_length

from app.core.errors import BadRequest, Problem
from app.edge.bodies import BoundedBody, FormParser
from app.edge.straight import StraightBody
from app.edge.under_way import hang_up_reading
from app.evidence.intake import FilePart, PhotoSink, TextPart
from config import Limits
from storage.object_store import ObjectStore

PHOTO_PART: Final = "photo"
DOCUMENT_PART: Final = "document"
_EXTENSION: Final = "hazard_intake"
_MARK: Final = "takes_photos"
_FILE_MARK: Final = "takes_file"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Intake:
    """What a request needs to take photos: where they go and how much may come."""

    store: ObjectStore
    limits: Limits

    def open_sink(self) -> PhotoSink:
        """A sink for one request."""
        return PhotoSink(
            store=self.store,
            photo_bytes=self.limits.photo_bytes,
            photos=self.limits.photos,
            text_bytes=self.limits.json_bytes,
        )


def bound_requests(app: Flask, *, store: ObjectStore, limits: Limits) -> None:
    """Make `app` read its requests as `HazardRequest`."""
    app.request_class = HazardRequest
    app.extensions[_EXTENSION] = Intake(store=store, limits=limits)


def takes_photos(view: View) -> View:
    """Mark a view that takes photos in parts named `photo`; every other view refuses files.

    The mark is on the view because the body is parsed before it runs: the check against forged requests
    reads the form first.
    """
    setattr(view, _MARK, True)
    return view


def takes_file(limit: int) -> Callable[[View], View]:
    """Mark a view that takes one file of at most `limit` bytes in memory; `HazardRequest.file_part` is it."""

    def mark(view: View) -> View:
        setattr(view, _FILE_MARK, limit)
        return view

    return mark


class HazardRequest(Request):
    """A request whose body is bounded by what it is, and whose photos never pass through memory or /tmp."""

    _refusal: Problem | None = None
    _file: TextPart | None = None

    @property
    def takes_photos(self) -> bool:
        """Whether the view that answers this request is marked so."""
        view = current_app.view_functions.get(self.endpoint or "")
        return bool(getattr(view, _MARK, False))

    @property
    def _file_limit(self) -> int:
        view = current_app.view_functions.get(self.endpoint or "")
        return int(getattr(view, _FILE_MARK, 0)) if self.mimetype == "multipart/form-data" else 0

    def file_part(self) -> bytes:
        """The one file of a view that `takes_file`; empty when none came.

        Raises:
            TooLarge, BadRequest: as `photos`.
        """
        self._load_form_data()
        return b"" if self._file is None else self._file.getvalue()

    @cached_property
    def _intake(self) -> Intake:
        return cast("Intake", current_app.extensions[_EXTENSION])

    @cached_property
    def _sink(self) -> PhotoSink:
        return self._intake.open_sink()

    @cached_property
    def _fields(self) -> list[tuple[str, str]]:
        return []

    @property
    def photos(self) -> PhotoSink:
        """The photos of this request, all arrived; the view that is marked decides whether to keep them.

        Raises:
            BadRequest: the body is no form, or was cut short.
            TooLarge: a photo, a part or the whole is over its limit.
            UnsupportedMedia: a photo is none of the signatures taken.
            Invalid: too many photos.
            Unavailable: the store cannot take them.
        """
        self._load_form_data()
        if self._refusal is not None:
            raise self._refusal
        return self._sink

    def json_part(self, name: str) -> Any:
        """The JSON in the part `name`, which may come with or without a file name.

        Raises:
            BadRequest: it is missing or is no JSON; and whatever `photos` raises.
        """
        sent = self.photos.text(name)
        text: str | bytes | None = self.form.get(name) if sent is None else sent
        if text is None:
            raise BadRequest(reason="part_missing", part=name)
        try:
            return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=once_each)
        # RecursionError: thousands of opening brackets.
        except (ValueError, RecursionError) as error:
            raise BadRequest(reason="no_json", part=name) from error

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether the body is a form: anything else stays unread, so that asking for fields harms nothing."""
        return self.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}

    @property
    def max_content_length(self) -> int | None:
        """The bound of this body in bytes: larger where photos come."""
        if self._max_content_length is not None:
            return self._max_content_length
        limits = self._intake.limits
        return limits.multipart_bytes if self._is_photo_form else limits.json_bytes + self._file_limit

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    @property
    def _is_photo_form(self) -> bool:
        return self.mimetype == "multipart/form-data" and self.takes_photos

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, bounded.

        Raises:
            TooLarge: the headers announce more than the bound; reading raises the same when more comes.
        """
        what = "request" if self._is_photo_form else "json"
        return self._bounded(what=what, limit=self.max_content_length or 0)

    def _bounded(self, *, what: str, limit: int) -> IO[bytes]:
        body = BoundedBody(
            self.input_stream,
            announced=get_content_length(self.environ),
            is_endless="chunked" in self.environ.get("HTTP_TRANSFER_ENCODING", "").lower(),
            what=what,
            limit=limit,
        )
        return cast("IO[bytes]", body)

    @property
    def line(self) -> socket.socket | None:
        """The connection itself, where the server lends it."""
        lent = self.environ.get("gunicorn.socket")
        return lent if isinstance(lent, socket.socket) else None

    def straight(self, *, limit: int) -> StraightBody | IO[bytes]:
        """The body of an upload, by the shortest way that the server allows; instead of `stream`.

        Raises:
            TooLarge: more is announced than `limit` bytes.
        """
        reader = getattr(self.input_stream, "reader", None)
        if self.line is not None and hasattr(reader, "length") and hasattr(reader, "unreader"):
            return StraightBody(reader, self.line, limit=limit)
        return self._bounded(what="photo", limit=limit)

    def read_no_more(self) -> None:
        """Let the server meet the body's end here: what was refused must not hold a thread while it comes."""
        left = getattr(getattr(self.input_stream, "reader", None), "length", 0)
        if self.line is not None and left:
            hang_up_reading(self.line)

    def make_form_data_parser(self) -> FormDataParser:
        """The parser of forms; a form that cannot be read is refused, not taken as empty."""
        return FormParser(self.open_part, fields=self._fields, field_bytes=self._intake.limits.json_bytes)

    def _load_form_data(self) -> None:
        """Read the form once; after a refusal the fields read before it stay, so that a page shows them again."""
        if not self.want_form_data_parsed or self._refusal is not None:
            self._settle_form()
            return
        try:
            super()._load_form_data()
        except Problem as refusal:
            self._refusal = refusal
            self._sink.discard()
            self._settle_form()
            raise

    def _settle_form(self) -> None:
        self.__dict__.setdefault("form", ImmutableMultiDict(self._fields))
        self.__dict__.setdefault("files", ImmutableMultiDict())

    def open_part(self, part: File) -> FilePart | TextPart:
        """Where the bytes of a part with a file name go.

        Raises:
            BadRequest: files are not taken here.
        """
        if self._file_limit and self._file is None:
            self._file = TextPart(limit=self._file_limit)
            return self._file
        if not self.takes_photos:
            raise BadRequest(reason="no_files_here")
        if part.name == PHOTO_PART:
            return self._sink.open_photo(file_name=part.filename)
        if part.name == DOCUMENT_PART:
            return self._sink.open_document(file_name=part.filename)
        return self._sink.open_text(part.name)

    def close(self) -> None:
        """Flask closes a request whatever became of it: photos that were not kept leave nothing."""
        if "_sink" in self.__dict__:
            self._sink.discard()
        super().close()


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two values for one name nobody can say which was meant.

    Raises:
        ValueError: a name was said twice.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name was said twice")
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
