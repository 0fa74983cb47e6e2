"""Speaking at the terminal: buttons by label, who speaks, the clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.talk import (
    BadTimeError,
    NoSuchButtonError,
    NoSuchFileError,
    NoSuchPersonError,
    Talk,
    parse_moment,
)
from bot.messages import Reply
from tests.channels.assistant import LOGINS, Assistant, card, talk_with


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return talk_with(assistant)


def pressed(assistant: Assistant) -> str | None:
    return assistant.heard[-1].press


def test_a_label_means_the_newest_card_that_has_it(talk: Talk, assistant: Assistant) -> None:
    talk.say("卡甲")
    talk.say("卡乙丙")
    talk.press("确认")
    assert pressed(assistant) == "k乙.ok:3"


def test_a_newer_card_of_the_same_name_replaces_the_older(talk: Talk, assistant: Assistant) -> None:
    talk.say("卡甲")
    talk.say("卡甲改过")
    talk.press("确认")
    assert pressed(assistant) == "k甲.ok:4"


def test_a_button_can_be_pressed_by_its_id(talk: Talk, assistant: Assistant) -> None:
    talk.press("note.ok:12")
    assert pressed(assistant) == "note.ok:12"


def test_an_unknown_label_says_what_can_be_pressed(talk: Talk) -> None:
    talk.say("卡甲")
    with pytest.raises(NoSuchButtonError, match="没有「删除」这个按钮，现在可以按：确认、取消"):
        talk.press("删除")


def test_without_any_card_a_press_is_told_so(talk: Talk) -> None:
    with pytest.raises(NoSuchButtonError, match="没有可以按的按钮"):
        talk.press("确认")


def test_one_person_does_not_press_the_buttons_of_another(talk: Talk) -> None:
    talk.say("卡甲")
    talk.speak_as("shihong")
    with pytest.raises(NoSuchButtonError):
        talk.press("确认")


def test_a_card_shown_before_the_restart_can_still_be_pressed(assistant: Assistant) -> None:
    talk = Talk(assistant.handle, LOGINS.get, login="tangning", recall=lambda _: [card("卡甲")])
    talk.press("确认")
    assert pressed(assistant) == "k甲.ok:2"


def test_a_push_names_whom_it_is_for(talk: Talk) -> None:
    answer, push = talk.say("告诉主管")
    assert (answer.to, answer.pushed) == ("tangning", False)
    assert (push.to, push.pushed) == ("shihong", True)


def test_every_message_has_an_id_of_its_own(talk: Talk, assistant: Assistant) -> None:
    talk.say("一")
    talk.say("二")
    talk_with(assistant).say("三")
    assert len({incoming.id for incoming in assistant.heard}) == 3


def test_the_clock_stands_still_until_it_is_moved(talk: Talk, assistant: Assistant) -> None:
    talk.move_clock("2026-11-03T17:40:00+08:00")
    talk.say("一")
    talk.say("二")
    assert [incoming.at for incoming in assistant.heard] == [
        datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
    ] * 2


def test_without_a_fixed_time_the_clock_is_the_real_one(talk: Talk) -> None:
    assert abs(talk.now - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_time_without_offset_is_beijing_time() -> None:
    assert parse_moment("2026-11-03T17:40") == datetime(2026, 11, 3, 9, 40, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["", "昨天", "2026-13-01T00:00", "17:40"])
def test_a_bad_time_is_told(moment: str) -> None:
    with pytest.raises(BadTimeError, match="看不懂时间"):
        parse_moment(moment)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+08:00"])
def test_a_time_no_calendar_reaches_is_told(moment: str) -> None:
    with pytest.raises(BadTimeError, match="2000 年到 2100 年"):
        parse_moment(moment)


def test_unknown_people_and_missing_files_are_told(talk: Talk, tmp_path: Path) -> None:
    with pytest.raises(NoSuchPersonError, match="没有找到账号「谁」"):
        talk.speak_as("谁")
    with pytest.raises(NoSuchFileError, match="找不到文件"):
        talk.send_file(tmp_path / "none.xlsx")


def test_what_no_database_takes_is_dropped_from_the_words(talk: Talk, assistant: Assistant) -> None:
    talk.say("好\ud800的\x00")
    assert assistant.heard[-1].text == "好的"


def test_what_is_due_comes_with_the_clock() -> None:
    """For everybody when the clock is set; for the one who speaks when it goes on by itself."""
    asked: list[tuple[datetime | None, datetime, str | None]] = []

    def advance(since: datetime | None, until: datetime, only: str | None) -> list[Reply]:
        asked.append((since, until, only))
        return [Reply("早", to="luowei")]

    talk = Talk(lambda _: [], LOGINS.get, login="tangning", advance=advance)
    first = parse_moment("2026-11-03T09:00")
    (shown,) = talk.move_clock("2026-11-03T09:00")
    assert (shown.to, shown.pushed, shown.reply.text) == ("luowei", True, "早")
    second = parse_moment("2026-11-03T10:00")
    talk.move_to(second)
    talk.catch_up()
    talk.catch_up()
    assert asked == [
        (None, first, None),
        (first, second, None),
        (None, second, "tangning"),
        (second, second, "tangning"),
    ]
