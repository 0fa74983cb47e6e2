"""What the bot sends by itself: within WeCom's limits, whole or not at all, and not twice."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channel import (
    ChannelDownError,
    ChannelError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.channels.wecom.choices import NUMBERS_ON
from bot.messages import Attachment, Button, Reply
from tests.channels.telegram_server import KeptInbox, until
from tests.channels.wecom_bot_phones import BAD_MEDIA, CONTENT_BYTES
from tests.channels.wecom_bot_play import CARD, CONFIRM, Play, playing
from tests.channels.wecom_bot_server import COLLEAGUE, USER, PlayedBotServer, played_bot_server

Scene = Callable[[Play], Awaitable[None]]
LATER = 5
"""Seconds after which a number is meant for what was offered before."""

SEVEN = tuple(Button(f"李主任（{name}院）", f"who.is:{name}") for name in "甲乙丙丁戊己庚")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)


def play(scene: Scene, **more: Any) -> PlayedBotServer:
    """Run a scene in which somebody has written before; what people see afterwards."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server, playing(server, **more) as made:
            server.phones.wrote.add(USER)
            await scene(made)
            return server

    return asyncio.run(run())


async def push(made: Play, reply: Reply | str, key: str = "k", chat: str = USER) -> str | None:
    """Send something that answers nothing."""
    reply = reply if isinstance(reply, Reply) else Reply(reply)
    return await made.channel.send(chat, reply, key=key)


async def ended(sending: Awaitable[str | None]) -> str | ChannelError | None:
    """What became of it."""
    try:
        return await sending
    except ChannelError as error:
        return error


def file_at(folder: Path, name: str, content: bytes) -> Attachment:
    """A file to send."""
    path = folder / name
    path.write_bytes(content)
    return Attachment(name, path, "application/octet-stream")


def test_signs_of_markup_are_shown_as_they_are() -> None:
    async def scene(made: Play) -> None:
        await push(made, "# 1 床\n*重要*\n\n第二段")

    assert play(scene).texts() == ["＃ 1 床\n＊重要＊\n\n第二段"]


def test_long_words_come_in_several_messages_in_order() -> None:
    text = "".join(f"第{number}句话，说得很长很长。" for number in range(1500))

    async def scene(made: Play) -> None:
        await push(made, text)

    server = play(scene)
    assert len(server.texts()) == 3
    assert "".join(server.texts()) == text
    bodies = server.sent("aibot_send_msg")
    assert all(len(b["markdown"]["content"].encode()) <= CONTENT_BYTES for b in bodies)


def test_nothing_to_say_is_refused() -> None:
    async def scene(made: Play) -> None:
        with pytest.raises(RefusedError, match="empty"):
            await push(made, "  \n ")

    play(scene)


def test_somebody_who_never_wrote_cannot_be_reached() -> None:
    async def scene(made: Play) -> None:
        with pytest.raises(UnreachableError, match="never_wrote"):
            await push(made, "早", chat=COLLEAGUE)

    play(scene)


def test_a_process_that_is_not_connected_cannot_send_and_says_so() -> None:
    async def run() -> None:
        async with played_bot_server() as server, playing(server) as made:
            channel = made.channel
        await until(lambda: not channel.ready)
        with pytest.raises(ChannelDownError, match="network"):
            await channel.send(USER, Reply("早"), key="k")

    asyncio.run(run())


def test_a_card_shows_its_buttons_and_says_which_was_pressed() -> None:
    async def scene(made: Play) -> None:
        sent = await push(made, CARD)
        (card,) = made.server.shown_to(USER)
        assert card.task == sent
        assert (card.title, card.text) == ("保存这条拜访？", "王主任，面访 20 分钟")
        await made.server.presses(USER, "确认")
        await made.heard()
        pressed = made.inbox.taken[0]
        assert (pressed.press, pressed.pressed_on) == ("visit.ok:7", sent)
        await until(lambda: card.frames == 2)

    (card,) = play(scene).shown_to(USER)
    assert list(card.buttons.items()) == [("-", "已选：确认")]
    assert card.title == "保存这条拜访？"


def test_a_notice_for_a_press_is_not_needed_as_the_card_has_changed() -> None:
    async def scene(made: Play) -> None:
        await push(made, CARD)
        await made.server.presses(USER, "确认")
        await until(lambda: made.server.shown_to(USER)[0].frames == 2)
        await made.heard()
        await asyncio.sleep(0.1)  # until the bot has heard that the card has changed
        message = made.inbox.taken[0].id
        notice = Reply("收到，正在整理…", passing=True)
        await made.channel.send(USER, notice, answers=message, key="w")
        await made.channel.send(USER, Reply("存好了"), answers=message, key="a")

    assert play(scene).texts() == ["保存这条拜访？", "存好了"]


