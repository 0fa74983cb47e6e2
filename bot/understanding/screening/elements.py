"""The four elements of an adverse event report, and which of them the words leave out."""

import re

from bot.domain.adverse import identifies_patient
from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands

_TITLED = "[\u4e00-\u9fff](?:主任|医生|大夫|教授|医师|院长|药师|护士)"


def missing_elements(text: str, roster: Roster) -> list[str]:
    """Which of the four elements of a report the text leaves out, in the order they are asked."""
    names = [word for c in roster.customers for word in (c.name, *c.aliases)]
    reporter = "|".join([*map(re.escape, names), _TITLED])
    said = {
        "患者": identifies_patient(text),
        "报告者": re.search(reporter, text),
        "药品": brands(roster).ours.search(text),
        "事件": re.search(pattern("{harm}|{misuse}|{pregnant}|{outcome}"), text),
    }
    return [element for element, found in said.items() if not found]
