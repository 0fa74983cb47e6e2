"""Cards at the member's: one for a short reply, and marked when it was pressed or is over."""

import pytest

from bot.channel import ChannelDownError
from bot.channels.wecom.cards import HINT
from bot.channels.wecom.choices import HINTS
from bot.channels.wecom.messages import Clicked
from bot.messages import Button, Incoming, Reply
from tests.channels.telegram_server import KeptInbox
from tests.channels.wecom_app_stage import CARD, CHANGE, CONFIRM, Stage, play, the_card
from tests.channels.wecom_server import MEMBER, Trouble

SEVEN = tuple(Button(f"{name}主任", f"note.pick:{name}") for name in "赵钱孙李周吴郑")


async def press(stage: Stage, sent: str | None, button: Button = CONFIRM) -> None:
    """A member presses a button of a card."""
    code = stage.wecom.new_code(MEMBER, sent or "")
    incoming = Incoming("wecom", "e1", MEMBER, stage.now(), press=button.id, chat=MEMBER)
    await stage.channel.clicked(Clicked(incoming, sent or "", code))


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


def test_a_newcomer_reads_the_way_out_beside_the_first_three_cards() -> None:
    async def act(stage: Stage) -> None:
        stage.newcomer()
        for number in range(HINTS + 2):
            await stage.send(Reply(f"第{number}次", (CONFIRM,)), f"k{number}")
        shown = stage.wecom.shown_to(MEMBER)
        assert [each.kind for each in shown] == ["text", "card"] * HINTS + ["card"] * 2
        assert [HINT in each.text for each in shown] == [True, False] * HINTS + [False] * 2

    play(act)


def test_a_list_of_numbers_needs_no_way_out() -> None:
    async def act(stage: Stage) -> None:
        stage.newcomer()
        for place in range(HINTS):
            await stage.send(Reply("哪一位？", SEVEN), f"k{place}")
        await stage.send(CARD)
        assert [HINT in text for text in stage.wecom.texts(MEMBER)] == [False] * 3 + [True, False]

    play(act)


@pytest.mark.parametrize("kind", [Trouble.LOST, Trouble.ERROR])
def test_the_last_way_out_is_told_once_though_it_is_sent_again(kind: Trouble) -> None:
    async def act(stage: Stage) -> None:
        stage.newcomer()
        for place in range(HINTS):
            reply = Reply(f"第{place}次", (CONFIRM,))
            stage.wecom.trouble(kind, "message/send")
            assert isinstance(await stage.tries(reply, f"k{place}"), ChannelDownError)
            await stage.send(reply, f"k{place}")
        assert [shown.kind for shown in stage.wecom.shown_to(MEMBER)] == ["text", "card"] * HINTS

    play(act)


def test_a_card_is_called_by_its_title() -> None:
    async def act(stage: Stage) -> None:
        text = "周三拜访陆主任，谈了疗效。" * 20
        await stage.send(Reply(text, (CONFIRM,), title="确认这条？陆主任"))
        assert the_card(stage).title == "确认这条？陆主任"
        await stage.send(CARD, "k2")
        async with stage.called(KeptInbox()) as caller:
            await caller.says(MEMBER, "用数字")
            told = (await stage.wecom.sees(MEMBER, 4))[-1]
        assert "请确认" in told.text

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
