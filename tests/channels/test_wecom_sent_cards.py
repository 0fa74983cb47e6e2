"""Cards at the member's: one for a short reply, marked when it was pressed or is over, and numbers
for whoever sees none."""

from datetime import UTC, datetime

import pytest

from bot.channel import ChannelDownError
from bot.channels.wecom.cards import HINT
from bot.channels.wecom.choices import BUTTONS_ON, HINTS, NUMBERS_ON
from bot.channels.wecom.messages import Clicked
from bot.messages import Button, Incoming, Reply
from tests.channels.telegram_server import KeptInbox
from tests.channels.wecom_app_stage import CARD, CHANGE, CONFIRM, Stage, play
from tests.channels.wecom_server import COLLEAGUE, MEMBER, Shown, Trouble

SEVEN = tuple(Button(f"第{number}个", f"note.pick:{number}") for number in range(1, 8))
LONG_LABEL = (Button("一个写了十一个字的按钮", "note.pick:1"), CHANGE)


def said(text: str) -> Incoming:
    return Incoming("wecom", "m1", MEMBER, datetime.now(UTC), text=text, chat=MEMBER)


async def press(stage: Stage, sent: str | None, button: Button = CONFIRM) -> None:
    """A member presses a button of a card."""
    code = stage.wecom.new_code(MEMBER, sent or "")
    incoming = Incoming("wecom", "e1", MEMBER, stage.now(), press=button.id, chat=MEMBER)
    await stage.channel.clicked(Clicked(incoming, sent or "", code))


def the_card(stage: Stage) -> Shown:
    (card,) = [shown for shown in stage.wecom.shown_to(MEMBER) if shown.kind == "card"]
    return card


# What is shown


def test_a_short_reply_is_one_card() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        (card,) = stage.wecom.shown_to(MEMBER)
        assert (card.kind, card.title, card.text) == ("card", "请确认", CARD.text)
        assert card.buttons == {CONFIRM.id: "确认", CHANGE.id: "修改"}
        assert card.task_id == sent
        assert sent is not None
        assert len(sent) <= 64

    play(act)


def test_a_long_reply_is_text_and_then_a_card() -> None:
    async def act(stage: Stage) -> None:
        text = "请确认\n" + "周三拜访陆主任，谈了疗效。" * 100
        sent = await stage.send(Reply(text, (CONFIRM, CHANGE)))
        *texts, card = stage.wecom.shown_to(MEMBER)
        assert len(texts) == 2
        assert "".join(shown.text for shown in texts).replace("\n", "") == text.replace("\n", "")
        assert (card.kind, card.title, card.task_id) == ("card", "请确认", sent)
        assert not stage.wecom.truncated
        assert not stage.wecom.overlong
        assert not stage.wecom.strange

    play(act)


@pytest.mark.parametrize("buttons", [SEVEN, LONG_LABEL])
def test_what_fits_no_card_is_numbered(buttons: tuple[Button, ...]) -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(Reply("选哪一个？", buttons))
        (shown,) = stage.wecom.shown_to(MEMBER)
        assert shown.kind == "text"
        for place, button in enumerate(buttons, start=1):
            assert f"{place} {button.label}" in shown.text
        pressed = await stage.channel.meant(said("2"))
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
        pressed = await stage.channel.meant(said("1"))
        assert pressed is not None
        assert pressed.press == CONFIRM.id

    play(act, cards=False)


def test_the_way_out_is_told_a_few_times() -> None:
    async def act(stage: Stage) -> None:
        for number in range(HINTS + 2):
            await stage.send(Reply(f"第{number}次", (CONFIRM,)), f"k{number}")
        told = [HINT in text for text in stage.wecom.texts(MEMBER)]
        assert told == [True] * HINTS + [False] * 2

    play(act)


# Marked


