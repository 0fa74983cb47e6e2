"""Loads what the first message would otherwise wait for: words, names, sounds."""

from datetime import datetime

from bot.domain.roster import Roster, RosterCustomer, RosterHospital
from bot.understanding import rules, screening
from bot.understanding.questions import load_topics

SAID = "刚从市人民心内出来，见了李建国主任，聊了二十分钟，下周三前把文献发给他。"


def warm_up(now: datetime) -> None:
    """Read one dictation with the rules engine, of nobody and for nobody."""
    ward = RosterHospital("云岭市人民医院", ("市人民",), ("心内科",))
    doctor = RosterCustomer(1, "李建国", ward.name, "心内科", "科主任", "主任医师", "医生")
    roster = Roster((doctor,), (ward,), (), ())
    masked = screening.mask(SAID, roster)
    screening.screen(masked.text, roster)
    rules.propose(masked.text, roster, now=now)
    load_topics()
