"""Another try for a store that does not answer now: one fault of a moment must not cost the whole night."""

import time
from collections.abc import Sequence
from typing import BinaryIO, Final

from storage.object_store import ObjectDamaged, ObjectStore, StoreUnavailable

PAUSES: Final = (1.0, 5.0, 25.0)
"""Seconds before each further try of one object: together as long as a store takes to start anew."""


def opened_patiently(store: ObjectStore, key: str, *, pauses: Sequence[float]) -> BinaryIO:
    """The object's bytes as `ObjectStore.open` gives them, asked for again after each of the pauses (seconds).

    Raises:
        ValueError, ObjectMissing, ObjectDamaged: at once; asking again would change nothing.
        StoreUnavailable: the store did not answer any of the tries.
    """
    for pause in pauses:
        try:
            return store.open(key)
        except ObjectDamaged:
            raise
        except StoreUnavailable:
            time.sleep(pause)
    return store.open(key)