def test_the_button_that_is_left_does_nothing() -> None:
    async def scene(made: Play) -> None:
        await push(made, CARD)
        await made.server.presses(USER, "确认")
        await until(lambda: made.server.shown_to(USER)[0].frames == 2)
        await made.server.presses(USER, "已选：确认")
        await made.server.says(USER, "然后")
        await made.heard(2)
        assert [incoming.text for incoming in made.inbox.taken] == ["", "然后"]

    play(scene)


def test_a_retired_card_says_that_it_is_over_when_it_is_pressed() -> None:
    async def scene(made: Play) -> None:
        sent = await push(made, CARD)
        assert sent
        await made.channel.retire(USER, sent)
        await made.channel.retire(USER, "never-sent")
        await made.server.presses(USER, "修改")
        await made.heard()
        await until(lambda: made.server.shown_to(USER)[0].frames == 2)

    (card,) = play(scene).shown_to(USER)
    assert list(card.buttons.values()) == ["已过时"]


def test_a_press_counts_though_its_card_cannot_be_changed() -> None:
    async def scene(made: Play) -> None:
        await push(made, CARD)
        made.server.faults["aibot_respond_update_msg"] = [40058]
        await made.server.presses(USER, "确认")
        await made.heard()
        made.shelf.kept.clear()
        await made.server.presses(USER, "修改")
        await made.heard(2)

    play(scene)


def test_a_card_that_goes_over_an_older_one_is_sent_anew() -> None:
    async def scene(made: Play) -> None:
        sent = await push(made, CARD)
        again = await made.channel.send(USER, Reply("改好了", CONFIRM), over=sent, key="k2")
        assert again != sent

    assert play(scene).texts() == ["保存这条拜访？", "改好了"]


def test_many_buttons_become_numbers_that_can_be_answered() -> None:
    buttons = tuple(Button(f"李主任（{name}院）", f"who.is:{name}") for name in "甲乙丙丁戊己庚辛")

    async def scene(made: Play) -> None:
        sent = await push(made, Reply("哪一位李主任？", buttons))
        made.server.ahead += LATER
        for place, words in enumerate(("3", "１.", "选8", "9", "3月"), start=1):
            await made.server.says(USER, words)
            await made.heard(place)
            answers = made.inbox.taken[-1].id
            more = Reply(f"第 {place} 位", buttons, card="who")
            await made.channel.send(USER, more, answers=answers, key=f"a{place}")
            made.server.ahead += LATER
        taken = made.inbox.taken
        pressed = ["who.is:丙", "who.is:甲", "who.is:辛", None, None]
        assert [incoming.press for incoming in taken] == pressed
        assert taken[0].pressed_on == sent
        assert [incoming.text for incoming in taken] == ["", "", "", "9", "3月"]

    shown = next(s for s in play(scene).shown_to(USER) if s.kind == "markdown")
    assert "1 李主任（甲院）" in shown.text


def test_a_number_is_what_it_says_once_something_else_was_answered() -> None:
    buttons = tuple(Button(f"李主任（{place}院）", f"who.is:{place}") for place in range(1, 9))

    async def scene(made: Play) -> None:
        await push(made, Reply("哪一位李主任？", buttons))
        await made.server.says(USER, "算了，下一个该见谁")
        await made.heard(1)
        answers = made.inbox.taken[-1].id
        await made.channel.send(USER, Reply("聊了几分钟？"), answers=answers, key="a")
        made.server.ahead += LATER
        await made.server.says(USER, "2")
        await made.heard(2)
        assert (made.inbox.taken[-1].press, made.inbox.taken[-1].text) == (None, "2")

    play(scene)


def test_two_questions_at_once_have_numbers_of_their_own() -> None:
    async def scene(made: Play) -> None:
        await push(made, Reply("哪一位李主任？", (*SEVEN, Button("都不是", "who.is:none"))))
        await push(made, Reply("哪家？", SEVEN), key="k2")
        made.server.ahead += LATER
        for place, words in enumerate(("9", "9", "1", "2"), start=1):
            await made.server.says(USER, words)
            await made.heard(place)
        pressed = ["who.is:甲", None, "who.is:甲", None]
        assert [incoming.press for incoming in made.inbox.taken] == pressed
        assert len({incoming.pressed_on for incoming in made.inbox.taken}) == 3

    texts = play(scene).texts()
    assert "1 李主任（甲院）" in texts[0]
    assert "9 李主任（甲院）" in texts[1]


