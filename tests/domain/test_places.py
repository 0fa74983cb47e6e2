"""Which hospital and department a rep means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.places import (
    canonical_department,
    canonical_hospital,
    find_places,
    same_department,
)
from tests.domain.portfolios import CHAIN, ROSTER, SECOND, WOMEN


def _places(text: str) -> list[tuple[str, str | None, str | None]]:
    return [(p.phrase, p.hospital, p.department) for p in find_places(text, ROSTER)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刚从二院出来", [("二院", SECOND, None)]),
        ("在滨江市第二人民医院", [(SECOND, SECOND, None)]),
        ("在第二人民医院", [("第二人民医院", SECOND, None)]),
        ("去了市二呼吸", [("市二呼吸", SECOND, "呼吸内科")]),
        ("市二的消化科", [("市二的消化科", SECOND, "消化内科")]),
        ("市二ICU查房", [("市二ICU", SECOND, "重症医学科")]),
        ("市二心内没去", [("市二", SECOND, None)]),
        ("妇幼保健院药学部", [("妇幼保健院药学部", WOMEN, "药剂科")]),
        ("康泽解放路店补货", [("康泽解放路店", CHAIN, "解放路店")]),
        ("呼吸曾主任查房", [("呼吸", SECOND, "呼吸内科")]),
        ("去急诊转了一圈", [("急诊", SECOND, "急诊科")]),
    ],
)
def test_places_are_found_by_their_short_forms(
    text: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert _places(text) == expected


def test_a_department_of_several_hospitals_is_in_the_one_said() -> None:
    assert _places("肾内去了一趟") == [("肾内", None, "肾内科")]
    assert _places("到了妇幼，先去肾内") == [("妇幼", WOMEN, None), ("肾内", WOMEN, "肾内科")]
    assert _places("妇幼肾内和市二肾内") == [
        ("妇幼肾内", WOMEN, "肾内科"),
        ("市二肾内", SECOND, "肾内科"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "呼吸困难的患者多",
        "消化不良、肿瘤指标高",
        "急诊患者转门诊",
        "做个检验",
        "多用在肿瘤患者身上",
    ],
)
def test_illnesses_are_no_departments(text: str) -> None:
    assert _places(text) == []


def test_departments_under_other_names_are_the_same() -> None:
    assert same_department("心内科", "心血管内科")
    assert same_department("呼吸与危重症医学科", "呼吸科")
    assert same_department("心内科二病区", "心内科")
    assert not same_department("心内科", "肾内科")
    assert not same_department("心内科", None)


def test_words_of_one_place_are_made_canonical() -> None:
    assert canonical_hospital("市二", ROSTER) == SECOND
    assert canonical_hospital("市二和妇幼", ROSTER) is None
    assert canonical_department("急诊", ROSTER, None) == "急诊科"
    assert canonical_department("妇幼药房", ROSTER, WOMEN) == "药剂科"
    assert canonical_department("隔壁", ROSTER, None) is None


@given(st.text(alphabet="市二院妇幼肾内科呼吸急诊去的ICU，康泽药房 ", max_size=40))
def test_whatever_is_said_places_are_real_spans_in_order(text: str) -> None:
    departments = {d for h in ROSTER.hospitals for d in h.departments}
    end = 0
    for place in find_places(text, ROSTER):
        assert end <= place.start < place.end
        assert text[place.start : place.end] == place.phrase
        assert place.hospital in {None, SECOND, WOMEN, CHAIN}
        assert place.department in departments | {None}
        end = place.end
