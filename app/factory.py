"""Puts the application together: a table of contents that decides nothing."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from flask import Flask, Response, g, request
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app import api, web
from app.cli import register_commands
from app.core.clock import Clock, system_clock
from app.core.errors import Problem
from app.edge.asking import Asker
from app.edge.compression import compress
from app.edge.content_security import content_security, referrer_policy
from app.edge.entrance import guard
from app.edge.figures import Figures, note_problem, watch_requests
from app.edge.health import health
from app.edge.http import bound_requests
from app.edge.http_status import status_of_http
from app.edge.language import speak
from app.edge.metrics import metrics
from app.edge.throttle import hold_back
from app.runtime import create_runtime
from config import Settings, secret_key_for

STATIC_SECONDS: Final = 365 * 24 * 3600
"""Static addresses carry their content's hash, so they may be kept for ever."""
_log = structlog.get_logger("web")


def create_app(settings: Settings, *, clock: Clock = system_clock) -> Flask:
    """The web application on these settings."""
    means = create_runtime(settings, clock=clock)
    app = means.flask
    app.extensions.update(runtime=means, asker=Asker(), figures=Figures(settings))
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    app.secret_key = secret_key_for(settings)
    app.static_folder = str(Path(__file__).parent / "web" / "static")
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=app.send_static_file)
    app.config.update(
        SESSION_COOKIE_NAME="hazards",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.has_secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # Set when it changes, not by every answer: a slow one would bring back who was here before.
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
    )
    watch_requests(app, app.extensions["figures"])
    speak(app)
    bound_requests(app, store=means.store, limits=settings.limits)
    app.before_request(_name_request)
    guard(app)
    hold_back(app, redis_url=settings.redis_url)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    api.register_calls(app)
    web.register_pages(app)
    app.after_request(compress)  # after _finish: the last is the first
    app.after_request(_finish)
    _render_refusals(app)
    Migrate(app, app.extensions["sqlalchemy"], directory=str(Path(__file__).parent / "migrations"))
    register_commands(app)
    return app


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id, endpoint=request.endpoint)


def _finish(answer: Response) -> Response:
    """What every answer carries."""
    answer.headers["X-Request-Id"] = str(g.get("request_id", ""))
    answer.headers.setdefault("Content-Security-Policy", content_security())
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = referrer_policy()
    answer.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if not answer.headers.get("Cache-Control"):
        answer.headers["Cache-Control"] = "no-store"
    answer.headers.setdefault("Vary", "Cookie, Accept-Language")
    return answer


def _render_refusals(app: Flask) -> None:
    """One renderer per edge, chosen by the address."""

    def is_api() -> bool:
        return request.path.startswith("/api/")

    def refuse(problem: Exception) -> Response:
        assert isinstance(problem, Problem)  # noqa: S101  # registered for problems only
        note_problem(problem.code)
        return api.errors.problem_answer(problem) if is_api() else web.errors.problem_page(problem)

    def refuse_http(error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # registered for these only
        code, status = status_of_http(error)
        if status >= 400:  # noqa: PLR2004  # the framework's own redirects come here too
            note_problem("csrf" if isinstance(error, CSRFError) else code)
        return api.errors.http_answer(error) if is_api() else web.errors.http_page(error)

    def confess(_error: Exception) -> Response:
        note_problem("internal")
        _log.exception("request_failed")
        return api.errors.internal_answer() if is_api() else web.errors.internal_page()

    app.register_error_handler(Problem, refuse)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(Exception, confess)
