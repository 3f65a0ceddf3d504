"""What an errand costs beside its photo, and how soon after the commit it starts, beside RQ's own SimpleWorker."""

import importlib
import multiprocessing
import os
import random
import resource
import select
import signal
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from unittest import mock

from flask_migrate import upgrade
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.core.due import DueErrand
from app.core.outbox import record
from app.core.waking import waking
from app.evidence.signature import PhotoFormat
from app.factory import create_app
from app.hazards.events import HazardFollowed
from app.runtime import Runtime, create_runtime
from app.serving import QUEUES
from config import Settings
from tests.photos import photo
from tests.servers.redis import redis_server
from workers import runner
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.listening import QueueWorker
from workers.ringing import Doorbell
from workers.runner import relay_events, run_errand
from workers.working import work_until

ERRANDS, PHOTOS, ROUNDS = 200, 6, 60
IDLE_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
PHOTO_SIDES = (4032, 3024)
AIM = 0.05
"""An errand may cost so much of a photo's processor time."""
TOLD = struct.Struct("d")
LINE = {"started": -1}
"""The pipe into which a job says when it started; the same clock in all processes."""


def used() -> float:
    """User and system seconds of this process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def tell_start(*_args: object) -> None:
    """The empty job."""
    os.write(LINE["started"], TOLD.pack(time.monotonic()))


def nothing(*_args: object) -> None:
    """The emptier job."""


@contextmanager
def jobs_are(job: Callable[..., None]) -> Iterator[None]:
    """Every job of the house is this one."""
    with mock.patch.object(runner, "JOBS", dict.fromkeys(runner.JOBS, job)):
        yield


def happen(runtime: Runtime) -> None:
    """Commit one event that becomes one errand."""
    with runtime.db.write() as session:
        record(session, HazardFollowed(hazard_id=1, version=1), at=runtime.now())


# --- what it costs ---------------------------------------------------------------------------------------


def photo_cpu() -> float:
    """Seconds of processor that the decoder's child takes for one photo: the least of what its job takes."""
    original = photo(size=PHOTO_SIDES, seed=1)
    with Decoder() as decoder:
        costs = [decoder.decode(BytesIO(original), fmt=PhotoFormat.JPEG).cost.cpu_seconds for _ in range(PHOTOS)]
    return statistics.median(costs)


@dataclass(frozen=True)
class Costs:
    """Seconds of processor for one event and its errand, part by part; a part that was not done costs nothing."""

    relayed: float
    done: float
    rung: float = 0.0
    """Redis's own time is not in it."""

    @property
    def whole(self) -> float:
        return self.relayed + self.rung + self.done


def embedded_cpu(runtime: Runtime) -> Costs:
    """Each event as it comes, one at a time: relayed; its errand found, claimed, settled."""
    tools, relayed, done = Tools(runtime, Decoder()), 0.0, 0.0
    with jobs_are(nothing):
        for _ in range(ERRANDS):
            happen(runtime)
            begun = used()
            relay_events(tools)
            between = used()
            run_errand(tools)
            relayed, done = relayed + between - begun, done + used() - between
    return Costs(relayed / ERRANDS, done / ERRANDS)


def rung_cpu(runtime: Runtime) -> Costs:
    """The same through Redis: relayed and rung one at a time, then heard by RQ's worker, claimed, settled."""
    tools, url = Tools(runtime, Decoder()), runtime.settings.redis_url
    relayed = rung = 0.0
    with jobs_are(nothing), closing(Doorbell(url)) as bell:
        for _ in range(ERRANDS):
            happen(runtime)
            due: list[DueErrand] = []
            begun = used()
            relay_events(tools, heard=due.extend)
            between = used()
            bell.ring(due)
            relayed, rung = relayed + between - begun, rung + used() - between
        begun = used()
        for name in QUEUES:
            QueueWorker(name, url=url, tools=tools).work(is_burst=True)
        done = used() - begun
    return Costs(relayed / ERRANDS, done / ERRANDS, rung / ERRANDS)


def waiting_cpu(runtime: Runtime) -> float:
    """The share of a processor that waiting takes when nothing happens."""
    before = used()
    with waking(runtime.db.engine) as bed:
        bed.wait(0.1, stop=threading.Event())
        bed.wait(IDLE_SECONDS, stop=threading.Event())
    return (used() - before) / IDLE_SECONDS


# --- how soon it starts ----------------------------------------------------------------------------------


def embedded(settings: Settings) -> None:
    """The embedded runner, as a process."""
    runtime = create_runtime(settings)
    with Decoder() as decoder, jobs_are(tell_start):
        work_until(threading.Event(), Tools(runtime, decoder))


