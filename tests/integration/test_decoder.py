"""The jailed decoder: what it makes, what it survives, and what its child cannot reach."""

import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from app.evidence.causes import Cause
from app.evidence.signature import PhotoFormat
from tests import photos, probes
from workers.decoder import Decoder, DecoderUnavailable, Undecodable
from workers.jail import DecoderLimits, JailReport, Network, User

SMALL = DecoderLimits(memory_bytes=300 << 20, cpu_seconds=2, wall_seconds=12.0, output_bytes=1 << 20)
"""Not smaller: on a busy machine a small photo takes seconds, too, and must not meet the limits of the endless."""


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as started:
        yield started


@pytest.fixture(scope="module")
def probed():
    """A decoder whose child obeys orders; it decodes photos without one as always."""
    with Decoder(limits=SMALL, work=probes.WORK) as started:
        yield started


def decode(decoder: Decoder, file: bytes, fmt="jpeg", **wishes):
    return decoder.decode(io.BytesIO(file), fmt=PhotoFormat(fmt), **wishes)


def cause(decoder: Decoder, file: bytes, fmt="jpeg") -> Cause:
    with pytest.raises(Undecodable) as refused:
        decode(decoder, file, fmt)
    return refused.value.cause


def finding(decoder: Decoder, order: str, argument: int = 0):
    return json.loads(decode(decoder, probes.order(order, argument)).exif.make)


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("fmt", list(PhotoFormat))
def test_every_format_gives_pictures_and_facts_inside_the_jail(decoder, fmt, clean):
    exif = photos.exif_block(position=(43.46, 11.88), taken="2026:11:02 09:00:00", orientation=6, make="A")
    decoded = decode(decoder, photos.photo(fmt, (1800, 1200), orientation=6, exif=exif), fmt, clean=clean)
    assert (decoded.format, decoded.width, decoded.height) == (fmt, 1800, 1200)
    assert photos.is_upright(decoded.display)
    assert photos.is_upright(decoded.thumb)
    assert (decoded.clean is not None) == clean
    assert decoded.exif.position is not None
    assert decoded.exif.position.lat == pytest.approx(43.46)
    assert decoded.exif.make == "A"
    assert 0 < decoded.cost.cpu_seconds < 10
    assert decoded.cost.peak_bytes < 1 << 30


def test_a_multi_picture_or_profiled_photo_needs_nothing_from_outside(decoder):
    picture = io.BytesIO()
    photos.scene().save(picture, "MPO", save_all=True, append_images=[photos.scene((40, 30))])
    assert photos.is_upright(decode(decoder, picture.getvalue()).display)


@pytest.mark.parametrize(
    ("file", "fmt", "expected"),
    [
        (photos.png_bomb(), "png", Cause.TOO_MANY_PIXELS),
        (photos.cut(photos.photo(), share=0.4), "jpeg", Cause.TRUNCATED),
        (b"\xff\xd8\xff" + photos.html() + b"\xff\xd9", "jpeg", Cause.UNREADABLE),
        (photos.photo("png"), "jpeg", Cause.FORMAT_MISMATCH),
    ],
)
def test_what_cannot_be_decoded_is_told_by_its_cause_and_the_next_photo_is_served(decoder, file, fmt, expected):
    assert cause(decoder, file, fmt) is expected
    assert decode(decoder, photos.photo()).width == 400


@pytest.mark.parametrize(
    ("order", "argument", "expected"),
    [
        ("burn", 0, Cause.OUT_OF_TIME),
        ("wait", 0, Cause.OUT_OF_TIME),
        ("hoard", 400 << 20, Cause.OUT_OF_MEMORY),
        ("crash", 0, Cause.CRASHED),
        ("overflow", 1 << 20, Cause.TOO_LARGE_OUTPUT),
        ("leak", 0, Cause.CRASHED),
        ("chatter", 50_000, Cause.CRASHED),
        ("chatter", 500_000, Cause.TOO_LARGE_OUTPUT),
    ],
)
def test_a_child_that_runs_wild_costs_only_its_own_photo(probed, order, argument, expected):
    assert cause(probed, probes.order(order, argument)) is expected
    assert decode(probed, photos.photo()).width == 400


def test_a_photo_that_needs_more_memory_than_the_jail_gives_is_told_so():
    file = photos.photo("png", (5000, 5000), compress_level=1)
    with Decoder(limits=DecoderLimits(memory_bytes=160 << 20)) as tight:
        assert cause(tight, file, "png") is Cause.OUT_OF_MEMORY
    with Decoder() as roomy:
        assert decode(roomy, file, "png").width == 5000


