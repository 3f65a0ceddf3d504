"""The processes of one machine: they start, come back, and end together."""

import logging
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

from app import serving
from app.serving import QUEUES, Crew, Program, port_fault, programs_for, web_command
from app.web_worker import SILENCE_SECONDS, PatientWorker, _is_news
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import signal; print('up', flush=True); signal.pause()"


def program(code: str, name: str = "web") -> Program:
    return Program(name, (sys.executable, "-c", code))


def test_a_port_in_use_is_a_sentence_that_names_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is in use" in (port_fault("127.0.0.1", port) or "")
    assert port_fault("127.0.0.1", port) is None


def test_an_address_of_another_machine_is_a_sentence_too():
    assert "Check HOST and PORT" in (port_fault("192.0.2.1", 8000) or "")


def test_the_web_server_listens_where_the_settings_say():
    command = web_command(Settings.from_environment({"HOST": "::1", "PORT": "8123"}))
    assert "--bind=[::1]:8123" in command


def test_without_redis_one_worker_does_everything_and_with_it_a_relay_rings_one_for_each_queue():
    alone = programs_for(Settings.from_environment({}))
    assert [program.name for program in alone] == ["web", "workers"]
    rung = programs_for(Settings.from_environment({"REDIS_URL": "redis://127.0.0.1:6379/0"}))
    assert [program.name for program in rung] == ["web", "relay", *(f"queue {name}" for name in QUEUES)]
    assert [program.name for program in (*alone, *rung) if program.is_vital] == ["web", "web"]


def test_more_web_processes_are_asked_of_the_server():
    settings = {"REDIS_URL": "redis://127.0.0.1:6379/0", "WEB_PROCESSES": "3"}
    assert "--workers=3" in web_command(Settings.from_environment(settings))
    assert "--workers=1" in web_command(Settings.from_environment({}))


def test_a_signal_ends_everything_cleanly(monkeypatch, capsys):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.01)
    crew = Crew([program(SLEEPER), program(SLEEPER, "workers")])

    def up_then_terminated() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    assert crew.run(answers=up_then_terminated, when_up="here") == 0
    assert "here" in capsys.readouterr().out
    assert all(process.returncode == -signal.SIGTERM for process in crew._running.values())


def test_what_keeps_dying_ends_everything_with_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(serving, "PAUSE_SECONDS", 0.01)
    # A busy machine may take longer than the product's window for starting and ending five interpreters.
    monkeypatch.setattr(serving, "RESTART_WINDOW_SECONDS", 3600.0)
    monkeypatch.setattr(serving, "START_SECONDS", 3600.0)
    crew = Crew([program("raise SystemExit(3)"), program(SLEEPER, "workers")])
    assert crew.run(answers=lambda: False, when_up="") == 1
    said = capsys.readouterr().out
    assert said.count("starting it again") == serving.RESTARTS - 1
    assert "keeps ending (last code 3)" in said
    assert crew._running["workers"].returncode == -signal.SIGTERM


def test_a_server_that_never_answers_is_given_up(monkeypatch, capsys):
    monkeypatch.setattr(serving, "START_SECONDS", 0.0)
    assert Crew([program(SLEEPER)]).run(answers=lambda: False, when_up="") == 1
    assert "does not answer" in capsys.readouterr().out


def test_killing_the_supervisor_leaves_no_child():
    code = textwrap.dedent("""
        import sys
        from app.serving import Crew, Program
        child = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
        Crew([Program("web", (sys.executable, "-c", child))]).run(answers=lambda: True, when_up="")
    """)
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = 0
        while not child:
            line = supervisor.stdout.readline()
            assert line, "the supervisor ended"
            child = int(line.strip() or 0)
        handle = os.pidfd_open(child)
        supervisor.kill()
        gone, _, _ = select.select([handle], [], [], 90)
        os.close(handle)
        assert gone


def test_a_dropped_silent_connection_is_no_news_and_a_real_fault_is():
    dropped = logging.LogRecord("gunicorn.error", 40, "", 0, "socket", (), (BlockingIOError, None, None))
    broken = logging.LogRecord("gunicorn.error", 40, "", 0, "socket", (), (ValueError, None, None))
    plain = logging.LogRecord("gunicorn.error", 40, "", 0, "words", (), None)
    assert [_is_news(record) for record in (dropped, broken, plain)] == [False, True, True]


def test_silence_on_a_connection_has_an_end_in_the_kernel():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = object.__new__(PatientWorker)
        future = SimpleNamespace(add_done_callback=lambda _done: None)
        worker.tpool = SimpleNamespace(submit=lambda *_work: future)
        worker.enqueue_req(SimpleNamespace(sock=ours))
        bound = ours.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)
    assert struct.unpack("ll", bound) == (SILENCE_SECONDS, 0)