def relaying(settings: Settings) -> None:
    """The relay, as a process."""
    runtime = create_runtime(settings)
    with closing(Doorbell(settings.redis_url)) as bell:
        work_until(threading.Event(), Tools(runtime, Decoder()), bell=bell)


def answering(settings: Settings) -> None:
    """The worker of the queue, as a process."""
    runtime = create_runtime(settings)
    with jobs_are(tell_start):
        QueueWorker("swift", url=settings.redis_url, tools=Tools(runtime, Decoder())).work()


def bare(settings: Settings) -> None:
    """RQ's own worker, as a process."""
    module = importlib.import_module("tests.benchmarks.errands")  # under the name by which RQ looks for the job
    module.LINE.update(LINE)
    with Redis.from_url(settings.redis_url) as redis:
        queue = Queue("bare", connection=redis, serializer=JSONSerializer)
        SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(logging_level="CRITICAL")


def delays(
    parts: tuple[Callable[[Settings], None], ...], settings: Settings, make: Callable[[], None]
) -> list[float]:
    """Seconds from the end of `make`'s commit to the start of the job, many times, at odd moments."""
    reading, LINE["started"] = os.pipe()
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=part, args=(settings,)) for part in parts]
    for process in processes:
        process.start()
    try:
        found = []
        for n in range(ROUNDS + 1):
            make()
            committed = time.monotonic()
            assert select.select([reading], [], [], PATIENCE_SECONDS)[0], "the job did not start"
            (started,) = TOLD.unpack(os.read(reading, TOLD.size))
            if n:  # the first waits for the processes to come up
                found.append(started - committed)
            time.sleep(random.uniform(0.05, 0.15))  # noqa: S311  # out of step with every look
        return found
    finally:
        for process in processes:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        os.close(reading)
        os.close(LINE["started"])


def installed(stack: ExitStack, folder: Path, **settings: str) -> Runtime:
    """An empty installation on a folder of its own."""
    app = create_app(Settings.from_environment({"DATA": str(folder), "DEMO": "0", **settings}))
    with app.app_context():
        upgrade()
    runtime: Runtime = app.extensions["runtime"]
    stack.callback(runtime.db.engine.dispose)
    return runtime


def told(name: str, ratio: float) -> str:
    """Whether a whole way keeps the aim."""
    if "the whole" not in name:
        return ""
    return f" (aim <= {AIM}: {'kept' if ratio <= AIM else 'missed'})"


def main() -> None:
    """Print both tables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(redis_server()).url
        alone, rung = installed(stack, folder / "a"), installed(stack, folder / "b", REDIS_URL=url)
        near, far = embedded_cpu(alone), rung_cpu(rung)
        costs = {
            "embedded: relay": near.relayed,
            "  claim and settle": near.done,
            "  the whole": near.whole,
            "Redis: relay": far.relayed,
            "  ring": far.rung,
            "  RQ, claim and settle": far.done,
            "  the whole, Redis": far.whole,
        }
        picture, idle = photo_cpu(), waiting_cpu(alone)
        client = stack.enter_context(Redis.from_url(url))
        queue = Queue("bare", connection=client, serializer=JSONSerializer)
        soon = {
            "RQ's SimpleWorker": delays(
                (bare,),
                rung.settings,
                lambda: queue.enqueue_call("tests.benchmarks.errands.tell_start", result_ttl=0) and None,
            ),
            "embedded": delays((embedded,), alone.settings, lambda: happen(alone)),
            "relay, Redis, RQ worker": delays((relaying, answering), rung.settings, lambda: happen(rung)),
        }
    print(f"An errand's own processor time beside its photo's ({PHOTO_SIDES[0]} x {PHOTO_SIDES[1]} JPEG)")
    print(f"  the photo                {picture * 1000:8.2f} ms (decoder's child alone)")
    for name, cost in costs.items():
        print(f"  {name:24} {cost * 1000:8.2f} ms   ratio {cost / picture:.4f}{told(name, cost / picture)}")
    print(f"  waiting for a commit     {idle * 100:8.2f} % of a processor")
    base = statistics.median(soon["RQ's SimpleWorker"])
    print(f"From the commit (RQ: from the ring) to the start of an empty job, median of {ROUNDS}")
    for name, found in soon.items():
        middle = statistics.median(found)
        print(f"  {name:24} {middle * 1000:8.2f} ms   {(middle - base) * 1000:+8.2f} ms")


if __name__ == "__main__":
    main()
