"""The documents of a dual report: guilty bytes, kept by hash, a download for whoever may read the hazard."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.core.db import NAMES_AN_OBJECT, Base
from app.evidence.orphans import remove_orphans
from app.evidence.signature import DocumentFormat, sniff_document
from app.hazards.models import DocumentRow
from app.tables import OBJECT_KEYS
from tests.conftest import SMALL, House
from tests.edges.visitor import Visitor, hidden_fields
from tests.integration.hazard_world import CAST, attempt, bring, populate, step

PDF = b"%PDF-1.7\n" + b"report " * 40
HTML = b"<!doctype html><script>alert(1)</script>" + b" " * 80


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def record(
    house: House, number: str, content: bytes, *, to: str = "regulator", login: str = "wangmin", **told: Any
):
    """The form of 登记双报告 with a file."""
    visitor = Visitor(house, login)
    path = f"/tickets/{number}/record_dual_report"
    hidden = dict(hidden_fields(visitor.get(path).text))
    file = (
        FileStorage(io.BytesIO(content), "../../令人尴尬的名字.html") if content else FileStorage(io.BytesIO(), "")
    )
    return visitor.client.post(
        path, data={**hidden, "to": to, "on": "2026-11-02", "document": [file], **told}, content_type=None
    )


def test_a_pdf_and_a_photo_are_kept_and_come_back_as_downloads(world):
    number = bring(world, "major_rectifying")
    assert record(world, number, PDF).status_code == 303
    assert record(world, number, SMALL, to="congress").status_code == 303
    officer = Visitor(world, "wangmin")
    ticket = officer.get(f"/tickets/{number}").text
    assert ticket.count("下载附件") == 2
    assert "还没有</b>" not in ticket
    first = officer.get(f"/hazards/{number}/documents/1")
    assert (first.data, first.mimetype) == (PDF, "application/pdf")
    assert first.headers["Content-Disposition"] == f'attachment; filename="{number}-D1.pdf"'
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert officer.get(f"/hazards/{number}/documents/2").mimetype == "image/jpeg"
    assert officer.get(f"/hazards/{number}/documents/3").status_code == 404
    assert officer.get(f"/hazards/{number}/documents/99999999999999999999").status_code == 404
    with world.means.db.read() as session:
        kept = session.execute(select(DocumentRow.sha256).order_by(DocumentRow.n)).scalars().all()
    assert kept == [hashlib.sha256(content).hexdigest() for content in (PDF, SMALL)]


def test_a_document_is_for_whoever_reads_more_than_the_public_part(world):
    number = bring(world, "major_rectifying")
    record(world, number, PDF)
    may = {"reporter", "officer", "officer_above", "rectifier", "head", "head_above", "reviewer"}
    for who, login in CAST.items():
        status = Visitor(world, login).get(f"/hazards/{number}/documents/1").status_code
        assert status == (200 if who in may else 404), who
        answer = world.api(login, "GET", f"/hazards/{number}/documents/1", buffered=True)
        assert answer.status_code == (200 if who in may else 404), who
    assert world.app.test_client().get(f"/hazards/{number}/documents/1").status_code in {302, 303, 401}


@pytest.mark.parametrize("content", [HTML, b"MZ" + b"\0" * 100, b"PK\x03\x04" + b"\0" * 100, b"%PD", b"x" * 100])
def test_what_is_neither_pdf_nor_picture_is_refused_beside_its_input(world, content):
    number = bring(world, "major_rectifying")
    refused = record(world, number, content)
    assert refused.status_code == 415
    assert 'id="document-fault"' in refused.text
    with world.means.db.read() as session:
        assert session.execute(select(DocumentRow.id)).all() == []


def test_a_refused_form_asks_for_its_file_again(world):
    number = bring(world, "major_rectifying")
    refused = record(world, number, PDF, on="2099-01-01")
    assert refused.status_code == 422
    assert "附件没有留在服务器上" in refused.text


def test_the_file_may_be_left_out_and_its_words_kept(world):
    number = bring(world, "major_rectifying")
    assert record(world, number, b"", document="华机安〔2026〕18 号").status_code == 303
    assert "华机安〔2026〕18 号" in Visitor(world, "wangmin").get(f"/tickets/{number}").text


def test_a_move_that_takes_no_document_refuses_one(world):
    number = bring(world, "rectifying")
    parts = {
        "action": json.dumps({"version": world.version(number)}),
        "document": (io.BytesIO(PDF), "x.pdf"),
    }
    answer = world.api(
        "wangmin", "POST", f"/hazards/{number}/actions/remind", data=parts, content_type="multipart/form-data"
    )
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["document"])


def test_a_document_by_call_is_told_with_the_report(world):
    number = bring(world, "major_rectifying")
    told = {"version": world.version(number), "to": "regulator", "on": "2026-11-02", "document": "18 号"}
    answer = world.api(
        "wangmin", "POST", f"/hazards/{number}/actions/record_dual_report",
        data={"action": json.dumps(told), "document": (io.BytesIO(PDF), "x.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 200, answer.json
    report = {"to": "regulator", "on": "2026-11-02", "document": "18 号", "file": 1}
    assert answer.json["dual_report_papers"] == [report]


def test_documents_are_spared_by_the_sweep_and_every_key_column_is_known_to_it(world):
    number = bring(world, "major_rectifying")
    record(world, number, PDF)
    key = hashlib.sha256(PDF).hexdigest()
    sweep = {"store": world.means.store, "db": world.means.db, "grace": timedelta(seconds=-1), "now": world.clock}
    assert sum(remove_orphans(**sweep, named_by=OBJECT_KEYS)) == 0
    assert key in set(world.means.store.keys())
    forgetful = [column for column in OBJECT_KEYS if column.table.name != "document"]
    assert sum(remove_orphans(**sweep, named_by=forgetful)) == 1
    marked = {
        f"{c.table.name}.{c.name}"
        for t in Base.metadata.tables.values()
        for c in t.columns
        if c.info == NAMES_AN_OBJECT
    }
    hashes = {
        f"{t.name}.{c.name}" for t in Base.metadata.tables.values() for c in t.columns
        if c.name.endswith(("sha256", "display_key", "thumb_key"))
    }  # fmt: skip
    # Of an upload that is not whole nothing lies under the hash that its phone announced.
    assert hashes - {"upload.sha256"} <= marked


def test_a_report_belongs_to_the_acceptance_it_was_recorded_under(world):
    number = bring(world, "major_reviewing_reported")
    step(world, "wangmin", number, "void")
    step(world, "lixia", number, "appeal")
    step(world, "chenjun", number, "decide_appeal", decision="overturn")
    step(world, "chenjun", number, "accept", major=True)
    assert world.read("chenjun", number)["dual_reports"] == []
    step(world, "zhanglei", number, "rectify")
    refused = attempt(world, "liujianguo", number, "close")
    assert refused.status_code == 403
    for to in ("regulator", "congress"):
        step(world, "chenjun", number, "record_dual_report", to=to)
    step(world, "liujianguo", number, "close")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4 ", DocumentFormat.PDF),
        (b" %PDF-1.4", None),
        (b"\xff\xd8\xff\xe0", DocumentFormat.JPEG),
        (b"\x89PNG\r\n\x1a\n", DocumentFormat.PNG),
        (b"{\\rtf1", None),
        (b"", None),
    ],
)
def test_a_document_is_what_its_first_bytes_say(head, kind):
    assert sniff_document(head) is kind