def test_a_pressed_card_says_what_was_pressed() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        await press(stage, sent)
        await stage.send(Reply("记好了", (CHANGE,)), "k2", over=sent)
        first, second = stage.wecom.shown_to(MEMBER)
        assert (first.replaced, first.clickable) == ("已选：确认", False)
        assert (second.title, second.replaced) == ("记好了", "")

    play(act)


def test_a_retired_card_is_over() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        await stage.channel.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == "已过时"
        await stage.channel.retire(MEMBER, sent or "")
        assert stage.wecom.count("message/update_template_card") == 1

    play(act)


def test_a_card_that_was_pressed_and_then_retired_says_what_was_pressed() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        await press(stage, sent, CHANGE)
        await stage.channel.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == "已选：修改"

    play(act)


def test_pressed_twice_it_still_says_what_was_pressed() -> None:
    """The second press arrives when the first one has been answered."""

    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        await press(stage, sent)
        await stage.channel.retire(MEMBER, sent or "")
        await press(stage, sent)
        await stage.channel.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == "已选：确认"

    play(act)


@pytest.mark.parametrize("silent", [False, True])
def test_a_card_pressed_before_we_knew_that_it_had_arrived(silent: bool) -> None:
    async def act(stage: Stage) -> None:
        stage.wecom.screens.silent_repeats = silent
        stage.wecom.trouble(Trouble.LOST, "message/send")
        assert isinstance(await stage.tries(CARD), ChannelDownError)
        await press(stage, the_card(stage).task_id)
        sent = await stage.send(CARD)
        await stage.channel.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == "已选：确认"

    play(act)


def test_another_process_marks_it() -> None:
    async def act(stage: Stage) -> None:
        other = stage.start()
        sent = await stage.send(CARD)
        await press(stage, sent)
        await other.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == "已选：确认"

    play(act)


def test_several_at_once_use_a_code_once() -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        for channel in (stage.channel, stage.start(), stage.start()):
            await channel.retire(MEMBER, sent or "")
        assert [call.errcode for call in stage.wecom.calls if "update" in call.path] == [0]

    play(act)


@pytest.mark.parametrize("late", [-10, 10])
def test_after_three_days_a_card_stays_as_it_is(late: int) -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        stage.wecom.clock.advance(72 * 3600 + late)
        await stage.channel.retire(MEMBER, sent or "")
        assert the_card(stage).replaced == ("" if late > 0 else "已过时")

    play(act)


@pytest.mark.parametrize("code", [42022, 40058, 45009, 81013])
def test_what_cannot_be_changed_stays_as_it_is(code: int) -> None:
    async def act(stage: Stage) -> None:
        sent = await stage.send(CARD)
        stage.wecom.refuse(code, "message/update_template_card")
        await stage.send(Reply("记好了"), "k2", over=sent)
        assert stage.wecom.texts(MEMBER)[-1] == "记好了"

    play(act)


@pytest.mark.parametrize("sent", ["", "n1", "c" * 41, "MTSR-of-a-text"])
def test_what_is_no_card_is_left_alone(sent: str) -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.retire(MEMBER, sent)
        assert not stage.wecom.calls

    play(act)


# Numbers instead


def test_numbers_on_demand() -> None:
    async def act(stage: Stage) -> None:
        inbox, sent = KeptInbox(), await stage.send(CARD)
        async with stage.called(inbox) as caller:
            await caller.says(MEMBER, "1")
            await caller.says(MEMBER, "用数字")
            told = (await stage.wecom.sees(MEMBER, 2))[-1]
            assert told.text == f"{NUMBERS_ON}\n\n回复数字：1 确认　2 修改"
            await caller.says(MEMBER, "2")
        assert (inbox.taken[0].text, inbox.taken[0].press) == ("1", None)
        assert (inbox.taken[1].press, inbox.taken[1].pressed_on) == (CHANGE.id, sent)
        await stage.send(CARD, "k2", over=sent)
        assert the_card(stage).replaced == "已选：修改"
        assert stage.wecom.texts(MEMBER)[-1].endswith("回复数字：1 确认　2 修改")

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
