"""The calls of resumable uploads (tus 1.0) as the API's document tells them: headers in, headers out."""

from typing import Any, Final

from app.edge.tus import PIECE_TYPE

PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
MAKERS: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"pass": []}]
WHERE: Final = {
    "Tus-Resumable": "the version that is spoken",
    "Upload-Offset": "bytes that are durable",
    "Upload-Expires": "until when it is kept",
}


def upload_paths() -> dict[str, dict[str, Any]]:
    """Path → operations."""
    code = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}
    ahead = [code, _said("Upload-Offset", kind="integer"), *_checked()]
    return {
        "/uploads": {"post": _announce(), "options": _abilities()},
        "/uploads/{code}": {
            "head": _call("where an upload stands", "200", [code], {**WHERE, "Upload-Length": "bytes in all"}),
            "patch": _call("the bytes that follow", "204", ahead, WHERE, body=True),
            "post": _call(
                "the same, where a line knows no PATCH",
                "204",
                [*ahead, _said("X-HTTP-Method-Override")],
                WHERE,
                body=True,
            ),
            "delete": _call("end an upload", "204", [code], {"Tus-Resumable": WHERE["Tus-Resumable"]}),
            "options": {**_abilities(), "parameters": [code]},
        },
    }


def _announce() -> dict[str, Any]:
    told = [
        _said("Upload-Length", kind="integer"),
        _said("Upload-Metadata", "`sha256 <base64 of the hex>` of the whole file; other keys are not read"),
        *_checked(),
    ]
    answered = {**WHERE, "Location": "the upload's path"}
    call = _call("announce a photo; its first bytes may come along", "201", told, answered, body=True)
    return {**call, "requestBody": {**call["requestBody"], "required": False}}


def _abilities() -> dict[str, Any]:
    told = ("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
    answer = {"description": "what is spoken", "headers": {name: _header(name) for name in told}}
    return {"summary": "what is spoken", "security": [], "responses": {"204": answer}}


def _call(
    summary: str, status: str, told: list[dict[str, Any]], answered: dict[str, str], *, body: bool = False
) -> dict[str, Any]:
    refusals = ["400", "401", "404", "412"]
    if body:
        refusals += ["409", "411", "413", "415", "429", "460", "503", "507"]
    call: dict[str, Any] = {
        "summary": summary,
        "security": MAKERS,
        "parameters": [*told, _said("Tus-Resumable", "1.0.0")],
        "responses": {
            status: {"description": summary, "headers": {name: _header(it) for name, it in answered.items()}},
            **dict.fromkeys(refusals, PROBLEM),
        },
    }
    if body:
        call["requestBody"] = {
            "required": True,
            "content": {PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    return call


def _checked() -> list[dict[str, Any]]:
    words = "`sha256 <base64 of the digest>` of this piece: one that differs is refused (460), and not kept"
    return [{**_said("Upload-Checksum", words), "required": False}]


def _said(name: str, words: str = "", *, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": words, "schema": {"type": kind}}


def _header(words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": "string"}}
