"""A queue worker at a moment that the test names, whose photos may tell its decoder to wait for ever.

`python -m tests.servers.queue_worker DATA REDIS_URL QUEUE MOMENT`
"""

import signal
import sys
from datetime import datetime

from app.runtime import create_runtime
from config import Settings
from tests.probes import WORK
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.listening import QueueWorker


def main(data: str, redis_url: str, queue: str, moment: str) -> None:
    """Work until a signal."""
    at = datetime.fromisoformat(moment)
    runtime = create_runtime(Settings.from_environment({"DATA": data, "REDIS_URL": redis_url}), clock=lambda: at)
    with Decoder(work=WORK) as decoder:
        worker = QueueWorker(queue, url=redis_url, tools=Tools(runtime, decoder))
        signal.signal(signal.SIGTERM, lambda *_: worker.end())
        worker.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
