"""Texts to members: whole, in order, shown once however often they are sent, and what each refusal
means."""

import secrets
from typing import Any

import pytest

from bot.channel import (
    ChannelDownError,
    ChannelError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.channels.wecom.errors import BUSY_SECONDS, SETUP, STALE_TOKEN
from bot.messages import Reply
from tests.channels.wecom_app_stage import CARD, Stage, play
from tests.channels.wecom_server import COLLEAGUE, MEMBER, Shown, Trouble

SENTENCES = "".join(f"第{number}句话说的是拜访的经过。" for number in range(240))
PARTS = 5
"""That many messages hold the sentences."""


def shown_of(reply: Reply, **config: Any) -> list[Shown]:
    async def act(stage: Stage) -> list[Shown]:
        await stage.send(reply)
        assert not stage.wecom.truncated
        assert not stage.wecom.strange
        assert not stage.wecom.overlong
        return stage.wecom.shown_to(MEMBER)

    return play(act, **config)


# Texts


def test_words() -> None:
    (shown,) = shown_of(Reply("好的，记下了。"))
    assert (shown.kind, shown.text) == ("text", "好的，记下了。")


def test_a_long_text_is_cut_at_the_ends_of_sentences() -> None:
    parts = [shown.text for shown in shown_of(Reply(SENTENCES))]
    assert len(parts) == PARTS
    assert "".join(parts) == SENTENCES
    assert all(part.endswith("。") for part in parts)
    assert all(1024 < len(part.encode()) <= 2048 for part in parts[:-1])


def test_what_has_no_sentences_is_whole_too() -> None:
    async def act(stage: Stage) -> None:
        for text in ("好" * 2000, "😀" * 1500, "x" * 5000, "a b" * 2000):
            stage.wecom.shown_to(MEMBER).clear()
            await stage.send(Reply(text), text)
            shown = "".join(stage.wecom.texts(MEMBER))
            assert shown.replace(" ", "") == text.replace(" ", "")
        assert not stage.wecom.truncated

    play(act)


@pytest.mark.parametrize(("size", "parts"), [(2048, 1), (2049, 2)])
def test_the_limit_is_in_bytes(size: int, parts: int) -> None:
    assert len(shown_of(Reply("好" * (size // 3) + "x" * (size % 3)))) == parts


def test_parts_are_a_little_apart() -> None:
    async def act(stage: Stage) -> list[float]:
        await stage.send(Reply(SENTENCES))
        return stage.pauses.seconds

    assert play(act) == [0, 0.2, 0.2, 0.2, 0.2]


def test_no_links_are_made_of_words() -> None:
    words = '说了<a href="http://x">点这里</a>和<A>'
    (shown,) = shown_of(Reply(words))
    assert "<a" not in shown.text.lower()
    assert "点这里" in shown.text
    (numbered,) = shown_of(Reply(words, (CARD.buttons[0],)), cards=False)
    assert "<a" not in numbered.text.lower()


def test_half_characters_are_dropped() -> None:
    (shown,) = shown_of(Reply("好\ud83d的\0"))
    assert shown.text == "好的"


@pytest.mark.parametrize("text", ["", " \n", "\ud800"])
def test_nothing_to_say_is_refused(text: str) -> None:
    error = play(lambda stage: stage.tries(Reply(text)))
    assert (type(error), str(error)) == (RefusedError, "empty")


def test_what_is_sent_has_an_id_that_a_row_can_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeCom does not say how long its own ids may be."""
    long = {32: "m" * 100}
    token = secrets.token_urlsafe
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size=None: long.get(size, token(size)))
    sent = play(lambda stage: stage.send(Reply("好的")))
    assert sent is not None
    assert len(sent) == 64


# Again


@pytest.mark.parametrize("lost", [0, 2, PARTS - 1])
def test_an_answer_that_was_lost_shows_nothing_twice(lost: int) -> None:
    async def act(stage: Stage) -> None:
        def cut(_: float) -> None:
            if len(stage.pauses.seconds) == lost + 1:
                stage.wecom.trouble(Trouble.LOST, "message/send")

        stage.meanwhile = cut
        error = await stage.tries(Reply(SENTENCES))
        assert (type(error), str(error)) == (ChannelDownError, "network")
        assert len(stage.wecom.shown_to(MEMBER)) == lost + 1
        assert await stage.tries(Reply(SENTENCES)) is None
        assert "".join(stage.wecom.texts(MEMBER)) == SENTENCES
        assert len(stage.wecom.repeated) == lost + 1

    play(act)


@pytest.mark.parametrize("silent", [False, True])
def test_a_card_is_shown_once(silent: bool) -> None:
    async def act(stage: Stage) -> None:
        stage.wecom.screens.silent_repeats = silent
        for kind in (Trouble.DROP, Trouble.ERROR, Trouble.GARBAGE, Trouble.LOST):
            stage.wecom.trouble(kind, "message/send")
            assert isinstance(await stage.tries(CARD, kind.name), ChannelDownError)
            first = await stage.send(CARD, kind.name)
            assert first == await stage.send(CARD, kind.name)
            assert stage.wecom.shown_to(MEMBER)[-1].task_id == first
        assert [shown.kind for shown in stage.wecom.shown_to(MEMBER)] == ["card"] * 4

    play(act)


def test_another_process_sends_it_again() -> None:
    async def act(stage: Stage) -> None:
        other = stage.start()
        stage.wecom.trouble(Trouble.LOST, "message/send")
        assert isinstance(await stage.tries(Reply("好的")), ChannelDownError)
        await other.send(MEMBER, Reply("好的"), key="k1")
        assert stage.wecom.texts(MEMBER) == ["好的"]

    play(act)


def test_the_same_words_on_purpose_are_shown_again() -> None:
    async def act(stage: Stage) -> None:
        for key in ("k1", "k2", "k3"):
            await stage.send(Reply("好的"), key)
            await stage.send(Reply(SENTENCES), key)
        assert stage.wecom.texts(MEMBER).count("好的") == 3
        assert "".join(stage.wecom.texts(MEMBER)) == f"好的{SENTENCES}" * 3

    play(act)


def test_the_same_words_to_somebody_else() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(Reply("好的"))
        await stage.send(Reply("好的"), to=COLLEAGUE)
        assert stage.wecom.texts(COLLEAGUE) == ["好的"]

    play(act)


@pytest.mark.parametrize("minutes", [9.9, 10.1, 30])
def test_nor_are_they_taken_for_a_repetition_later(minutes: float) -> None:
    """The first time they are the last part of something long, and so reach WeCom later than they
    were booked."""

    async def act(stage: Stage) -> None:
        stage.meanwhile = lambda seconds: stage.wecom.clock.advance(seconds and 15)
        last = f"{'了' * 600}。"
        await stage.send(Reply(f"{'好' * 600}。\n\n{'对' * 600}。\n\n{last}"), "k1")
        stage.wecom.clock.advance(minutes * 60 - 30)
        await stage.send(Reply(last), "k2")
        assert stage.wecom.texts(MEMBER).count(last) == 2

    play(act)


def test_what_is_said_without_a_key_is_never_taken_for_a_repetition() -> None:
    """Of the moment, never sent again: the second 「看到了，系统有点慢」 is news as well."""

    async def act(stage: Stage) -> None:
        await stage.send(Reply("看到了", passing=True), "")
        stage.wecom.clock.advance(60)
        await stage.send(Reply("看到了", passing=True), "")
        assert stage.wecom.texts(MEMBER) == ["看到了"] * 2

    play(act)


# Refusals


MEANINGS: list[tuple[int, type[ChannelError], str]] = [
    *[(code, UnreachableError, "unlicensed") for code in (701001, 701002, 701003, 701008)],
    *[(code, SlowDownError, "slow_down") for code in (45009, 45033, 45047, 50002)],
    *[(c, ChannelDownError, "token" if c in STALE_TOKEN else s.reason) for c, s in SETUP.items()],
    (81013, UnreachableError, "hidden"),
    (-1, ChannelDownError, "busy"),
    (44004, RefusedError, "refused"),
    (999999, RefusedError, "refused"),
]


def test_what_each_code_means() -> None:
    """With what must be set right, or is too much for now, everything waits."""

    async def act(stage: Stage) -> None:
        for code, kind, reason in MEANINGS:
            stage.wecom.refuse(code, "message/send", times=2)
            error = await stage.tries(Reply(f"好的{code}"), f"{code}")
            assert (type(error), str(error)) == (kind, reason), code
            stage.wecom.orders.refusals.clear()
            stage.wecom.clock.advance(60)
            if isinstance(error, SlowDownError):
                assert error.seconds == BUSY_SECONDS
            if isinstance(error, SlowDownError | ChannelDownError):
                await stage.send(Reply(f"好的{code}"), f"{code}")
                assert stage.wecom.texts(MEMBER)[-1] == f"好的{code}"

    play(act)


@pytest.mark.parametrize("hidden", ["nobody", MEMBER])
def test_whoever_may_not_see_the_app_is_not_reached(hidden: str) -> None:
    async def act(stage: Stage) -> ChannelError | None:
        stage.wecom.members.discard(MEMBER)
        return await stage.tries(Reply("好的"), to=hidden)

    error = play(act)
    assert (type(error), str(error)) == (UnreachableError, "hidden")


@pytest.mark.parametrize(
    ("field", "reason"), [("invaliduser", "hidden"), ("unlicenseduser", "unlicensed")]
)
def test_who_is_named_in_the_answer_did_not_get_it(field: str, reason: str) -> None:
    async def act(stage: Stage) -> ChannelError | None:
        named: Any = {field: MEMBER}
        stage.wecom.refuse(0, "message/send", **named)
        return await stage.tries(Reply("好的"))

    error = play(act)
    assert (type(error), str(error)) == (UnreachableError, reason)


def test_out_of_order() -> None:
    async def act(stage: Stage) -> None:
        for kind, reason in (
            (Trouble.ERROR, "busy"),
            (Trouble.GARBAGE, "answer"),
            (Trouble.DROP, "network"),
            (Trouble.HANG, "timeout"),
        ):
            stage.wecom.trouble(kind, "message/send")
            error = await stage.tries(Reply(reason), reason)
            assert (type(error), str(error)) == (ChannelDownError, reason)
            await stage.send(Reply(reason), reason)
            assert stage.wecom.texts(MEMBER)[-1] == reason

    play(act, answer_seconds=0.2)


# Room


def test_nothing_is_dropped_by_wecom() -> None:
    async def act(stage: Stage) -> None:
        sent = 0
        for number in range(70):
            error = await stage.tries(Reply(f"第{number}条"), f"k{number}")
            if error is not None:
                assert isinstance(error, SlowDownError)
                stage.wecom.clock.advance(error.seconds)
                await stage.send(Reply(f"第{number}条"), f"k{number}")
            sent += 1
        assert not stage.wecom.dropped
        assert stage.wecom.texts(MEMBER) == [f"第{number}条" for number in range(sent)]

    play(act)


def test_what_a_minute_does_not_take_is_refused_whole() -> None:
    text = "\n\n".join(f"第{number}段{'好' * 640}。" for number in range(40))

    async def act(stage: Stage) -> None:
        error = await stage.tries(Reply(text))
        assert (type(error), str(error)) == (RefusedError, "too_long")
        assert not stage.wecom.texts(MEMBER)

    play(act)


def test_a_notice_stands_back() -> None:
    async def act(stage: Stage) -> None:
        for number in range(20):
            await stage.send(Reply(f"第{number}条"), f"k{number}")
        assert await stage.send(Reply("收到，正在整理…", passing=True), "n1") is None
        for number in range(20, 28):
            await stage.send(Reply(f"第{number}条"), f"k{number}")
        assert isinstance(await stage.tries(Reply("一条"), "k99"), SlowDownError)
        assert len(stage.wecom.texts(MEMBER)) == 28

    play(act)


def test_while_the_database_is_away_notices_are_said_and_answers_wait() -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        stage.shelf.away = True
        await stage.send(Reply("收到，正在整理…", passing=True), "")
        error = await stage.tries(Reply("记好了"))
        assert (type(error), str(error)) == (ChannelDownError, "database")
        assert stage.wecom.texts(MEMBER) == ["收到，正在整理…"]

    play(act)
