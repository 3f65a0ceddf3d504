"""Asks a jailed child for a photograph's pictures and facts, and believes nothing it answers before looking."""

import contextlib
import json
import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Self

from app.evidence.causes import Cause
from app.evidence.exif_facts import ExifFacts
from app.evidence.headers import is_bare_jpeg
from app.evidence.signature import PhotoFormat
from workers.jail import WEAK_JAIL, DecoderLimits, JailReport
from workers.zygote import Cost, Ended, Zygote, ZygoteGone

DEVELOP = "workers.decoder_child:develop_photo"
MAX_REPORT_BYTES = 64 * 1024
MAX_SIDE = 100_000
START_SECONDS = 60.0


class DecoderUnavailable(Exception):  # noqa: N818  # named for what it tells, like the tree of core.errors
    """No jailed child can be had; the machine's fault and not the photograph's, so worth another try."""


class ChildKilled(DecoderUnavailable):
    """The child was killed from outside, by a machine short of memory or by hand: not surely the photo's doing."""


class Undecodable(Exception):  # noqa: N818
    """No pictures can be made of this photograph, today or tomorrow; `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True)
class Decoded:
    """A photograph's pictures (JPEG bytes and no metadata), the original's upright size in pixels, its facts."""

    format: PhotoFormat
    width: int
    height: int
    exif: ExifFacts
    display: bytes
    thumb: bytes
    clean: bytes | None
    cost: Cost


class Decoder:
    """A worker's door to the jailed decoder; use it as a context manager and keep it for many photographs.

    Safe to share between threads (one photograph at a time) and to use in a forked process (which gets a zygote
    of its own). `work` is what the child does, as module:function; tests put a probe there.
    """

    def __init__(self, *, limits: DecoderLimits | None = None, work: str = DEVELOP) -> None:
        self._limits = limits or DecoderLimits()
        self._work = work
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._jail: JailReport | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the zygote and rehearse the jail; the first photograph would do so too.

        Raises:
            DecoderUnavailable: the jail cannot be built here.
        """
        with self._lock:
            self._start()

    def close(self) -> None:
        """End the zygote and whatever it still does."""
        with self._lock:
            self._stop()

    @property
    def is_started(self) -> bool:
        """Whether it has a jail: since it was entered, or since the first photograph."""
        return self._jail is not None

    @property
    def jail(self) -> JailReport:
        """The walls that the rehearsal found standing; every child must reach the same ones.

        Raises:
            DecoderUnavailable: the decoder was not started.
        """
        if self._jail is None:
            raise DecoderUnavailable("not_started")
        return self._jail

    def decode(self, original: BinaryIO, *, fmt: PhotoFormat, clean: bool = False) -> Decoded:
        """The pictures and facts of one original, whose content is read from its beginning, wherever it stands.

        `clean` asks for a full-size copy without metadata as well. The original is not written to and not closed.

        Raises:
            Undecodable: with the cause; the photograph will never do.
            DecoderUnavailable: the zygote died twice, or the jail is weaker than at the start.
            ChildKilled: the child was killed from outside.
        """
        with self._lock, _read_only(original) as source, _Outputs() as outputs:
            request = {"fmt": fmt.value, "clean": clean}
            ended = self._ask_patiently(request, [source, *outputs.descriptors])
            _check_end(ended, limits=self._limits)
            report = outputs.report()
            return _believed(report, outputs, fmt=fmt, is_clean_wanted=clean, cost=ended.cost)

    def _ask_patiently(self, request: dict[str, Any], descriptors: list[int]) -> Ended:
        """Ask, and once more of a new zygote: the old one may have been killed for reasons of its own."""
        for is_last in (False, True):
            zygote = self._running()
            try:
                return zygote.ask({**request, "walls": self.jail.as_json()}, descriptors)
            except ZygoteGone as fault:
                self._stop()
                if is_last:
                    raise DecoderUnavailable("zygote_gone") from fault
        raise DecoderUnavailable("zygote_gone")

    def _running(self) -> Zygote:
        if self._zygote is None or self._zygote.owner != os.getpid():
            return self._start()
        return self._zygote

    def _start(self) -> Zygote:
        self._stop()
        zygote = self._zygote = Zygote(limits=self._limits, work=self._work)
        with _Outputs() as outputs:
            try:
                ended = zygote.ask({"fmt": None}, outputs.descriptors[:1] * 2, patience=START_SECONDS)
                if ended.exit_code != 0:
                    raise DecoderUnavailable("no_jail_here")
                self._jail = JailReport.from_json(outputs.report().get("walls"))
            except (ZygoteGone, Undecodable, ValueError) as fault:
                self._stop()
                raise DecoderUnavailable("no_jail_here") from fault
        return zygote

    def _stop(self) -> None:
        if self._zygote is not None:
            self._zygote.end()
        self._zygote = None


