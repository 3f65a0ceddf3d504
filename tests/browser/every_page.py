"""Every page of the house: a furnished house, and for each page route the addresses at which it is looked at."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from io import BytesIO
from types import MappingProxyType
from typing import Final

from werkzeug.test import TestResponse

from app.papers.issuing import NoticeDraft, issue_notice
from tests.conftest import House
from tests.edges.visitor import Visitor, report_fields
from tests.integration.workbooks import GOOD, workbook
from tests.photos import photo

NOT_PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account.home": "leads on to one of the others",
        "account.language": "keeps a choice and leads back",
        "account.text_size": "keeps a choice and leads back",
        "health.healthz": "read by machines",
        "metrics.show": "read by machines",
        "reporter.photo": "a picture",
        "reporter.follow_qr": "a picture",
        "reporter.document": "a file",
        "papers.picture": "a picture",
        "papers.pdf": "a file",
        "papers.export_file": "a file",
        "people.template": "a file",
        "static": "files",
        "versioned": "files",
        "map.hazard_marks": "read by the map",
        "map.around_here": "read by the map",
        "unsent.session_now": "read by the queue",
        "phone.manifest": "read by the browser",
        "phone.worker": "read by the browser",
        "phone.authority": "a file",
        "phone.phone": "there with TLS=1 alone: looked at in test_phone_tls.py",
    }
)
"""Routes that answer GET with something else than a page."""
SQUARE: Final = "38.0460,114.5000\n38.0470,114.5000\n38.0470,114.5010\n38.0460,114.5010"


@dataclass(frozen=True)
class Line:
    """One look at one page: who looks, where; `html` when the page is the answer to a form."""

    endpoint: str
    login: str | None
    path: str
    html: str = ""
    status: int = 200


@dataclass
class Furnished:
    """A house in which no page is empty."""

    house: House
    hazards: dict[str, str]
    values: dict[str, str]
    answers: list[Line]


def furnish(house: House) -> Furnished:
    """Hazards in every main state with real pictures, papers, rules, an area, leave, messages and a robot."""
    made = Furnished(house, _hazards(house), {}, [])
    admin = Visitor(house, "hbjx-admin")
    _set_up(made, admin)
    _papers(made)
    _answers(made, admin)
    house.work()
    return made


def _hazards(house: House) -> dict[str, str]:
    shots = tuple(photo(size=size, seed=n) for n, size in enumerate(((640, 480), (480, 640))))
    said = {
        "late": "配电箱门锁坏，线头裸露，铜排积灰，检修口没有挡板，雨天漏水",
        "open": "灭火器压力不足",
        "review": "护栏松动，一根横杆脱落",
        "more": "砂轮机没有防护罩",
        "major": "行车吊钩防脱钩装置缺失",
        "closed": "地沟盖板缺失",
        "first": "叉车通道堆放托盘",
        "twin": "叉车通道又堆了托盘",
        "broken": "",
    }
    hazards = {}
    for n, (name, words) in enumerate(said.items()):
        photos = (shots[n % 2],) if words else (shots[0][:400],)
        hazards[name] = house.report(description=words or "A3 线护罩开裂", photos=photos)
    for name, days in (("late", 1), ("open", 3), ("review", 9), ("more", 9), ("closed", 9)):
        house.accept(hazards[name], days=days)
    house.accept(
        hazards["major"],
        level="major",
        category="LIFT",
        days=20,
        funds="3.6 万元，安全费用列支",
        emergency_plan="切断行车电源，吊物下方撤人",
        interim_control="停用、挂牌、围挡",
    )
    for name in ("review", "closed"):
        house.rectify(hazards[name])
    house.close(hazards["closed"])
    later = (house.clock() + timedelta(days=15)).isoformat()
    asked = house.act("zhanglei", hazards["more"], "request_extension", deadline=later, text="等配件到货")
    assert asked.status_code == 200, asked.json
    house.work()
    house.clock.forward(days=2)
    house.work()
    return hazards


def _set_up(made: Furnished, admin: Visitor) -> None:
    house, values = made.house, made.values
    area = {"name": "北院", "corners": SQUARE, "datum": "wgs84"}
    assert admin.post("/setup/units/HBJX-3/areas/new", **area).status_code == 303
    values["area"] = _found(r'/setup/areas/([^"/?]+)', admin.get("/setup/units/HBJX-3").text)
    form = admin.get("/rules/new?unit=HBJX-3").text
    officer = _found(r'<option value="([^"]+)"', form[form.index('id="officer"') :])
    assert admin.post("/rules/new?unit=HBJX-3", category="FIRE", officer=officer).status_code == 303
    values["rule"] = _found(r'/rules/([^"/?]+)/edit', admin.get("/rules").text)
    robot = {
        "unit": "HBJX-3",
        "kind": "wecom",
        "language": "zh",
        "topic": ["new", "clocks"],
        "name": "三车间安全群",
    }
    webhook = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-4000-8000-000000000000"
    added = admin.post("/messages/channels/new", **robot, webhook=webhook)
    assert added.status_code == 303, added.text
    values["robot"] = added.location.rsplit("/", 1)[-1]
    leave = {"login": "wangmin", "deputy": "chenjun", "from_on": "2026-11-09", "until_on": "2026-11-12"}
    assert Visitor(house, "wangmin").post("/absence/new", **leave).status_code == 303


def _papers(made: Furnished) -> None:
    house, numbers = made.house, made.hazards
    who = {"by": house.actor("wangmin"), "at": house.clock(), "db": house.means.db}
    draft = NoticeDraft(
        draft_id="00000000-0000-4000-8000-000000000001",
        numbers=(numbers["late"], numbers["review"]),
        requirement="断电挂牌，设专人监护",
        reinspection_on=(house.clock() + timedelta(days=20)).date(),
        inspectors=("王敏", "陈军"),
    )
    made.values["notice"] = issue_notice(draft, **who)
    house.work()


def _answers(made: Furnished, admin: Visitor) -> None:
    """Pages that answer a form: refusals, one-time links, an import before and after, a move with several."""
    house, numbers = made.house, made.hazards
    nobody, worker, officer = Visitor(house), Visitor(house, "lixia"), Visitor(house, "wangmin")

    def answer(endpoint: str, login: str | None, path: str, got: TestResponse) -> str:
        made.answers.append(Line(endpoint, login, path, got.text, got.status_code))
        return got.text

    answer("account.enter", None, "/login", nobody.post("/login", login="wangmin", password="x"))
    answer("reporter.look_up", None, "/follow", nobody.post("/follow", number="HZ-2026-000001", code="x"))
    refused = worker.fill("/report", photos=(b"<html>" * 50,), **report_fields(description=""))
    answer("reporter.send", "lixia", "/report", refused)
    asked = worker.fill("/report", **report_fields(place_code="HBJX-A3", category="ELEC"))
    answer("reporter.send alike", "lixia", "/report", asked)
    guest = Visitor(house)
    guest.fill(f"/p/{house.scan_code('HBJX-DM')}", **report_fields(place_code="", description="东门路灯不亮"))
    # A code is drawn by lot: the widest letters of its alphabet are the ones that have to fit.
    receipt = guest.get("/sent")
    widest = re.sub(r'(class="code">)[A-Z0-9-]{14}<', r"\1MMMM-WWWW-MWMW<", receipt.text)
    assert "MMMM-WWWW" in widest
    made.answers.append(Line("reporter.sent", None, "/sent", widest, receipt.status_code))
    path = f"/tickets/{numbers['first']}/accept"
    answer("officer.act", "wangmin", path, officer.fill(path, photos=(), level="major"))
    missing = f"/hazards/{numbers['first'][:-3]}999"
    answer("error", "wangmin", missing, officer.get(missing))
    wrong = {"units": (("HBJX-9", "九", "工段", "NO", "x"),), "people": (("", "", "HBJX-3", "工长", ""),)}
    for told in (wrong, GOOD):
        sent = {
            "csrf_token": admin.token("/people/import"),
            "workbook": (BytesIO(workbook(**told)), "people.xlsx"),
        }
        got = admin.client.post("/people/import", data=sent, content_type="multipart/form-data")
        answer("people.check", "hbjx-admin", "/people/import", got)
    slips = admin.post("/people/invitations", unit="HBJX", renew="1", **{"as": "slips"})
    answer("people.invite", "hbjx-admin", "/people/invitations", slips)
    # After the slips: they replace every link that was not used.
    link = answer(
        "people.make", "hbjx-admin", "/people/add", admin.post("/people/add", name="张三", unit="HBJX-3-A")
    )
    made.values["secret"] = _found(r"/welcome/([\w-]{40,})", link)
    both = f"/desk/remind?hazard={numbers['late']}&hazard={numbers['major']}"
    answer("desk.batch", "wangmin", "/desk/remind", officer.fill(both, photos=()))


def lines_of(made: Furnished) -> Iterator[Line]:
    """Every look that is to be taken, GET pages first."""
    numbers, values = made.hazards, made.values
    month = f"{made.house.clock():%Y-%m}"
    several = "&".join(f"hazard={numbers[name]}" for name in ("first", "twin"))
    a_paper, of_one = values["notice"], numbers["late"]
    pages: dict[tuple[str, str | None], tuple[str, ...]] = {
        ("account.login", None): ("/login?next=/inbox",),
        ("account.welcome", None): (f"/welcome/{values['secret']}",),
        ("account.mine", "lixia"): ("/account",),
        ("reporter.follow", None): ("/follow",),
        ("reporter.report", "lixia"): ("/report",),
        ("reporter.scanned", "lixia"): ("/p/HBJX-A3",),
        ("reporter.receipt", "lixia"): (f"/receipt/{numbers['closed']}",),
        ("reporter.mine", "lixia"): ("/mine",),
        ("reporter.points", "lixia"): ("/points",),
        ("reporter.points", "zhanglei"): ("/points",),
        ("reporter.hazard", "lixia"): tuple(f"/hazards/{numbers[it]}" for it in ("closed", "broken", "open")),
        ("reporter.unit_hazards", "lixia"): ("/hazards",),
        ("messages.messages", "lixia"): ("/messages",),
        ("messages.preferences", "wangmin"): ("/messages/preferences",),
        ("messages.channels", "hbjx-admin"): ("/messages/channels",),
        ("messages.new_channel", "hbjx-admin"): ("/messages/channels/new",),
        ("messages.channel", "hbjx-admin"): (f"/messages/channels/{values['robot']}",),
        ("guide.own_guide", "lixia"): ("/guide",),
        ("guide.guide", "wangmin"): tuple(f"/guide/{role}" for role in ("officer", "rectifier", "head")),
        ("officer.desk", "wangmin"): ("/inbox", "/inbox?q=没有这样的"),
        ("officer.desk", "liujianguo"): ("/inbox",),
        ("officer.desk", "zhanglei"): ("/inbox",),
        ("officer.ticket", "wangmin"): tuple(
            f"/tickets/{numbers[it]}" for it in ("late", "review", "twin", "major")
        ),
        ("officer.ticket", "tianye"): (f"/tickets/{numbers['major']}",),
        ("officer.ticket", "zhanglei"): (f"/tickets/{numbers['open']}",),
        ("officer.act_form", "wangmin"): _moves(made, "wangmin"),
        ("officer.act_form", "zhanglei"): _moves(made, "zhanglei"),
        ("desk.batch_form", "wangmin"): (f"/desk/accept?{several}", f"/desk/remind?hazard={of_one}"),
        ("phone.offline", None): ("/offline",),
        ("unsent.drafts", "lixia"): ("/drafts",),
        ("map.hazard_map", "lixia"): ("/map",),
        ("map.hazard_map", "wangmin"): ("/map",),
        ("numbers.numbers", "wangmin"): ("/numbers",),
        ("numbers.gallery", "wangmin"): ("/numbers/gallery",),
        ("numbers.behind", "wangmin"): ("/numbers/hazards/reported",),
        ("papers.papers", "wangmin"): ("/papers",),
        ("papers.new_notice", "wangmin"): ("/papers/new", f"/papers/new?hazard={of_one}"),
        ("papers.paper", "wangmin"): (f"/papers/{a_paper}",),
        ("papers.new_opinion", "wangmin"): (f"/papers/{a_paper}/opinion",),
        ("papers.register", "wangmin"): ("/papers/register",),
        ("absence.absences", "wangmin"): ("/absence",),
        ("absence.leave", "wangmin"): ("/absence/new",),
        ("reviewer.this_month", "tianye"): ("/months",),
        ("reviewer.month", "tianye"): (f"/months/{month}",),
        ("reviewer.statement", "tianye"): (f"/months/{month}/HBJX",),
        ("reviewer.figure", "tianye"): (f"/months/{month}/HBJX/on_time",),
        ("admin.places", "liujianguo"): ("/places",),
        ("admin.poster", "liujianguo"): ("/places/HBJX-A3/poster",),
        ("admin.sheet", "liujianguo"): ("/places/sheet",),
        ("people.people", "hbjx-admin"): ("/people",),
        ("people.add", "hbjx-admin"): ("/people/add",),
        ("people.upload", "hbjx-admin"): ("/people/import",),
        ("people.links", "hbjx-admin"): ("/people/invitations",),
        ("people.person", "hbjx-admin"): ("/people/person/wangmin",),
        ("people.leave", "hbjx-admin"): ("/people/person/wangmin/leave",),
        ("people.move", "hbjx-admin"): ("/people/person/wangmin/move?unit=HBJX-D-P",),
        ("rules.rules", "hbjx-admin"): ("/rules",),
        ("rules.new", "hbjx-admin"): ("/rules/new?unit=HBJX-3",),
        ("rules.edit", "hbjx-admin"): (f"/rules/{values['rule']}/edit",),
        ("rules.removal", "hbjx-admin"): (f"/rules/{values['rule']}/remove",),
        ("rules.try_out", "hbjx-admin"): ("/rules/try?place=HBJX-A3&category=ELEC",),
        ("setup.overview", "hbjx-admin"): ("/setup",),
        ("setup.units", "hbjx-admin"): ("/setup/units",),
        ("setup.unit", "hbjx-admin"): ("/setup/units/HBJX-3",),
        ("setup.edit_area", "hbjx-admin"): (f"/setup/areas/{values['area']}",),
        ("setup.changes", "hbjx-admin"): ("/setup/changes",),
        ("setup.edit_place", "hbjx-admin"): ("/setup/places/HBJX-A3",),
        **{
            (f"setup.{endpoint}", "hbjx-admin"): (f"/setup/units/HBJX-3/{path}",)
            for endpoint, path in (
                ("new_area", "areas/new"),
                ("categories", "categories"),
                ("deadlines", "deadlines"),
                ("edit_unit", "edit"),
                ("headcount", "headcount"),
                ("move", "move"),
                ("new_unit", "new"),
                ("new_place", "places/new"),
                ("retire", "retire"),
            )
        },
    }
    for (endpoint, login), paths in pages.items():
        yield from (Line(endpoint, login, path) for path in paths)
    yield from made.answers


def _moves(made: Furnished, login: str) -> tuple[str, ...]:
    """The form of each move that is open to this person, once."""
    found: dict[str, str] = {}
    for number in made.hazards.values():
        for action in made.house.read(login, number)["open_actions"]:
            found.setdefault(action, f"/tickets/{number}/{action}")
    client = made.house.browser(login)
    return tuple(path for path in found.values() if client.get(path).status_code == 200)


def by_login(lines: Iterator[Line]) -> dict[str | None, list[Line]]:
    """The looks of each person, in their order."""
    sorted_out: dict[str | None, list[Line]] = defaultdict(list)
    for line in lines:
        sorted_out[line.login].append(line)
    return sorted_out


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return unescape(found[1])
