"""Milliseconds that the rules engine takes for 5,000 characters made to be slow."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.calendar import WorkCalendar
from bot.domain.roster import Roster, RosterCustomer, RosterHospital
from bot.understanding.grounding import ground
from bot.understanding.rules import propose

_NOW = datetime(2026, 11, 18, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_HOSPITAL = "云港市第一人民医院"
_LENGTH = 5_000
NASTY = {
    "one visit over and over": "刚见了李主任，",
    "visit with 和": "见了李主任和",
    "bare mention": "李主任",
    "day to come": "三天后",
    "bed": "1床",
    "clock": "一点",
    "number": "三百",
    "reaction": "皮疹",
    "promise": "我明天把文献给李主任，",
    "speech": "他说「贵」，",
    "quote marks": "「",
    "no punctuation": "今天下午三点去找李主任他说价格还是贵我说下次带资料来",
    "correction": "不对，是李主任，",
    "absent": "没见到李主任，",
    "place": "心内科",
    "full stops": "见了李主任。",
    "denial": "没",
    "title": "主任",
    "surname": "王",
    "fact": "他每周三门诊，",
}
"""What is repeated until a message is full."""


def roster() -> Roster:
    """Two hundred customers of one hospital, four surnames."""
    customers = tuple(
        RosterCustomer(
            id=number,
            name=f"{'李王孔陆'[number % 4]}{chr(0x4E00 + number * 7)}",
            hospital=_HOSPITAL,
            department="心血管内科",
            kind="医生",
            title="主任医师",
            post=None,
            aliases=(),
        )
        for number in range(200)
    )
    hospital = RosterHospital(name=_HOSPITAL, aliases=("市一",), departments=("心血管内科",))
    return Roster(customers=customers, colleagues=("马超",), hospitals=(hospital,), products=())


def structured(text: str, people: Roster) -> int:
    """Propose and ground once; how many visits came of it."""
    proposed = propose(text, people, now=_NOW)
    return len(ground(proposed, text, people, now=_NOW, calendar=WorkCalendar()))


def main() -> None:
    """Print one line per kind of text."""
    people = roster()
    structured("见了李主任。", people)
    for name, unit in NASTY.items():
        text = ("见了李主任聊了二十分钟，" + unit * _LENGTH)[:_LENGTH]
        begun = time.perf_counter()
        visits = structured(text, people)
        took = (time.perf_counter() - begun) * 1000
        print(f"{took:8.0f} ms  {visits:3d} visits  {name}", flush=True)


if __name__ == "__main__":
    main()
