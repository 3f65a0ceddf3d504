"""Routes of the house on a phone: manifest, service worker, the page without network, and trust on trial."""

from flask import Blueprint, Response, jsonify, make_response, request

from app.edge.compression import compressible
from app.edge.entrance import public
from app.edge.language import CHINESE, ENGLISH, chosen_locale
from app.web.answers import page_answer
from app.web.phone.present import manifest_in, offline_page, phone_page, trial_authority
from app.web.phone.shell import mark_kept, shell_owner, shell_pages, worker_script

pages = Blueprint("phone", __name__)
pages.add_app_template_global(shell_owner)
pages.add_app_template_global(shell_pages)
pages.after_app_request(mark_kept)


@pages.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What a phone shows when the house stands on its home screen."""
    is_english = request.args.get("language", chosen_locale()) == ENGLISH
    answer = jsonify(manifest_in(ENGLISH if is_english else CHINESE))
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/sw.js")
@public
@compressible
def worker() -> Response:
    """The service worker, which may look after every page because it lies beside them all."""
    answer = make_response(worker_script())
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/offline")
@public
def offline() -> Response:
    """What a phone shows instead of a page that it cannot fetch."""
    return page_answer("phone/offline.html", offline_page())


@pages.get("/phone")
@public
def phone() -> Response:
    """How to trust the certificate of `TLS=1`, and how to remove it again."""
    return page_answer("phone/phone.html", phone_page())


@pages.get("/phone/hazard-snap.crt")
@public
def authority() -> Response:
    """The authority's certificate, as Android and iPhone install it."""
    answer = make_response(trial_authority())
    answer.mimetype = "application/x-x509-ca-cert"
    answer.headers["Content-Disposition"] = 'attachment; filename="hazard-snap.crt"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