def test_labels_with_digits_are_answered_by_their_words() -> None:
    todo = tuple(Button(f"完成 {place}", f"todo.done:{place}") for place in range(1, 8))

    async def scene(made: Play) -> None:
        await push(made, Reply("待办", (*todo, Button("推迟 1", "todo.later:1"))))
        made.server.ahead += LATER
        for place, words in enumerate(("1", "3号", "推迟1"), start=1):
            await made.server.says(USER, words)
            await made.heard(place)
        assert [incoming.press for incoming in made.inbox.taken] == [None, None, "todo.later:1"]

    assert "回按钮上的字：完成 1　完成 2" in play(scene).texts()[0]


def test_a_number_that_crossed_the_question_is_what_it_says() -> None:
    async def scene(made: Play) -> None:
        made.server.ahead += LATER
        await push(made, Reply("哪一位李主任？", SEVEN))
        made.server.ahead -= 2
        await made.server.says(USER, "1")
        await made.heard()
        assert (made.inbox.taken[0].press, made.inbox.taken[0].text) == (None, "1")

    play(scene)


def test_a_choice_that_finds_the_inbox_closed_is_a_choice_still() -> None:
    async def scene(made: Play) -> None:
        await push(made, Reply("哪一位李主任？", SEVEN))
        made.server.ahead += LATER
        await made.server.says(USER, "2")
        await made.heard()
        assert [incoming.press for incoming in made.inbox.taken] == ["who.is:乙"]
        assert len(made.inbox.offered) == 3

    play(scene, inbox=KeptInbox.closed(2))


def test_what_was_pressed_is_not_offered_by_number() -> None:
    async def scene(made: Play) -> None:
        await push(made, CARD)
        await made.server.presses(USER, "确认")
        await made.heard()
        await made.server.says(USER, "用数字")
        assert (await made.shown(2))[1] == NUMBERS_ON

    play(scene)


def test_nobody_is_told_how_to_do_without_cards() -> None:
    async def scene(made: Play) -> None:
        for place in range(4):
            await push(made, CARD, key=f"k{place}")

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["card"] * 4


def test_one_long_line_is_a_card_without_a_title() -> None:
    text = "今天下午两点半要去见陆主任，上次答应带的资料还没有准备好，要我提醒您吗？"

    async def scene(made: Play) -> None:
        await push(made, Reply(text, CONFIRM))

    (card,) = play(scene).shown_to(USER)
    assert (card.kind, card.title, card.text) == ("card", "", text)


def test_who_sees_no_cards_can_ask_for_numbers() -> None:
    async def scene(made: Play) -> None:
        await push(made, CARD)
        await made.server.says(USER, "用数字")
        texts = await made.shown(2)
        assert texts[1].endswith("回复数字：1 确认　2 修改")
        made.server.ahead += LATER
        await made.server.voice(USER, "1")
        await made.heard()
        pressed = made.inbox.taken[0]
        assert (pressed.press, pressed.text, pressed.media) == ("visit.ok:7", "", None)
        await push(made, CARD, key="k2")
        assert [shown.kind for shown in made.server.shown_to(USER)][-1] == "markdown"
        await made.server.says(USER, "用按钮")
        await made.shown(4)
        await push(made, CARD, key="k3")
        assert [shown.kind for shown in made.server.shown_to(USER)][-1] == "card"

    play(scene)


def test_no_more_than_thirty_a_minute_go_to_one_person_and_none_is_refused() -> None:
    async def scene(made: Play) -> None:
        pushes = [push(made, f"第{number}条", key=f"k{number}") for number in range(40)]
        ends = [await each for each in map(ended, pushes)]
        waits = [end.seconds for end in ends if isinstance(end, SlowDownError)]
        assert 10 <= len(waits) <= 15
        assert all(0 < seconds <= 60 for seconds in waits)
        made.server.phones.wrote.add(COLLEAGUE)
        await push(made, "别人不受影响", chat=COLLEAGUE)
        made.server.ahead += 61
        await push(made, "一分钟以后")

    server = play(scene)
    assert server.texts()[-1] == "一分钟以后"
    assert not server.refused


def test_an_hour_bears_no_more_than_a_thousand() -> None:
    async def scene(made: Play) -> None:
        refused = 0
        while made.server.ahead < 3600:
            made.server.ahead += 2.2
            end = await ended(push(made, "有一件事", key=f"k{made.server.ahead}"))
            if isinstance(end, SlowDownError):
                refused += 1
                made.server.ahead += end.seconds
        assert refused

    server = play(scene)
    assert 900 < len(server.texts()) <= 1000
    assert not server.refused


