"""Tokens, passes, and who the caller is."""

from flask import Response, request

from app.accounts.service import CredentialKind, sign_in, sign_out
from app.api.blueprint import answer, api, json_body
from app.api.shapes import instant, me_shape
from app.core.errors import NotSignedIn
from app.edge.entrance import actor, actor_or_none, public, runtime, signed_in
from app.edge.reading import GuestSchema, LoginSchema, read
from app.edge.taking import fresh_pass, guest_pass
from app.edge.throttle import count_account_pass, guest_passes, login_attempts
from app.units.queries import units_by_id


@api.post("/tokens")
@public
@login_attempts
def make_token() -> Response:
    """A bearer token for a login and its password."""
    told = read(LoginSchema(), json_body())
    means = runtime()
    credential = sign_in(
        str(told["login"]), told["password"], kind=CredentialKind.TOKEN, at=means.now(), db=means.db
    )
    return answer({"token": credential.secret, "expires_at": instant(credential.expires_at)}, 201)


@api.delete("/tokens/current")
@signed_in
def end_token() -> Response:
    """End the token this request came with."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn
    means = runtime()
    sign_out(secret.strip(), at=means.now(), db=means.db)
    return answer({})


@api.post("/passes")
@public
@guest_passes
def make_pass() -> Response:
    """A one-use pass: for a guest at the place that is named; else for an account's anonymous report.

    The server keeps no trace of who asked.
    """
    told = json_body() if request.mimetype == "application/json" else {}
    if not told and actor_or_none() is not None:
        count_account_pass()
        return answer({"pass": fresh_pass(actor())}, 201)
    if request.mimetype != "application/json":
        raise NotSignedIn
    return answer({"pass": guest_pass(str(read(GuestSchema(), told)["place_code"]))}, 201)


@api.get("/me")
@signed_in
def me() -> Response:
    """Who the caller is."""
    who = actor()
    with runtime().db.read() as session:
        ids = [who.home_unit_id, *(grant.unit_id for grant in who.grants)]
        return answer(me_shape(who, dict(units_by_id(session, ids))))
