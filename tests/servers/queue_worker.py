"""A queue worker at a moment that the test names, whose photos may tell its decoder to wait for ever.

`python -m tests.servers.queue_worker QUEUE MOMENT`, with the settings in the environment.
"""

import os
import signal
import sys
from datetime import datetime

from app.runtime import create_runtime
from config import Settings
from tests.probes import WORK
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.listening import QueueWorker


def main(queue: str, moment: str) -> None:
    """Work until a signal."""
    at = datetime.fromisoformat(moment)
    settings = Settings.from_environment(os.environ)
    runtime = create_runtime(settings, clock=lambda: at)
    with Decoder(work=WORK) as decoder:
        worker = QueueWorker(queue, url=str(settings.redis_url), tools=Tools(runtime, decoder))
        signal.signal(signal.SIGTERM, lambda *_: worker.end())
        worker.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
