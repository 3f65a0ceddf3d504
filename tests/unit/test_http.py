"""The request as the edges read it: every body bounded, photos streaming, small parts in memory."""

import io
import json
import os

import pytest
from flask import Flask, jsonify, request

from app.core.errors import BadRequest, Invalid, Problem, TooLarge, UnsupportedMedia
from app.edge.bodies import BoundedBody
from app.edge.http import bound_requests, takes_photos
from config import Limits
from storage.filesystem import FilesystemStore

JPEG = b"\xff\xd8\xff\xe0" + os.urandom(60_000)
LIMITS = Limits(photo_bytes=100_000, photos=3, multipart_bytes=400_000, json_bytes=10_000)


@pytest.fixture
def store(tmp_path) -> FilesystemStore:
    return FilesystemStore(tmp_path)


@pytest.fixture
def seen() -> list[Problem]:
    return []


@pytest.fixture
def client(store, seen):
    app = Flask(__name__)
    bound_requests(app, store=store, limits=LIMITS)

    @app.post("/hazards")
    @takes_photos
    def report():
        asked = request.json_part("hazard") if "json" in request.args else dict(request.form)
        kept = request.photos.keep() if "keep" in request.args else ()
        return jsonify(asked=asked, kept=[[photo.sha256, photo.bytes] for photo in kept])

    @app.post("/words")
    def words():
        return jsonify(asked=request.get_json() if request.is_json else dict(request.form))

    @app.errorhandler(Problem)
    def tell(problem: Problem):
        seen.append(problem)
        return jsonify(code=problem.code, form=dict(request.form)), 400

    return app.test_client()


def photo(content: bytes = JPEG, name: str = "a.jpg"):
    return (io.BytesIO(content), name)


def is_empty(store: FilesystemStore) -> bool:
    return not list(store.keys()) and not list(store.staging.iterdir())


def refused(response, seen, kind: type[Problem]) -> Problem:
    assert response.status_code == 400
    assert type(seen[-1]) is kind
    return seen[-1]


def test_photos_and_words_come_together(client, store):
    answer = client.post("/hazards?keep", data={"place": "锅炉房", "photo": [photo(), photo(JPEG + b"2")]})
    assert answer.json["asked"] == {"place": "锅炉房"}
    assert [size for _, size in answer.json["kept"]] == [len(JPEG), len(JPEG) + 1]
    assert sorted(key for key, _ in answer.json["kept"]) == list(store.keys())


@pytest.mark.parametrize("part", ['{"n": 1}', (io.BytesIO(b'{"n": 1}'), "blob"), (io.BytesIO(b'{"n": 1}'), "")])
def test_the_json_part_may_come_as_a_field_or_as_a_file(client, part):
    assert client.post("/hazards?json", data={"hazard": part, "photo": photo()}).json["asked"] == {"n": 1}


@pytest.mark.parametrize("text", ["{", "", '{"a": NaN}', "[" * 9000])
def test_a_json_part_that_is_no_json_is_refused(client, seen, store, text):
    refused(client.post("/hazards?json", data={"hazard": text, "photo": photo()}), seen, BadRequest)
    assert is_empty(store)


def test_a_missing_json_part_is_named(client, seen):
    problem = refused(client.post("/hazards?json", data={"photo": photo()}), seen, BadRequest)
    assert problem.values == {"reason": "part_missing", "part": "hazard"}


def test_photos_a_view_does_not_keep_leave_nothing(client, store):
    assert client.post("/hazards", data={"photo": photo()}).status_code == 200
    assert is_empty(store)


def test_a_form_without_a_chosen_file_has_no_photo(client):
    assert client.post("/hazards?keep", data={"photo": photo(b"", "")}).json["kept"] == []


def test_files_are_refused_where_no_photos_are_taken(client, seen, store):
    refused(client.post("/words", data={"photo": photo(b"x")}), seen, BadRequest)
    assert is_empty(store)


