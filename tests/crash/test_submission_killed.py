"""kill -9 at every durable system call of one submission: the phone tries again, and there is one hazard."""

from collections import Counter

from tests.crash.conftest import Report, Scene, assert_once, assert_sound, finish, sequence
from tests.crash.tracing import DURABLE, traced
from tests.photos import photo

OPENAT_EVERY = 4


def counted(scene: Scene) -> Counter[str]:
    """How often one warm process makes each call for one report."""
    child = scene.server(checkpoint_always=True)
    with traced(child.pid, scene.log) as trace:
        answer = child.send(scene.report())
    assert answer is not None
    assert answer.status == 201, answer.told
    return trace.counted()


def blows(calls: Counter[str]) -> list[tuple[str, int]]:
    """Where to kill: every durable call, and a sample of the openings."""
    every = [(name, n) for name in DURABLE for n in range(1, calls[name] + 1)]
    return every + [("openat", n) for n in range(1, calls["openat"] + 1, OPENAT_EVERY)]


def tried_again(scene: Scene, report: Report, before: int) -> None:
    """After the restart: the same report again, all jobs done, one hazard, no gap."""
    with scene.looking() as house:
        again = house.send(
            "lixia", photos=(report.picture,), client_id=report.client_id, description=report.description
        )
        assert again.status_code in {200, 201}, again.json
        finish(house)
        number = assert_once(house, report)
        assert again.json["number"] == number
        assert sequence(number) == before + 1
        assert sequence(house.report("lixia", photos=(photo(size=(64, 48), seed=79),))) == before + 2
        finish(house)
        assert_sound(house)


def test_a_submission_killed_at_any_durable_call_is_one_hazard_after_the_retry(scene):
    calls = counted(scene)
    assert calls["fsync"] + calls["fdatasync"] >= 3
    for name, n in blows(calls):
        scene.put_back()
        child, report = scene.server(checkpoint_always=True), scene.report()
        with traced(child.pid, scene.log, inject=(f"{name}:signal=SIGKILL:when={n}",), calls=(name,)) as trace:
            answer = child.send(report)
        assert trace.was_killed, f"{name} number {n} never came"
        assert answer is None
        tried_again(scene, report, child.last)
