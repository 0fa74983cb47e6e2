"""Numbers and words instead of cards, at the member's: told, meant, and used once."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from bot.channels.wecom.choices import BUTTONS_ON, NO_BUTTONS, NUMBERS_ON
from bot.messages import Attachment, Button, Incoming, Reply
from tests.channels.telegram_server import KeptInbox
from tests.channels.wecom_app_stage import CARD, CHANGE, CONFIRM, LATER, Stage, play, the_card
from tests.channels.wecom_server import COLLEAGUE, MEMBER

SEVEN = tuple(Button(f"{name}主任", f"note.pick:{name}") for name in "赵钱孙李周吴郑")
SEX = (Button("男", "who.is:m"), Button("女", "who.is:f"))
TODO = (Button("完成 1", "todo.done:1"), Button("推迟 1", "todo.later:1"))
LONG_LABEL = (Button("一个写了十一个字的按钮", "note.pick:1"), CHANGE)


def said(stage: Stage, text: str) -> Incoming:
    """A message of its own."""
    return Incoming("wecom", uuid4().hex, MEMBER, stage.now(), text=text, chat=MEMBER)


@pytest.mark.parametrize("buttons", [SEVEN, LONG_LABEL])
def test_what_fits_no_card_is_numbered(buttons: tuple[Button, ...]) -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(Reply("选哪一个？", buttons))
        (shown,) = stage.wecom.shown_to(MEMBER)
        assert shown.kind == "text"
        for place, button in enumerate(buttons, start=1):
            assert f"{place} {button.label}" in shown.text
        stage.wecom.clock.advance(LATER)
        pressed = await stage.channel.meant(said(stage, "2"))
        assert pressed is not None
        assert (pressed.press, pressed.pressed_on, pressed.text) == (buttons[1].id, sent, "")
        assert sent is not None
        assert len(sent) <= 64

    play(act)


def test_cards_can_be_off_for_everybody() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(CARD)
        (shown,) = stage.wecom.shown_to(MEMBER)
        assert shown.text == "请确认\n周三拜访陆主任\n\n回复数字：1 确认　2 修改"
        stage.wecom.clock.advance(LATER)
        pressed = await stage.channel.meant(said(stage, "1"))
        assert pressed is not None
        assert pressed.press == CONFIRM.id

    play(act, cards=False)


def test_where_cards_are_off_there_are_no_buttons_to_be_had() -> None:
    async def act(stage: Stage) -> None:
        async with stage.called(KeptInbox()) as caller:
            await caller.says(MEMBER, "用按钮")
            assert (await stage.wecom.sees(MEMBER, 1))[-1].text == NO_BUTTONS
        await stage.send(CARD)
        assert stage.wecom.shown_to(MEMBER)[-1].kind == "text"

    play(act, cards=False)


def test_what_holds_digits_is_answered_by_its_words() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(Reply("待办：1. 送资料", TODO), answers="m0")
        (shown,) = stage.wecom.shown_to(MEMBER)
        assert shown.text == "待办：1. 送资料\n\n回按钮上的字：完成 1　推迟 1"
        stage.wecom.clock.advance(LATER)
        unclear = await stage.channel.meant(said(stage, "1"))
        assert unclear is not None
        assert (unclear.press, unclear.text) == (None, "1")
        pressed = await stage.channel.meant(said(stage, "推迟1"))
        assert pressed is not None
        assert (pressed.press, pressed.pressed_on, pressed.text) == (TODO[1].id, sent, "")

    play(act, cards=False)


def test_two_questions_at_once_have_numbers_of_their_own() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(Reply("陆主任是？", SEX), answers="m0")
        await stage.send(CARD, "k2", answers="m0")
        first, second = stage.wecom.texts(MEMBER)
        assert first.endswith("回复数字：1 男　2 女")
        assert second.endswith("回复数字：3 确认　4 修改")
        stage.wecom.clock.advance(LATER)
        for words, press in (("3", CONFIRM.id), ("3", None), ("2", SEX[1].id), ("1", None)):
            pressed = await stage.channel.meant(said(stage, words))
            assert pressed is not None
            assert (words, pressed.press) == (words, press)

    play(act, cards=False)


def test_a_number_is_what_it_says_once_something_else_was_answered() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(CARD, answers="m0")
        await stage.send(Reply("已记下"), "k2", answers="m0")
        await stage.send(Reply("稍等", passing=True), "k3", answers="m1")
        stage.wecom.clock.advance(LATER)
        await stage.send(Reply("聊了几分钟？"), "k4", answers="m1")
        plain = await stage.channel.meant(said(stage, "2"))
        assert plain is not None
        assert (plain.press, plain.text) == (None, "2")

    play(act, cards=False)


def test_what_is_said_to_the_same_message_leaves_its_choices() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(CARD, answers="m0")
        await stage.send(Reply("已记下"), "k2", answers="m0")
        await stage.send(Reply("今天要见三位", ()), "k3")
        stage.wecom.clock.advance(LATER)
        pressed = await stage.channel.meant(said(stage, "2"))
        assert pressed is not None
        assert pressed.press == CHANGE.id

    play(act, cards=False)


def test_a_number_that_crossed_the_question_is_what_it_says() -> None:
    async def act(stage: Stage) -> None:
        earlier = said(stage, "2")
        stage.wecom.clock.advance(1)
        await stage.send(CARD)
        crossed = await stage.channel.meant(earlier)
        assert crossed is not None
        assert (crossed.press, crossed.text) == (None, "2")

    play(act, cards=False)


def test_sent_again_after_its_file_failed_the_numbers_are_the_same(tmp_path: Path) -> None:
    """Else WeCom would show it twice, with other numbers."""
    (tmp_path / "a.txt").write_text("名单")
    files = (Attachment("名单.txt", tmp_path / "a.txt", "text/plain"),)

    async def act(stage: Stage) -> None:
        await stage.send(Reply("陆主任是？", SEX), "k0")
        stage.wecom.refuse(-1, "media/upload", times=9)
        assert await stage.tries(replace(CARD, attachments=files)) is not None
        stage.wecom.orders.refusals.clear()
        stage.wecom.clock.advance(LATER)
        await stage.send(replace(CARD, attachments=files))
        texts = [shown.text for shown in stage.wecom.shown_to(MEMBER) if shown.kind == "text"]
        assert [text.split("：")[-1] for text in texts] == ["1 男　2 女", "3 确认　4 修改"]
        stage.wecom.clock.advance(LATER)
        pressed = await stage.channel.meant(said(stage, "4"))
        assert pressed is not None
        assert pressed.press == CHANGE.id

    play(act, cards=False)


def test_numbers_on_demand() -> None:
    async def act(stage: Stage) -> None:
        inbox, sent = KeptInbox(), await stage.send(CARD)
        async with stage.called(inbox) as caller:
            await caller.says(MEMBER, "1")
            await caller.says(MEMBER, "用数字")
            told = (await stage.wecom.sees(MEMBER, 2))[-1]
            assert told.text == f"{NUMBERS_ON}\n\n请确认\n\n回复数字：1 确认　2 修改"
            await caller.says(MEMBER, "2", later=LATER)
            await caller.says(MEMBER, "2", later=LATER)
        assert (inbox.taken[0].text, inbox.taken[0].press) == ("1", None)
        assert (inbox.taken[1].press, inbox.taken[1].pressed_on) == (CHANGE.id, sent)
        assert (inbox.taken[2].press, inbox.taken[2].text) == (None, "2")
        await stage.send(CARD, "k2", over=sent)
        assert the_card(stage).replaced == "已选：修改"
        assert stage.wecom.texts(MEMBER)[-1].endswith("回复数字：1 确认　2 修改")

    play(act)


def test_what_was_pressed_is_not_offered_by_number() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        async with stage.called(KeptInbox()) as caller:
            await caller.presses(MEMBER, sent or "", CONFIRM.id)
            await caller.says(MEMBER, "用数字")
            assert (await stage.wecom.sees(MEMBER, 2))[-1].text == NUMBERS_ON

    play(act)


def test_buttons_on_demand() -> None:
    async def act(stage: Stage) -> None:
        async with stage.called(KeptInbox()) as caller:
            await caller.says(MEMBER, "看不到按钮")
            assert (await stage.wecom.sees(MEMBER, 1))[-1].text == NUMBERS_ON
            await caller.says(MEMBER, " 用按钮 ")
            assert (await stage.wecom.sees(MEMBER, 2))[-1].text == BUTTONS_ON
        await stage.send(CARD)
        assert the_card(stage).text == CARD.text

    play(act)


def test_each_person_chooses_in_their_own_way() -> None:
    async def act(stage: Stage) -> None:
        async with stage.called(KeptInbox()) as caller:
            await caller.says(MEMBER, "用数字")
            await stage.wecom.sees(MEMBER)
        await stage.send(CARD, to=COLLEAGUE)
        assert stage.wecom.shown_to(COLLEAGUE)[0].kind == "card"

    play(act)


@pytest.mark.parametrize("code", [60020, 81013, 45009])
def test_that_nothing_can_be_said_to_it_holds_up_nobody(code: int) -> None:
    """Else one person's 「用数字」 would keep everybody's messages out of the inbox."""

    async def act(stage: Stage) -> None:
        inbox = KeptInbox()
        stage.wecom.refuse(code, "message/send", times=9)
        async with stage.called(inbox) as caller:
            for text in ("用数字", "你好"):
                assert (await caller.says(MEMBER, text)).statuses == (200,)
        assert inbox.texts == ["你好"]

    play(act)