def test_notices_leave_room_for_answers() -> None:
    async def scene(made: Play) -> None:
        for number in range(30):
            notice = Reply(f"第{number}步", passing=True)
            await made.channel.send(USER, notice, key=f"w{number}")
        assert 15 <= len(made.server.texts()) < 25
        await push(made, "答案")

    assert play(scene).texts()[-1] == "答案"


def test_a_file_and_a_picture_follow_the_words(tmp_path: Path) -> None:
    table = file_at(tmp_path, "本周拜访.xlsx", bytes(range(256)) * 3000)
    picture = file_at(tmp_path, "图.png", PNG)

    async def scene(made: Play) -> None:
        await push(made, Reply("本周的都在这里", attachments=(table, picture)))

    words, file, image = play(scene).shown_to(USER)
    assert words.text == "本周的都在这里"
    assert (file.kind, file.text, file.data) == ("file", table.name, table.path.read_bytes())
    assert (image.kind, image.data) == ("image", PNG)


def test_a_missing_file_keeps_everything_back(tmp_path: Path) -> None:
    lost = Attachment("没了.xlsx", tmp_path / "gone.xlsx", "x")

    async def scene(made: Play) -> None:
        with pytest.raises(RefusedError, match="no_file"):
            await push(made, Reply("本周的", attachments=(lost,)))

    assert not play(scene).shown_to(USER)


def test_a_file_that_was_laid_there_lately_is_not_laid_there_again(tmp_path: Path) -> None:
    table = file_at(tmp_path, "本周.xlsx", b"x" * 600_000)

    async def scene(made: Play) -> None:
        for number in range(2):
            await push(made, Reply("给您", attachments=(table,)), key=f"k{number}")
        assert len(made.server.sent("aibot_upload_media_init")) == 1
        assert len(made.server.sent("aibot_upload_media_chunk")) == 2
        made.server.faults["aibot_send_msg"] = [BAD_MEDIA]
        await push(made, Reply("", attachments=(table,)), key="k3")
        assert len(made.server.sent("aibot_upload_media_init")) == 2

    assert [shown.kind for shown in play(scene).shown_to(USER)].count("file") == 3


def test_a_file_alone_ends_the_bubble_of_its_notice(tmp_path: Path) -> None:
    table = file_at(tmp_path, "本周.xlsx", b"x" * 60)

    async def scene(made: Play) -> None:
        await made.server.says(USER, "本周拜访表")
        await made.heard()
        message = made.inbox.taken[0].id
        notice = Reply("收到，正在整理…", passing=True)
        await made.channel.send(USER, notice, answers=message, key="w")
        await made.channel.send(USER, Reply("", attachments=(table,)), answers=message, key="a")

    bubble, file = play(scene).shown_to(USER)
    assert bubble.ended
    assert file.kind == "file"


@pytest.mark.parametrize("broken", range(3))
def test_what_arrived_before_an_outage_does_not_come_again(broken: int, tmp_path: Path) -> None:
    table = file_at(tmp_path, "本周.xlsx", b"x" * 60)
    reply = Reply("一" * 200, CONFIRM, attachments=(table,))

    async def scene(made: Play) -> None:
        made.server.faults["aibot_send_msg"] = [0] * broken + [-1]
        with pytest.raises(ChannelError):
            await push(made, reply)
        sent = await push(made, reply)
        assert sent == made.server.shown_to(USER)[1].task

    kinds = [shown.kind for shown in play(scene).shown_to(USER)]
    assert kinds == ["markdown", "card", "file"]


def test_a_card_whose_arrival_nobody_confirmed_is_there_once() -> None:
    async def scene(made: Play) -> None:
        made.server.unsaid = ["aibot_send_msg"]
        with pytest.raises(ChannelDownError):
            await push(made, CARD)
        await until(lambda: made.channel.ready)
        assert await push(made, CARD) == made.server.shown_to(USER)[0].task

    assert len(play(scene).shown_to(USER)) == 1


def test_half_characters_break_nothing() -> None:
    async def scene(made: Play) -> None:
        await push(made, "好\ud83d\x00了")

    assert play(scene).texts() == ["好了"]


def test_there_is_no_menu_and_nothing_to_call() -> None:
    async def scene(made: Play) -> None:
        await made.channel.open()
        await made.channel.offer_menu(None, [])
        await made.channel.show_working(USER)
        assert not made.channel.routes(made.inbox)
        assert (made.channel.name, made.channel.receives_alone) == ("wecom_bot", True)
        assert made.channel.sends_alone

    assert not play(scene).shown_to(USER)
