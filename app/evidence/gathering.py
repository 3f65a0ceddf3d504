"""Pieces of an upload in the store: read one after the other, and made one where there are too many.

If one byte could make the store write the whole photo again, a phone on a poor line would do so, and whoever means
harm all day. So neighbours are gathered, and those for which the fewest bytes are written for each piece that
there is less: small pieces find each other, and a large one is seldom written again.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final

from app.core.errors import Unavailable
from app.evidence.arriving import STORE_RETRY_SECONDS, as_problem
from storage.object_store import ObjectMissing, ObjectStore, StoreError, Writing

READ_BYTES: Final = 256 * 1024
PIECES_MOST: Final = 32
"""Then neighbours among them become one before the next is told: a row stays small on the worst line."""
PieceKept = tuple[str, int]
"""A piece's name and bytes."""


@contextmanager
def writing_to(store: ObjectStore) -> Iterator[Writing]:
    """A writing that leaves nothing behind unless it was kept."""
    with as_problem():
        writing = store.begin()
    try:
        yield writing
    finally:
        writing.discard()


def blocks_of(pieces: Iterable[PieceKept], *, store: ObjectStore) -> Iterator[bytes]:
    """What these pieces hold, in their order.

    Raises:
        ObjectMissing: one is not there.
        Unavailable: the store cannot read now.
    """
    for name, _size in pieces:
        with _opened(name, store=store) as stream:
            while block := stream.read(READ_BYTES):
                yield block


def _opened(name: str, *, store: ObjectStore) -> BinaryIO:
    try:
        return store.open_piece(name)
    except ObjectMissing:
        # No failure of the store here.
        raise
    except StoreError as error:
        raise Unavailable(retry_after=STORE_RETRY_SECONDS) from error


def kept_as_piece(writing: Writing) -> str:
    """Make a stretch a piece; the name that it has now."""
    name = secrets.token_hex(16)
    with as_problem():
        writing.keep_piece(name)
    return name


def gathered(pieces: Sequence[PieceKept], *, store: ObjectStore) -> tuple[PieceKept, ...]:
    """The same bytes in fewer pieces when there are as many as may be; what was gathered is still there."""
    if len(pieces) < PIECES_MOST:
        return tuple(pieces)
    run = cheapest_run([size for _name, size in pieces])
    with writing_to(store) as one:
        for block in blocks_of(pieces[run], store=store):
            with as_problem():
                one.write(block)
        name = kept_as_piece(one)
    return (*pieces[: run.start], (name, sum(size for _name, size in pieces[run])), *pieces[run.stop :])


def cheapest_run(sizes: Sequence[int]) -> slice:
    """The neighbours, two at least, for which the fewest bytes are written for each piece less."""
    runs = (slice(first, last) for first in range(len(sizes)) for last in range(first + 2, len(sizes) + 1))

    def cost(run: slice) -> float:
        return sum(sizes[run]) / (len(sizes[run]) - 1)

    return min(runs, key=cost)
