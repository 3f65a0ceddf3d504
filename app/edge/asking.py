"""Asking a part of the house that may never answer, without waiting for it for ever."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import current_app

PATIENCE_SECONDS: Final = 4.0
"""Whoever asks after the house's health is answered within 5 seconds, also when a part hangs."""
NO_ANSWER: Final = "no_answer"


@dataclass(frozen=True)
class Outcome:
    """What came of asking: what was told, or `fault`, a class's name or NO_ANSWER; never a message's words."""

    told: Any = None
    fault: str = ""


class Asker:
    """Asks each part in a thread of its own; a part that hangs holds one thread, however often it is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Any]] = {}

    def ask(self, questions: dict[str, Callable[[], Any]], *, within: float) -> dict[str, Outcome]:
        """The outcome of every question, after `within` seconds at the latest."""
        until = time.monotonic() + within
        asked = {name: self._begin(name, question) for name, question in questions.items()}
        return {name: _outcome(future, until) for name, future in asked.items()}

    def _begin(self, name: str, question: Callable[[], Any]) -> Future[Any]:
        with self._lock:
            before = self._asked.get(name)
            if before is not None and not before.done():
                return before
            future: Future[Any] = Future()
            self._asked[name] = future
        # A daemon: what hangs must not keep the process from ending.
        threading.Thread(target=_answer, args=(future, question), name=f"ask-{name}", daemon=True).start()
        return future


def asker() -> Asker:
    """This application's asker."""
    return cast("Asker", current_app.extensions["asker"])


def _answer(future: Future[Any], question: Callable[[], Any]) -> None:
    try:
        told = question()
    except Exception as fault:  # noqa: BLE001  # handed to whoever asked
        future.set_exception(fault)
    else:
        future.set_result(told)


def _outcome(future: Future[Any], until: float) -> Outcome:
    try:
        return Outcome(future.result(timeout=max(0.0, until - time.monotonic())))
    except TimeoutError:
        # A part's own timeout is a fault of that name; ours is that nothing came at all.
        return Outcome(fault="TimeoutError" if future.done() else NO_ANSWER)
    except Exception as fault:  # noqa: BLE001  # whatever it is, the part does not work, and its class says why
        return Outcome(fault=type(fault).__name__)
