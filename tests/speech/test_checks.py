"""What is not taken for the words of the rep."""

import time

import pytest
from pydantic import ValidationError

from bot.speech.checks import cleaned, is_echo, is_loop, is_too_fast
from bot.speech.hints import OPENING, Hint, hint_of
from bot.speech.words import Words, words
from tests.speech.sounds import TEXTS, roster

HINT = hint_of(roster())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 。，",
        "谢谢观看",
        "谢谢大家",
        "感谢观看！",
        "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "字幕by索兰娅",
        "字幕志愿者 杨栋梁",
        "中文字幕提供",
        "由 Amara.org 社区提供的字幕",
        "字幕由 Amara.org 社群提供",
        "明镜需要您的支持 欢迎订阅明镜",
        "Thanks for watching!",
        "我们下期再见。",
        "嗯。",
        "啊，呃……",
        "(音乐)",
        "[BLANK_AUDIO]",
        "<|zh|><|NEUTRAL|><|BGM|><|woitn|>",
        "🎼",
        "谢谢观看。我们下期再见。",
    ],
)
def test_what_models_make_up_is_nothing(text: str) -> None:
    assert cleaned(text) == ""


@pytest.mark.parametrize("text", TEXTS)
def test_dictations_stay_as_they_are(text: str) -> None:
    assert cleaned(text) == text
    assert not is_echo(text, HINT)
    assert not is_loop(text)
    assert not is_too_fast(text, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("聊了二十分钟。谢谢观看！", "聊了二十分钟。"),
        ("字幕由Amara.org社区提供。他要文献。", "他要文献。"),
        ("<|zh|><|Speech|>见了李主任😊", "见了李主任"),
        ("他说谢谢大家。下周再去。", "他说谢谢大家。下周再去。"),
        ("谢谢大家来参加科室会", "谢谢大家来参加科室会"),
        ("嗯，见了李主任", "嗯，见了李主任"),
        ("视频会上他让大家点赞转发", "视频会上他让大家点赞转发"),
    ],
)
def test_subtitles_are_cut_off_at_the_ends_only(text: str, said: str) -> None:
    assert cleaned(text) == said


@pytest.mark.parametrize(
    "text",
    [
        HINT.text,
        OPENING,
        HINT.text.replace("。", " ").replace("、", ","),
        "产品：李建国、陈晓燕医生。",
        "以下是医药代表拜访主任",
        "客户：闫瑢、李建国、王敏、陈晓燕。",
        "闫瑢，王敏，心内科，省人民医院",
        "安畅药物涂层球囊、通路安、闫瑢、李建国、王敏",
    ],
)
def test_the_hint_read_back_is_an_echo(text: str) -> None:
    assert is_echo(text, HINT)


@pytest.mark.parametrize(
    "text",
    [
        "李建国",
        "李建国主任",
        "李建国和王敏",
        "市一医院心内科李建国",
        "李建国、王敏和陈晓燕，聊了安畅，都要文献",
        "今天见了李建国、王敏、陈晓燕、闫瑢，四个人都要文献",
        "客户问安畅的数据",
    ],
)
def test_names_that_were_said_are_no_echo(text: str) -> None:
    assert not is_echo(text, HINT)


def test_without_a_hint_nothing_is_an_echo() -> None:
    assert not is_echo("客户：李建国", Hint())


@pytest.mark.parametrize(
    "text",
    [
        "的的的的的的的的的的的的",
        "我要去，我要去，我要去，我要去，我要去，",
        "他要文献。他要文献。他要文献。他要文献。他要文献。",
        "今天见了李主任" + "谢谢" * 20,
        "，".join(["我答应下周三前把文献发给他王敏副主任想参加下个月的科室会"] * 5),
    ],
)
def test_a_model_that_got_stuck_is_a_loop(text: str) -> None:
    assert is_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "对对对对对，他就是这么说的，聊了二十分钟，要文献",
        "哈哈哈哈他笑了，说下周再来",
        "第一，他要文献；第二，他要文献目录；第三，他要文献综述",
        "电话是13000000000，别记错了",
        "",
    ],
)
def test_repeating_oneself_is_no_loop(text: str) -> None:
    assert not is_loop(text)


def test_more_words_than_anybody_can_say_are_not_believed() -> None:
    assert is_too_fast("今天上午在市一医院心内科拜访了李建国主任" * 3, 2.0)
    assert not is_too_fast("今天上午在市一医院心内科拜访了李建国主任", 3.0)


def test_a_flood_of_words_is_judged_quickly() -> None:
    started = time.perf_counter()
    flood = "今天见了李主任您好聊了二十分钟" * 140
    assert is_loop(flood)
    assert not is_echo(flood, HINT)
    assert cleaned(flood)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("wrong", ["(", "a*", ""])
def test_a_damaged_pattern_is_found_when_the_table_is_read(wrong: str) -> None:
    table = words().model_dump()
    table["live"]["called"] = [wrong]
    with pytest.raises(ValidationError):
        Words.model_validate(table)