class _Outputs:
    """The anonymous files a child writes into: report, display, thumb, clean; nobody else can reach them."""

    def __init__(self) -> None:
        self.descriptors = [os.memfd_create(name) for name in ("report", "display", "thumb", "clean")]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)

    def report(self) -> dict[str, Any]:
        """What the child told, as an object of unchecked values."""
        try:
            told = json.loads(self._content(0, most=MAX_REPORT_BYTES))
        except (ValueError, RecursionError) as fault:
            raise Undecodable(Cause.CRASHED) from fault
        if not isinstance(told, dict):
            raise Undecodable(Cause.CRASHED)
        return told

    def picture(self, index: int, *, most: int) -> bytes:
        """A picture that is a bare JPEG: no metadata may pass even when the child is in other hands."""
        content = self._content(index, most=most)
        if not is_bare_jpeg(content):
            raise Undecodable(Cause.CRASHED)
        return content

    def _content(self, index: int, *, most: int) -> bytes:
        descriptor = self.descriptors[index]
        size = os.fstat(descriptor).st_size
        if size > most:
            raise Undecodable(Cause.TOO_LARGE_OUTPUT)
        return os.pread(descriptor, size, 0)


@contextlib.contextmanager
def _read_only(original: BinaryIO) -> Iterator[int]:
    """A descriptor of the original that cannot write and has a position of its own; a stream is spooled first."""
    with contextlib.ExitStack() as stack:
        descriptor = _reopened(original)
        if descriptor is None:
            spool = stack.enter_context(tempfile.TemporaryFile())
            original.seek(0)
            shutil.copyfileobj(original, spool)
            spool.flush()
            descriptor = os.open(f"/proc/self/fd/{spool.fileno()}", os.O_RDONLY)
        stack.callback(os.close, descriptor)
        yield descriptor


def _reopened(original: BinaryIO) -> int | None:
    """The regular file behind a plain file object; anything that wraps, unpacks or fetches has none."""
    plain = getattr(original, "file", original)  # a NamedTemporaryFile wraps one
    if type(plain).__module__ != "_io" or not hasattr(plain, "raw"):
        return None
    try:
        if plain.writable():
            plain.flush()
        if not stat.S_ISREG(os.fstat(plain.fileno()).st_mode):
            return None
        return os.open(f"/proc/self/fd/{plain.fileno()}", os.O_RDONLY)
    except OSError:  # BytesIO says so of its descriptor; a file of another user may refuse
        return None


def _check_end(ended: Ended, *, limits: DecoderLimits) -> None:
    if ended.exit_code == 0:
        return
    if ended.exit_code == WEAK_JAIL:
        raise DecoderUnavailable("weaker_jail")
    is_spent = ended.exit_code == -signal.SIGXCPU or ended.cost.cpu_seconds >= limits.cpu_seconds
    if ended.is_over or is_spent:
        raise Undecodable(Cause.OUT_OF_TIME)
    if ended.exit_code == -signal.SIGKILL:
        raise ChildKilled("child_killed")
    raise Undecodable(Cause.CRASHED)


def _believed(
    report: Mapping[str, Any], outputs: _Outputs, *, fmt: PhotoFormat, is_clean_wanted: bool, cost: Cost
) -> Decoded:
    """The answer, once every value in it was found possible."""
    if "cause" in report:
        known = {cause.value: cause for cause in Cause}
        raise Undecodable(known.get(str(report["cause"]), Cause.CRASHED))
    try:
        exif = ExifFacts.from_json(report.get("exif"))
    except ValueError as fault:
        raise Undecodable(Cause.CRASHED) from fault
    most = DecoderLimits().output_bytes
    return Decoded(
        format=fmt,
        width=_side(report.get("width")),
        height=_side(report.get("height")),
        exif=exif,
        display=outputs.picture(1, most=most),
        thumb=outputs.picture(2, most=most),
        clean=outputs.picture(3, most=most) if is_clean_wanted else None,
        cost=cost,
    )


def _side(pixels: object) -> int:
    if isinstance(pixels, bool) or not isinstance(pixels, int) or not 0 < pixels <= MAX_SIDE:
        raise Undecodable(Cause.CRASHED)
    return pixels
