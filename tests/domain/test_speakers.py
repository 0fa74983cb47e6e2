"""Who said the words of a quote: as the rep called them, among those who were met."""

import pytest

from bot.domain.note import KnownCustomer
from bot.domain.speakers import speaker_of


def _met(number: int, name: str) -> KnownCustomer:
    return KnownCustomer(id=number, name=name, hospital="市一院", department="心内科")


LI, OTHER_LI, ZHUGE = _met(1, "李建国"), _met(2, "李秀兰"), _met(3, "诸葛敏")
ALIASES = {1: ["大李主任", "大李"], 2: ["小李主任"], 3: []}


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("李建国", 1),
        ("李建国主任", 1),
        ("心内的李建国主任", 1),
        ("大李主任", 1),
        ("大李", 1),
        ("小李主任", 2),
        ("李秀兰副主任", 2),
        ("诸葛主任", 3),
        ("诸葛敏", 3),
        ("老诸葛", 3),
        ("秀兰主任", 2),
        ("李主任", None),
        ("老李", None),
        ("主任", None),
        ("葛主任", None),
        ("李建", None),
        ("她", None),
        ("", None),
        (None, None),
    ],
)
def test_of_several_it_is_the_one_who_was_called_so(said: str | None, who: int | None) -> None:
    assert speaker_of(said, [LI, OTHER_LI, ZHUGE], ALIASES) == who


@pytest.mark.parametrize("said", ["李主任", "老李", "李老", "主任", "他", "", None, "李建国主任"])
def test_the_only_one_met_is_meant_by_anything_that_names_nobody_else(said: str | None) -> None:
    assert speaker_of(said, [LI], ALIASES) == 1


@pytest.mark.parametrize("said", ["韩冰医生", "王主任", "诸葛敏主任"])
def test_the_words_of_somebody_who_was_not_met_are_nobodys_of_the_met(said: str) -> None:
    assert speaker_of(said, [LI], ALIASES) is None


def test_nobody_was_met() -> None:
    assert speaker_of("李主任", [], {}) is None