def test_a_refused_photo_leaves_the_words_before_it_for_the_page(client, seen, store):
    answer = client.post("/hazards", data={"place": "锅炉房", "photo": [photo(), photo(b"<html>" * 50)]})
    assert refused(answer, seen, UnsupportedMedia).values == {"n": 2}
    assert answer.json["form"] == {"place": "锅炉房"}
    assert is_empty(store)


def test_too_many_photos_are_refused(client, seen, store):
    refused(client.post("/hazards", data={"photo": [photo() for _ in range(4)]}), seen, Invalid)
    assert is_empty(store)


def test_a_photo_over_its_limit_is_refused(client, seen, store):
    big = photo(JPEG + bytes(LIMITS.photo_bytes))
    problem = refused(client.post("/hazards", data={"photo": big}), seen, TooLarge)
    assert problem.values == {"what": "photo", "limit": LIMITS.photo_bytes, "n": 1}
    assert is_empty(store)


def test_a_request_over_its_limit_is_refused_from_its_headers(client, seen):
    unread = io.BytesIO(b"never read")
    answer = client.post(
        "/hazards",
        input_stream=unread,
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"CONTENT_LENGTH": str(LIMITS.multipart_bytes + 1)},
    )
    assert refused(answer, seen, TooLarge).values == {"what": "request", "limit": LIMITS.multipart_bytes}
    assert unread.tell() == 0


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_words_are_bounded_like_json(client, seen, content_type):
    client.post("/words", data=b"1" * LIMITS.json_bytes, content_type=content_type)
    assert seen == []
    answer = client.post("/words", data=b"1" * (LIMITS.json_bytes + 1), content_type=content_type)
    if content_type != "text/plain":
        assert refused(answer, seen, TooLarge).values == {"what": "json", "limit": LIMITS.json_bytes}


def test_one_field_is_bounded_too(client, seen):
    refused(client.post("/hazards", data={"place": "x" * 10_001, "photo": photo()}), seen, TooLarge)


def test_endless_parts_are_refused(client, seen):
    refused(client.post("/hazards", data={f"f{n}": "x" for n in range(65)} | {"photo": photo()}), seen, TooLarge)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=\xe9"),
        (b"no form at all", "multipart/form-data; boundary=b"),
        (b"--b\r\nX: y\r\n\r\nz\r\n--b--", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n\xff\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_what_is_no_form_is_refused_not_taken_as_empty(client, seen, body, content_type):
    refused(client.post("/hazards", data=body, content_type=content_type), seen, BadRequest)


def test_a_form_cut_short_is_refused_and_leaves_nothing(client, seen, store):
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    answer = client.post(
        "/hazards?keep",
        input_stream=io.BytesIO(head + JPEG[:40_000]),
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"CONTENT_LENGTH": "100000"},
    )
    assert refused(answer, seen, BadRequest).values == {"reason": "cut_short"}
    assert is_empty(store)


def body(content: bytes, *, announced: int | None = None, is_endless: bool = False) -> BoundedBody:
    return BoundedBody(io.BytesIO(content), announced=announced, is_endless=is_endless, what="json", limit=100)


def test_a_body_ends_where_its_headers_say():
    assert body(b"x" * 200, announced=50).read() == b"x" * 50


def test_a_body_of_no_announced_length_is_empty_unless_chunked():
    assert body(b"x" * 50).read() == b""
    assert body(b"x" * 50, is_endless=True).read() == b"x" * 50


def test_a_chunked_body_may_fill_its_bound_and_not_pass_it():
    assert len(body(b"x" * 100, is_endless=True).read()) == 100
    with pytest.raises(TooLarge):
        body(b"x" * 101, is_endless=True).read()


def test_a_lost_connection_is_a_body_cut_short():
    class Lost(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    lost = BoundedBody(Lost(), announced=10, is_endless=False, what="json", limit=100)
    with pytest.raises(BadRequest):
        lost.read()


def test_a_json_request_is_read(client):
    assert client.post("/words", data=json.dumps({"a": 1}), content_type="application/json").json["asked"] == {
        "a": 1
    }
