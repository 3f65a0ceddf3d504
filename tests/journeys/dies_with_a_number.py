"""A process of its own that takes a number for a hazard, says which, and is killed before the commit."""

import os
import signal
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from app.hazards import submission
from app.hazards.numbering import next_number
from tests.conftest import House, _house_in
from tests.integration.test_submission import report_of, submit


def main() -> None:
    """Take a number in the house of the folder, at the moment told, and die with it."""
    folder, at = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])

    def told(*asked: Any, **more: Any) -> str:
        number = next_number(*asked, **more)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        return number

    def record(*_told: Any, **_more: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    submission.next_number, submission.record_all = told, record  # type: ignore[assignment]
    house: House = _house_in(folder, decoder=None)  # type: ignore[arg-type]  # nothing is decoded here
    house.clock.at = at
    submit(house, report_of(client_id=uuid.uuid4()))


if __name__ == "__main__":
    main()
