"""What the web server itself logs names no page: a path may name a hazard or open a one-time link."""

import logging

from app.web_worker import _without_address


def record(message: str, *told: object) -> logging.LogRecord:
    return logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, message, told, None)


def test_a_failed_request_is_logged_without_its_address():
    for told in (("GET", "/welcome/secret?next=x"), ("/welcome/secret",)):
        failed = record("Error handling request " + " ".join("%s" for _ in told), *told)
        assert _without_address(failed)
        assert failed.getMessage() == "Error handling request"


def test_other_lines_stay_as_they_are():
    other = record("Worker (pid:%s) was sent %s!", 7, "SIGKILL")
    assert _without_address(other)
    assert other.getMessage() == "Worker (pid:7) was sent SIGKILL!"
