"""Prescription counts and patient identity never get past the mask, and nothing else changes."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.note import FlagCode
from bot.understanding.screening import mask
from tests.understanding.compliance_roster import compliance_roster

ROSTER = compliance_roster()


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("张主任上个月开了30盒", "张主任上个月开了[已脱敏]盒"),
        ("张主任上个月开了我们三十来盒，挺满意", "张主任上个月开了我们[已脱敏]盒，挺满意"),
        ("钱立群一个月糖益欣八十支打底", "钱立群一个月糖益欣[已脱敏]支打底"),
        ("李主任的处方量涨了30%", "李主任的处方量涨了[已脱敏]"),
        ("孙医生每周能开二十张方子", "孙医生每周能开[已脱敏]张方子"),
        ("他这周开了15到20盒糖益欣", "他这周开了[已脱敏]盒糖益欣"),
        ("老钱主任上周新启动了九个病人", "老钱主任上周新启动了[已脱敏]个病人"),
        ("这个月用了50支", "这个月用了[已脱敏]支"),
        (
            "钱立群的门诊病人里一天二十个用舒平宁的",
            "钱立群的门诊病人里一天[已脱敏]个用舒平宁的",
        ),
        (
            "钱立群说他手上有三十多个病人在用舒平宁",
            "钱立群说他手上有[已脱敏]个病人在用舒平宁",
        ),
    ],
)
def test_a_prescription_count_of_a_doctor_is_masked(said: str, masked: str) -> None:
    result = mask(said, ROSTER)
    assert result.text == masked
    assert [flag.code for flag in result.flags] == [FlagCode.PRESCRIPTION_COUNT]
    assert "[已脱敏]" in result.flags[0].evidence


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("12床的病人用了之后头晕", "[已脱敏]床的病人用了之后头晕"),
        ("加3床昨天出院", "[已脱敏]床昨天出院"),
        ("患者王建国，男，56岁", "患者，男，56岁"),
        ("住院号 338812", "住院号 [已脱敏]"),
        ("病历号是Z20-0931，女", "病历号是[已脱敏]，女"),
        ("病案号：零零八一二七六", "病案号：[已脱敏]"),
        ("身份证110101195304021234", "身份证[已脱敏]"),
        ("家属电话 138 1234 5678", "家属电话 [已脱敏]"),
        ("13812345678", "[已脱敏]"),
        ("微信号zhang_san88的那个患者让我加他", "微信号[已脱敏]的那个患者让我加他"),
        ("钱立群手机里那个患者13900001111", "钱立群手机里那个患者[已脱敏]"),
        ("病人叫刘淑芬，七十一岁，刘淑芬挺配合", "病人叫患者，七十一岁，患者挺配合"),
        ("赵桂花，女，68岁，吃了头晕", "患者，女，68岁，吃了头晕"),
        ("欧阳美华这个病人血压稳了", "患者这个病人血压稳了"),
    ],
)
def test_patient_identity_is_masked_and_age_and_sex_stay(said: str, masked: str) -> None:
    result = mask(said, ROSTER)
    assert result.text == masked
    assert {flag.code for flag in result.flags} == {FlagCode.PATIENT_PII}


@pytest.mark.parametrize("said", ["钱立群手机换了13900001111", "孙晓梅的新电话是13900001111"])
def test_a_customers_own_number_is_masked_and_nobodys_patient(said: str) -> None:
    result = mask(said, ROSTER)
    assert "[已脱敏]" in result.text
    assert "1390000" not in result.text
    assert not mask(said, ROSTER, before="那个患者让我加他").flags
    assert not result.flags


@pytest.mark.parametrize(
    "text",
    [
        "患者服了2盒之后出现皮疹",
        "给钱立群微信转了200红包",
        "钱立群说科里有三十个病人在用舒平宁",
        "钱立群说有一个病人在用舒平宁",
        "药店上个月卖了86盒",
        "药房舒平宁走了一百二十盒",
        "库里还有四十盒",
        "心内科整个科上个月用了三百盒",
        "全院这个季度开了两千盒",
        "要二十份折页，下周二送",
        "给他带了3盒样品",
        "入组了42例",
        "年前备货想加两百盒",
        "主任给这个病人开了两盒",
        "每天吃2片",
        "一位七十多岁的女患者，血压从170降到136",
        "56岁男性患者出现皮疹",
        "患者张某，病历已隐去",
        "下午3点见王主任",
        "钱立群主任，男，56岁",
        "患者高血压多年",
        "病人都说好",
        "患者常见的问题，他都答了",
        "这家医院有1200床",
        "新楼开放床位800张",
        "李主任的手机号换成13912345678了",
        "临床上用得多",
        "陈主任讲了二十分钟，周五下午三点再去",
        "他写了三篇文章，用了两张幻灯片",
        "开了三个会，签到11个人",
        "eGFR低于45还能不能用",
    ],
)
def test_what_is_not_sensitive_stays_as_it_was_said(text: str) -> None:
    result = mask(text, ROSTER)
    assert result.text == text
    assert result.flags == ()


def test_the_evidence_of_a_masked_name_is_the_clause_it_stood_in() -> None:
    flags = mask("看了个病例，患者赵桂花，七十一岁", ROSTER).flags
    assert [flag.evidence for flag in flags] == ["患者"]


def test_a_doctors_name_is_not_a_patient() -> None:
    text = "病人是孙晓梅介绍来的，患者钱立群主任也看过"
    assert mask(text, ROSTER).text == text


_AROUND = st.sampled_from(["今天在门诊，", "顾老师说", "", "血压稳，", "聊了一会儿。", "他提到 "])
_DIGITS = st.text(alphabet="0123456789", min_size=6, max_size=10)
_PHONES = st.from_regex(r"\A1[3-9][0-9]{9}\Z")


@given(_AROUND, st.sampled_from(["住院号", "病历号：", "病案号是", "门诊号 "]), _DIGITS, _AROUND)
def test_no_digit_of_a_record_number_survives(
    before: str, label: str, number: str, after: str
) -> None:
    masked = mask(f"{before}患者{label}{number}，{after}", ROSTER).text
    assert not any(char.isdigit() for char in masked)
    assert masked.startswith(before)
    assert masked.endswith(after)


@given(_AROUND, _PHONES, _AROUND)
def test_no_digit_of_a_patients_phone_survives(before: str, number: str, after: str) -> None:
    masked = mask(f"{before}病人电话{number}，{after}", ROSTER).text
    assert not any(char.isdigit() for char in masked)


@given(
    st.sampled_from(["张主任", "钱立群", "孙医生", "老钱主任"]),
    st.sampled_from(["上个月", "这周", "十月份", ""]),
    st.sampled_from(["开了", "处方了", "用了", "能开"]),
    st.integers(1, 9999),
    st.sampled_from(["盒", "支", "瓶", "张处方"]),
)
def test_no_digit_of_a_doctors_count_survives(
    doctor: str, period: str, verb: str, count: int, unit: str
) -> None:
    masked = mask(f"{doctor}{period}{verb}糖益欣{count}{unit}，他要文献", ROSTER)
    assert str(count) not in masked.text
    assert masked.text.endswith("他要文献")
    assert all(str(count) not in flag.evidence for flag in masked.flags)


_UNSEEN = st.sampled_from(["", " ", "\u200b", "\u2060", "\ufeff", "  ", "\u3000", "\ufe0f"])
_DIGITS_OF = st.sampled_from(
    [
        *("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"),
        *("⓪①②③④⑤⑥⑦⑧⑨", "O１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "٠١٢٣٤٥٦٧٨٩"),
    ]
)


@st.composite
def _hidden(draw: st.DrawFn, digits: st.SearchStrategy[str]) -> str:
    """The digits in one spelling, with what nobody sees, or spaces, between them."""
    spelling = draw(_DIGITS_OF)
    written = [spelling[int(digit)] for digit in draw(digits)]
    return written[0] + "".join(draw(_UNSEEN) + digit for digit in written[1:])


@given(
    st.sampled_from(["钱立群上个月开了", "孙晓梅这个月用了", "钱立群处方量"]),
    _hidden(st.from_regex(r"\A[1-9][0-9]{1,5}\Z")),
    st.sampled_from(["盒", " 盒", "\u200b支", "瓶", " boxes"]),
)
def test_no_digit_of_a_count_survives_in_any_spelling(said: str, count: str, unit: str) -> None:
    masked = mask(f"{said}{count}{unit}，他要文献", ROSTER).text
    assert masked == f"{said}[已脱敏]{unit}，他要文献"


@given(st.sampled_from(["病人手机", "家属电话：", "患者号码是"]), _hidden(_PHONES))
def test_no_digit_of_a_phone_survives_in_any_spelling(said: str, number: str) -> None:
    masked = mask(f"{said}{number}，问报销", ROSTER).text
    assert masked == f"{said}[已脱敏]，问报销"


@given(st.lists(_UNSEEN, min_size=3, max_size=3))
def test_no_part_of_a_patients_name_survives_between_spaces(gaps: list[str]) -> None:
    name = "".join(gap + char for gap, char in zip(gaps, "张建国", strict=True))
    masked = mask(f"病人叫{name}，65岁", ROSTER).text
    assert not set(masked) & set("张建国")


@pytest.mark.parametrize(
    ("before", "said", "masked"),
    [
        ("刚见了钱立群，聊了二十分钟，他说上个月开了", "30盒", "[已脱敏]盒"),
        ("钱立群上个月，", "开了三十盒，挺好", "开了[已脱敏]盒，挺好"),
        ("钱立群上个月开了[已脱敏]盒", "这个月开了四十盒", "这个月开了[已脱敏]盒"),
        ("病人手机号138", "0013 8000", "[已脱敏]"),
        ("病人叫", "张建国，血压稳", "患者，血压稳"),
        ("病人住院号", "ZY-2026-0012", "[已脱敏]"),
    ],
)
def test_what_is_split_over_two_messages_is_masked(before: str, said: str, masked: str) -> None:
    assert mask(said, ROSTER, before=before).text == masked
    assert mask(masked, ROSTER, before=before).text == masked
    assert mask(said, ROSTER, before=before).flags


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("刚见了钱立群，聊了二十分钟", "安泰药房上个月卖了30盒"),
        ("刚见了钱立群，聊了二十分钟。", "30分钟后见孙晓梅"),
        ("患者王建国血压稳", "钱立群要3篇文献"),
        ("", "30盒"),
        ("病人多", "钱立群很忙"),
    ],
)
def test_a_message_that_tells_something_else_stays(before: str, said: str) -> None:
    assert mask(said, ROSTER, before=before).text == said


def test_a_doctor_of_the_roster_is_never_a_patient() -> None:
    for said in (
        "他是王某的主治钱立群",
        "病人家属找钱立群来问",
        "钱立群患者反馈好",
        "病人孙晓梅血压控制好",
        "患者钱立，钱立群看过",
    ):
        masked = mask(said, ROSTER).text
        assert [name in masked for name in ("钱立群", "孙晓梅")] == [
            name in said for name in ("钱立群", "孙晓梅")
        ]


@pytest.mark.parametrize(
    "unit",
    [
        "钱立群上个月开了30盒",
        "30盒",
        "1.2，",
        "患者王建国",
        "患者，",
        "1 ",
        "住院号A-",
        "王 建 国 ",
        "患者王建国起",
    ],
)
def test_a_long_nasty_text_is_masked_in_time(unit: str) -> None:
    text = (unit * 5000)[:5000]
    began = perf_counter()
    mask(text, ROSTER)
    # Ten times what it takes, so that a slow machine does not fail it; quadratic takes longer.
    assert perf_counter() - began < 2


_PIECES = st.sampled_from(
    [
        *(
            "张主任",
            "钱立群",
            "开了",
            "用了",
            "三十",
            "12",
            "盒",
            "床",
            "患者",
            "病人",
            "王建国",
            "男",
            "岁",
        ),
        *("，", "。", " ", "的", "是", "叫", "到", "住院号", "338812", "13812345678", "a9"),
        *("上个月", "处方量", "[已脱敏]", "糖益欣"),
        *("\u200b", "\n", "叁拾", "廿", "③", "3O", "thirty", "boxes", "x", "-", "1", "「", "」"),
        *("姓", "名", "zhang", "wang li", "妈妈", "吃药", "血压", "给", "个", "打"),
        *("起皮疹", "恶心", "又", "李秀英", "老张", "李女士", "先生", "住院", "也", "看"),
    ]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text, ROSTER)
    assert mask(once.text, ROSTER).text == once.text
