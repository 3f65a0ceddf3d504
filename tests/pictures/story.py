"""A morning in a machine works, told through the API: what the pictures find on the desk."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_migrate import upgrade

from app import first_steps
from app.factory import create_app
from app.papers.issuing import NoticeDraft, issue_notice
from app.papers.words import REQUIREMENT
from config import Settings
from tests.conftest import PASSWORD, FakeClock, House
from tests.photos import exif_block
from tests.pictures.scenes import scene
from workers.decoder import Decoder

STANDS = {"HBJX-A3": (38.0432, 114.5033), "HBJX-B1": (38.0438, 114.5042)}
"""Where a photographer stands, a few steps from the place."""
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass
class Story:
    """The house with its hazards, by what they are about."""

    house: House
    hazards: dict[str, str]
    notice: str

    def taken(self, at: tuple[float, float]) -> bytes:
        """What a camera writes that stands there, two minutes ago."""
        moment = (self.house.clock() - timedelta(minutes=2)).astimezone(CHINA)
        return exif_block(position=at, taken=f"{moment:%Y:%m:%d %H:%M:%S}", offset="+08:00")

    def report(self, name: str, words: str, category: str, *, place: str, turn: float = 0) -> None:
        """Somebody photographs the scene of this name; a second word tells two of one scene apart."""
        photo = scene(name.partition(" ")[0], exif=self.taken(STANDS[place]), turn=turn)
        self.hazards[name] = self.house.report(
            "lixia", description=words, category=category, place_code=place, photos=(photo,)
        )
        self.house.clock.forward(minutes=17)

    def repair(self, name: str, scene_name: str, *, place: str, done: str) -> None:
        """The rectifier photographs what was done."""
        after = scene(scene_name, exif=self.taken(STANDS[place]))
        body = {"done": done, "finished_at": self.house.clock().isoformat()}
        answer = self.house.act("zhanglei", self.hazards[name], "rectify", photos=(after,), **body)
        assert answer.status_code == 200, answer.json  # a story that breaks is told at once


def told(folder: Path, decoder: Decoder) -> Story:
    """The story, on empty data in `folder`."""
    hashed = first_steps.hash_password(PASSWORD)
    original, first_steps.hash_password = first_steps.hash_password, lambda _password: hashed
    try:
        clock = FakeClock()
        # A name that phones could open: the pages say nothing of a machine.
        settings = Settings.from_environment({"DATA": str(folder), "PUBLIC_URL": "http://anquan.example.cn"})
        house = House(create_app(settings, clock=clock), clock, decoder)
        with house.app.app_context():
            upgrade()
        first_steps.make_demo(house.means)
    finally:
        first_steps.hash_password = original
    story = Story(house, {}, "")
    _last_week(story)
    house.clock.forward(hours=65)
    # The extinguisher is due within the hour.
    _this_morning(story)
    house.work()
    story.notice = _notice(story)
    house.work()
    return story


def _last_week(story: Story) -> None:
    house = story.house
    story.report("cabinet", "配电箱门锁坏，线头裸露", "ELEC", place="HBJX-A3")
    story.report("railing", "二层平台护栏松动，一根横杆脱落", "HIGH", place="HBJX-B1")
    story.report("extinguisher", "灭火器压力不足，指针在红区", "FIRE", place="HBJX-B1")
    story.report("crane", "行车吊钩防脱钩装置缺失，钢丝绳断丝", "LIFT", place="HBJX-B1")
    house.work()
    numbers = story.hazards
    house.accept(numbers["cabinet"], measures="更换门锁，线头压接后装盖板", days=2)
    house.accept(numbers["railing"], category="HIGH", measures="补焊横杆，紧固立柱，重新刷漆", days=7)
    house.accept(numbers["extinguisher"], category="FIRE", measures="更换灭火器，送检旧瓶", days=3)
    house.accept(
        numbers["crane"],
        category="LIFT",
        level="major",
        measures="停用行车，更换钢丝绳和吊钩，检验合格后启用",
        days=20,
        funds="3.6 万元，安全费用列支",
        emergency_plan="切断行车电源，吊物下方撤人，报王敏",
        interim_control="停用、挂牌、围挡，专人看守",
    )
    house.clock.forward(hours=6)
    story.repair("railing", "railing_fixed", place="HBJX-B1", done="横杆已补焊，立柱螺栓全部紧固，刷黄漆")


def _this_morning(story: Story) -> None:
    story.report("aisle", "叉车通道堆放托盘，行人绕行", "TRAF", place="HBJX-B1")
    story.report("grinder", "砂轮机右侧没有防护罩", "MECH", place="HBJX-A3")
    story.report("cabinet again", "A3 线配电箱敞着门，能看到电线", "ELEC", place="HBJX-A3", turn=4)


def _notice(story: Story) -> str:
    house, numbers = story.house, story.hazards
    draft = NoticeDraft(
        draft_id="00000000-0000-4000-8000-000000000001",
        numbers=tuple(numbers[name] for name in ("cabinet", "extinguisher", "crane")),
        requirement=REQUIREMENT,
        reinspection_on=(house.clock() + timedelta(days=24)).date(),
        inspectors=("王敏", "陈军"),
        bases={numbers["cabinet"]: "GB 50054-2011 第 4.2.1 条", numbers["crane"]: "GB/T 6067.1-2010 第 4.2.2 条"},
    )
    return issue_notice(draft, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
