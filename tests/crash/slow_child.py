"""Work for a decoder's child that never ends, so that a test can kill the child in the middle of it."""

import select
from collections.abc import Mapping
from typing import Any

WORK = "tests.crash.slow_child:wait"


def wait(_descriptors: list[int], _request: Mapping[str, Any]) -> dict[str, Any]:
    select.select([], [], [])
    return {}
