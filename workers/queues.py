"""Which job is rung in which queue, on one page; each queue has workers of its own, and none waits for another.

The names of the queues stand in `app.serving`, which starts a worker for each; a house test compares.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PHOTOS: Final = "photos"
"""Decoding in the jailed child: seconds of processor each."""
PAPERS: Final = "papers"
"""Printing and exporting: seconds to minutes, hundreds of megabytes."""
SWIFT: Final = "swift"
"""Everything that is milliseconds of database."""

QUEUE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "process_photo": PHOTOS,
        "print_paper": PAPERS,
        "export_register": PAPERS,
        "locate_and_route": SWIFT,
        "post_awards": SWIFT,
        "reverse_awards": SWIFT,
        "remove_replaced_original": SWIFT,
        "tell": SWIFT,
    }
)


def queue_of(job: str) -> str:
    """The queue of a job; one that this version does not know fails, visibly, in the quickest."""
    return QUEUE_OF.get(job, SWIFT)
