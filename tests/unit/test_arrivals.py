"""How many pieces of uploads may arrive at once, and that one upload arrives on one line."""

import random
import socket
import threading
from contextlib import ExitStack

import pytest

from app.core.errors import Unavailable
from app.edge.under_way import IN_PROCESS, OF_PASS, OF_POOL, RETRY_SECONDS, UnderWay
from app.evidence.gathering import PIECES_MOST, cheapest_run
from app.evidence.uploads import Maker
from app.serving import WEB_THREADS

WAIT = 90


def account(number):
    return Maker(f"account:{number}", f"account:{number}", has_pass=False)


def bearer(number, place=1):
    return Maker(f"pass:{number}", f"place:{place}", has_pass=True)


@pytest.fixture
def under_way():
    return UnderWay(wait_seconds=WAIT)


@pytest.fixture
def held():
    with ExitStack() as stack:
        yield stack


def fill(under_way, held, makers):
    for n, by in enumerate(makers):
        held.enter_context(under_way.begun(f"{by.scope} {n}", None, by=by))


def is_refused(under_way, by):
    try:
        with under_way.begun("one more", None, by=by):
            return False
    except Unavailable as refusal:
        return refusal.retry_after == RETRY_SECONDS


def test_two_hundred_phones_have_a_place_at_once_also_when_a_team_shares_an_account(under_way, held):
    fill(under_way, held, [account(n % 8) for n in range(200)])


def test_beyond_that_the_process_refuses_and_keeps_threads_for_the_rest(under_way, held):
    fill(under_way, held, [account(n) for n in range(IN_PROCESS)])
    assert is_refused(under_way, account("another"))
    assert WEB_THREADS - IN_PROCESS >= 40
    held.close()
    assert not is_refused(under_way, account("another"))


def test_a_pass_has_a_place_for_each_photo_of_its_report_and_no_more(under_way, held):
    fill(under_way, held, [bearer(1)] * OF_PASS)
    assert is_refused(under_way, bearer(1))
    assert not is_refused(under_way, bearer(2))


def test_all_passes_of_a_place_together_take_no_more_than_their_share(under_way, held):
    fill(under_way, held, [bearer(n) for n in range(OF_POOL)])
    assert is_refused(under_way, bearer("fresh"))
    assert not is_refused(under_way, bearer("elsewhere", place=2))
    assert not is_refused(under_way, account(1))


def test_an_account_has_its_bound_too(under_way, held):
    fill(under_way, held, [account(1)] * OF_POOL)
    assert is_refused(under_way, account(1))


def arriving(under_way, line, *, by, log):
    has_begun = threading.Event()

    def arrive():
        with under_way.begun("it", line, by=by):
            has_begun.set()
            while line.recv(100):
                pass
            log.append("earlier is settled")

    thread = threading.Thread(target=arrive)
    thread.start()
    assert has_begun.wait(WAIT)
    return thread


def test_a_new_piece_of_the_same_upload_ends_the_earlier_and_begins_when_that_is_settled(under_way):
    log = []
    near, far = socket.socketpair()
    with near, far:
        thread = arriving(under_way, near, by=account(1), log=log)
        with under_way.begun("it", None, by=account(1)):
            log.append("later begins")
        thread.join(WAIT)
    assert log == ["earlier is settled", "later begins"]


def test_who_only_knows_the_address_of_an_upload_ends_nothing(under_way):
    log = []
    near, far = socket.socketpair()
    with near, far:
        thread = arriving(under_way, near, by=account(1), log=log)
        with under_way.begun("it", None, by=account(2)):
            assert log == []
        far.close()
        thread.join(WAIT)


# --- which pieces are gathered ------------------------------------------------------------------------------


def written_for(arrivals):
    """Bytes that gathering writes while these pieces come, as `gathering.gathered` does it."""
    sizes, written = [], 0
    for size in arrivals:
        if len(sizes) >= PIECES_MOST:
            run = cheapest_run(sizes)
            written += sum(sizes[run])
            sizes[run] = [sum(sizes[run])]
        sizes.append(size)
        assert len(sizes) <= PIECES_MOST + 1
    return written


@pytest.mark.parametrize("large_at", [0, 16, 31])
def test_a_large_piece_is_not_written_again_for_small_ones(large_at):
    sizes = [1] * 500
    sizes[large_at] = 20_000_000
    assert written_for(sizes) < 2_000


def test_equal_pieces_are_written_again_once_in_thirty_two():
    assert written_for([1] * 32 * 30) < 32 * 30 * 4


def test_whatever_comes_each_byte_is_written_a_few_times():
    dice = random.Random(7)  # noqa: S311  # sizes of pieces
    for _ in range(20):
        sizes = [int(1_000_000 ** dice.random()) for _ in range(300)]
        assert written_for(sizes) < 4 * sum(sizes)
    growing = [2**n for n in range(24)] + [1] * 300
    assert written_for(growing) < 2 * sum(growing)
    striped = [600_000, 1] * 16 + [1] * 300
    assert written_for(striped) < 2 * sum(striped)
