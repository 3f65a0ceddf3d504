"""Why a photograph could not be turned into pictures: codes that are stored and shown, so they never change."""

from enum import StrEnum


class Cause(StrEnum):
    """The cause that stands beside a quarantined photograph."""

    TRUNCATED = "truncated"
    """The file ends too early: the upload or the phone's storage cut it."""
    TOO_MANY_PIXELS = "too_many_pixels"
    """The header announces more pixels than are decoded for this format."""
    UNREADABLE = "unreadable"
    """The bytes after the signature are no picture of that format."""
    FORMAT_MISMATCH = "format_mismatch"
    """The bytes are of another format than intake recorded."""
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_TIME = "out_of_time"
    CRASHED = "crashed"
    """The decoding library died on these bytes."""
    MISSING = "missing"
    """The store has lost the original; nothing can be read any more."""
    ALTERED = "altered"
    """What the store gives are other bytes than were received."""
    TOO_LARGE_OUTPUT = "too_large_output"
    """A derivative would be larger than is kept."""
