"""No byte of a 201 leaves before photo, folders and rows have reached the disk: the order of the calls says so.

kill -9 takes a process and leaves the system's memory of unwritten pages; a power cut takes that too. No test here
cuts the power, so the order is looked at instead: what was synced before the answer left is what survives.
"""

import re

import pytest

from tests.crash.conftest import Scene
from tests.crash.tracing import Call, traced

SYNCS = ("fsync", "fdatasync")


def breaches(calls: list[Call], sha256: str) -> list[str]:
    """What is wrong with the order in which one report was kept and answered; empty when nothing is."""
    said = next(
        (i for i, call in enumerate(calls) if call.name in {"sendto", "write"} and " 201 " in call.told), None
    )
    if said is None:
        return ["there is no 201"]
    before = [call for call in calls[:said] if not call.has_failed]
    renamed = next(
        (i for i, call in enumerate(before) if call.name == "rename" and f'/{sha256}"' in call.told), None
    )
    if renamed is None:
        return ["the photo has no name"]
    outer, inner = sha256[:2], sha256[2:4]
    shard = rf"/objects/{outer}/{inner}>"
    wanted = {
        "the photo's bytes, before its name": synced(before[:renamed], r"\.part>"),
        "the photo's name in its folder, after the name": synced(before[renamed:], shard),
        "the new folder's name": made_and_synced(before, f'/objects/{outer}/{inner}"', rf"/objects/{outer}>"),
        "the new outer folder's name": made_and_synced(before, f'/objects/{outer}"', r"/objects>"),
        "the rows, after the photo": synced(before[renamed:], r"/hazards\.sqlite3(-wal|-journal)?>"),
        "all rows that were written": not written_since_sync(before),
    }
    return [what for what, is_so in wanted.items() if not is_so]


def synced(calls: list[Call], path: str) -> bool:
    return any(call.name in SYNCS and re.search(path, call.told) for call in calls)


def made_and_synced(calls: list[Call], folder: str, parent: str) -> bool:
    made = next((i for i, call in enumerate(calls) if call.name == "mkdir" and folder in call.told), None)
    return made is not None and synced(calls[made:], parent)


def written_since_sync(calls: list[Call]) -> bool:
    """Whether anything went to the database's log and was not synced after."""
    writes = [i for i, call in enumerate(calls) if call.name == "pwrite64" and "-wal>" in call.told]
    syncs = [i for i, call in enumerate(calls) if call.name in SYNCS and "-wal>" in call.told]
    return not writes or not syncs or writes[-1] > syncs[-1]


def seen(scene: Scene, **wish: str) -> tuple[list[Call], str]:
    """The calls of one report taken by a warm process, and its photo's hash."""
    child, report = scene.server(**wish), scene.report()
    with traced(child.pid, scene.log) as trace:
        answer = child.send(report)
    assert answer is not None
    assert answer.status == 201
    return trace.calls, report.sha256


def test_no_byte_of_a_201_leaves_before_everything_was_synced(scene):
    calls, sha256 = seen(scene)
    assert breaches(calls, sha256) == []
    for i, call in enumerate(calls):
        if call.name in SYNCS and "/staging>" not in call.told and "-shm>" not in call.told:
            assert breaches(calls[:i] + calls[i + 1 :], sha256), f"{call} is missed by nobody"


@pytest.mark.parametrize(
    ("without", "missed"),
    [
        ("photo", ["the photo's bytes, before its name"]),
        (
            "folder",
            [
                "the photo's name in its folder, after the name",
                "the new folder's name",
                "the new outer folder's name",
            ],
        ),
        ("commit", ["the rows, after the photo", "all rows that were written"]),
    ],
    ids=["photo", "folder", "commit"],
)
def test_a_product_that_forgets_a_sync_would_be_found(scene, without, missed):
    calls, sha256 = seen(scene, without=without)
    assert breaches(calls, sha256) == missed