def test_the_child_sees_no_foreign_file_no_disk_and_no_environment(probed, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")
    foreign, readable, variables = finding(probed, "look_around")
    assert foreign == 0
    assert variables <= 4
    if probed.jail.network is not Network.NONE:
        assert readable is False


def grants_namespaces() -> bool:
    wishes = ["--net"] if os.getuid() == 0 else ["--user", "--net"]
    return subprocess.run(["unshare", *wishes, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_where_the_machine_grants_a_namespace_the_child_has_one(decoder):
    assert (decoder.jail.network is not Network.NONE) >= grants_namespaces()


def test_the_child_reaches_no_network(probed):
    if probed.jail.network is Network.NONE:
        pytest.skip("this machine grants no namespace, and the report says so")
    with socket.create_server(("127.0.0.1", 0)) as home:
        port = home.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert finding(probed, "call_home", port) is False


def test_the_child_cannot_change_the_original(probed, tmp_path):
    path = tmp_path / "original"
    path.write_bytes(probes.order("rewrite_original"))
    with path.open("r+b") as original:
        decoded = probed.decode(original, fmt=PhotoFormat.JPEG)
    assert decoded.exif.make == "true"
    assert path.read_bytes() == probes.order("rewrite_original")


@pytest.mark.skipif(os.getuid() != 0, reason="only a root's child runs as somebody else")
def test_the_child_of_root_can_neither_fork_nor_reach_its_parent(probed):
    assert finding(probed, "fork") == "refused"
    assert finding(probed, "kill_zygote") == "refused"


def test_the_report_tells_the_walls_that_stand(decoder):
    # "as actually achieved" is asked of the kernel by the child itself, not copied from the wish
    assert decoder.jail.memory_bytes == 1 << 30
    assert decoder.jail.cpu_seconds == 10
    assert decoder.jail.user is (User.NOBODY if os.getuid() == 0 else User.SAME)
    assert JailReport.from_json(decoder.jail.as_json()) == decoder.jail


@pytest.mark.parametrize("sent", [None, {}, {"memory_bytes": 1, "cpu_seconds": 1, "network": "x", "user": "same"}])
def test_a_false_jail_report_is_refused(sent):
    with pytest.raises(ValueError, match=r"jail|valid"):
        JailReport.from_json(sent)


def test_a_decoder_that_was_not_started_knows_no_jail():
    with pytest.raises(DecoderUnavailable):
        _ = Decoder().jail


def test_work_that_does_not_exist_is_unavailable_and_not_the_photos_fault():
    with pytest.raises(DecoderUnavailable), Decoder(work="tests.probes:nothing_of_that_name"):
        pass


def test_a_dead_zygote_is_replaced_without_the_caller_noticing():
    with Decoder() as mortal:
        assert mortal._zygote is not None
        before = mortal._zygote._process
        before.kill()
        before.wait()
        assert decode(mortal, photos.photo()).width == 400
        assert mortal._zygote._process.pid != before.pid


def test_no_file_and_no_process_is_left_after_many_photos(decoder):
    zygote = decoder._zygote._process.pid
    decode(decoder, photos.photo())
    before = open_files("self"), open_files(zygote)
    for _ in range(5):
        decode(decoder, photos.photo(size=(64, 48)))
        cause(decoder, photos.png_bomb(), "png")
    assert (open_files("self"), open_files(zygote)) == before
    assert children_of(zygote) == []


def open_files(pid: int | str) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("place", [0, 7])
def test_the_whole_original_is_read_wherever_its_reader_stands(decoder, tmp_path, place):
    path = tmp_path / "original"
    path.write_bytes(photos.photo())
    with path.open("rb") as original:
        original.seek(place)
        assert decoder.decode(original, fmt=PhotoFormat.JPEG).width == 400
        assert original.tell() == place


def test_files_streams_and_spools_are_all_originals(decoder):
    with tempfile.NamedTemporaryFile() as named, tempfile.SpooledTemporaryFile() as spooled:
        for original in (named, spooled):
            original.write(photos.photo())
            assert decoder.decode(original, fmt=PhotoFormat.JPEG).width == 400


def test_threads_may_share_a_decoder(decoder):
    widths: list[int] = []
    threads = [
        threading.Thread(
            target=lambda side=side: widths.append(decode(decoder, photos.photo(size=(side, 50))).width)
        )
        for side in (100, 110, 120, 130)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(widths) == [100, 110, 120, 130]


WORKER = """
import io, sys
sys.path.insert(0, {root!r})
from tests import probes
from workers.decoder import Decoder
from app.evidence.signature import PhotoFormat
with Decoder(work=probes.WORK) as decoder:
    print(decoder._zygote._process.pid, flush=True)
    decoder.decode(io.BytesIO(probes.order("wait")), fmt=PhotoFormat.JPEG)
"""


def test_killing_the_worker_takes_zygote_and_child_with_it():
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen([sys.executable, "-c", WORKER.format(root=root)], stdout=subprocess.PIPE) as worker:
        zygote = int(worker.stdout.readline())
        until = time.monotonic() + 90
        while not (children := children_of(zygote)) and time.monotonic() < until:
            os.sched_yield()
        ends = [os.pidfd_open(pid) for pid in (zygote, *children)]
        assert len(ends) == 2
        worker.send_signal(signal.SIGKILL)
        for end in ends:
            assert select.select([end], [], [], 90)[0]
            os.close(end)


UNPRIVILEGED = """
import json, os, sys
sys.path.insert(0, {root!r})
from workers import jail
from workers.decoder_child import _empty_folder, load_decoders
load_decoders()
folder = _empty_folder()
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(65533, 65533, 65533); os.setresuid(65533, 65533, 65533)
print(json.dumps(jail.enter(jail.DecoderLimits(), empty_folder=folder, is_thread_needed=True).as_json()))
"""


def test_an_ordinary_user_gets_a_jail_too_and_the_report_says_which():
    root = str(Path(__file__).resolve().parents[2])
    told = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED.format(root=root)], stdout=subprocess.PIPE, check=True, timeout=300
    ).stdout
    report = JailReport.from_json(json.loads(told))
    assert (report.memory_bytes, report.cpu_seconds, report.user) == (1 << 30, 10, User.SAME)
    assert report.network in {Network.USER_NAMESPACE, Network.NONE}
