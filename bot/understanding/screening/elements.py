"""The four elements of an adverse event report, and which of them the words leave out."""

import re

from bot.domain.adverse import identifies_patient
from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands
from bot.understanding.screening.safety import adverse_events

_TITLED = "[\u4e00-\u9fff](?:主任|医生|大夫|教授|医师|院长|药师|护士|店长|店员)"
_TELLS = "(?:说|讲|反映|反馈|告诉|抱怨|投诉|打电话|打来|来电|来问|问我|称)"
_LAYMAN = (
    rf"(?:家属|家里人|顾客|患者|病人|店长|店员)(?:自己|本人|刚才|今天|跟我|给我|向我)*{_TELLS}"
)
_SELF = r"我(?:自己|本人)|我(?:[爸妈爹娘]|老[公婆]|爱人)?[也就在]?[吃用服打](?:了|的|着|完)?"
_HARM = (
    "{harm}|{misuse}|{pregnant}|{outcome}|{organ}[^，。]{0,5}{worse}|{worse}[^，。]{0,2}{organ}"
    "|{lab}[^，。]{0,7}{off_range}"
)
_AFTER_USE = re.compile(r"(?:以后|之后|后|完|就|[，,])(?P<rest>[^，,。；;]+)")


def missing_elements(text: str, roster: Roster) -> list[str]:
    """Which of the four elements of a report the text leaves out, in the order they are asked."""
    said = {
        "患者": identifies_patient(text),
        "报告者": _names_reporter(text, roster),
        "药品": brands(roster).ours.search(text),
        "事件": _tells_event(text, roster),
    }
    return [element for element, found in said.items() if not found]


def _names_reporter(text: str, roster: Roster) -> bool:
    """Whoever told of it is one: a doctor, the family, somebody in a pharmacy, the rep."""
    names = [re.escape(word) for c in roster.customers for word in (c.name, *c.aliases) if word]
    own = f"(?:{_SELF})(?:{brands(roster).ours.pattern})|我(?:自己|本人)[^，。]{{0,6}}[吃用服打]"
    return bool(re.search("|".join([*names, _TITLED, _LAYMAN, own]), text))


def _tells_event(text: str, roster: Roster) -> bool:
    """A harm in words that are known, or anything that was told to follow the exposure."""
    if pattern(_HARM).search(text):
        return True
    raised = any(True for _ in adverse_events(text, roster))
    return raised and any(_is_more(hit["rest"]) for hit in _AFTER_USE.finditer(text))


def _is_more(rest: str) -> bool:
    left = pattern("{trouble}|{took}|{patient}|[有了点些很]").sub("", rest)
    return len(re.findall("[\u4e00-\u9fff]", left)) > 1
