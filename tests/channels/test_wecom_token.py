"""One token for all processes: asked for once, replaced when it is of no use, shown to nobody."""

import asyncio
import logging
import random
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog
from starlette.requests import Request

from bot.channel import ChannelDownError, ChannelError, SlowDownError
from bot.channels.wecom.token import EARLY_SECONDS, FAILED_SECONDS, TURN_SECONDS, TokenKeeper
from bot.messages import Media, MediaKind, Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import until
from tests.channels.wecom_app_stage import CARD, Stage, play
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_corp import AGENT, CORP
from tests.channels.wecom_server import MEMBER, SECRET, TOKEN_SECONDS, Trouble

T = TypeVar("T")
TURN = f"token:{CORP}:{AGENT}:turn"


async def all_send(stage: Stage, count: int = 50) -> list[BaseException | str | None]:
    """So many at once, each to somebody else, through all processes in turn."""
    people = [f"member{number}" for number in range(count)]
    stage.wecom.members |= set(people)
    sending = [
        stage.channels[number % len(stage.channels)].send(member, Reply("好的"), key=member)
        for number, member in enumerate(people)
    ]
    return await asyncio.gather(*sending, return_exceptions=True)


def failures(results: list[Any]) -> list[str]:
    assert all(isinstance(each, ChannelError) for each in results if isinstance(each, Exception))
    return [repr(each) for each in results if isinstance(each, Exception)]


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_many_at_once_ask_for_one_token(processes: int) -> None:
    async def act(stage: Stage) -> None:
        for _ in range(processes - 1):
            stage.start()
        assert failures(await all_send(stage)) == []
        assert stage.wecom.count("gettoken") == 1

    play(act)


@pytest.mark.parametrize(("end", "processes"), [("revoked", 5), ("expired", 2)])
def test_a_token_of_no_use_is_replaced_once(end: str, processes: int) -> None:
    async def act(stage: Stage) -> None:
        for _ in range(processes - 1):
            stage.start()
        await asyncio.gather(*(channel.open() for channel in stage.channels))
        (stage.wecom.revoke_token if end == "revoked" else stage.wecom.expire_tokens)()
        assert failures(await all_send(stage)) == []
        assert stage.wecom.count("gettoken") == 2

    play(act)


def test_a_token_is_renewed_before_its_end() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(Reply("一"), "k1")
        stage.wecom.clock.advance(TOKEN_SECONDS - EARLY_SECONDS - 5)
        await stage.send(Reply("二"), "k2")
        assert stage.wecom.count("gettoken") == 1
        stage.wecom.clock.advance(10)
        await stage.send(Reply("三"), "k3")
        assert stage.wecom.count("gettoken") == 2
        stage.wecom.clock.advance(TOKEN_SECONDS)
        await stage.send(Reply("四"), "k4")
        assert stage.wecom.texts(MEMBER) == ["一", "二", "三", "四"]

    play(act)


def test_whatever_wecom_calls_it() -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        for asked, code in enumerate((40001, 40014, 41001, 42001), start=2):
            stage.wecom.revoke_token()
            stage.wecom.refuse(code, "message/send")
            await stage.send(Reply(f"{code}"), f"{code}")
            assert stage.wecom.texts(MEMBER)[-1] == f"{code}"
            assert stage.wecom.count("gettoken") == asked

    play(act)


class _Forgetful(dict[str, float]):
    """Tokens that are good for nothing from the start."""

    def __setitem__(self, key: str, value: float) -> None:
        """Forget."""


@pytest.mark.parametrize("same", [True, False])
def test_when_the_new_token_is_refused_too_wecom_is_left_alone_for_a_while(same: bool) -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        if same:  # WeCom thinks that its token is good, and says the same one again
            stage.wecom.refuse(40014, "message/send", times=999)
        else:
            stage.wecom.tokens = _Forgetful()
        for _ in range(3):
            assert len(failures(await all_send(stage, 12))) == 12
        assert stage.wecom.count("gettoken") == 2
        stage.wecom.clock.advance(FAILED_SECONDS + 1)
        assert {str(error) for error in await all_send(stage, 12)} == {"token"}
        assert stage.wecom.count("gettoken") == 3
        stage.wecom.orders.refusals.clear()
        stage.wecom.tokens = {}
        stage.wecom.clock.advance(FAILED_SECONDS + 1)
        assert failures(await all_send(stage, 12)) == []

    play(act)


def test_a_wrong_secret_is_said_so_and_not_tried_again_and_again() -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(ChannelDownError, match="secret"):
            await stage.channel.open()
        for _ in range(3):
            assert {str(error) for error in await all_send(stage, 12)} == {"secret"}
        assert stage.wecom.count("gettoken") == 1
        stage.wecom.clock.advance(FAILED_SECONDS + 1)
        await all_send(stage, 12)
        assert stage.wecom.count("gettoken") == 2
        stage.wecom.secret = "wrong"  # noqa: S105
        stage.wecom.clock.advance(FAILED_SECONDS + 1)
        assert failures(await all_send(stage)) == []

    play(act, secret="wrong")


def test_no_token_to_be_had_for_now() -> None:
    async def act(stage: Stage) -> None:
        for kind in (Trouble.DROP, Trouble.ERROR, Trouble.GARBAGE, Trouble.LOST):
            stage.wecom.trouble(kind, "gettoken")
            assert isinstance(await stage.tries(Reply("好的")), ChannelDownError)
            stage.wecom.clock.advance(FAILED_SECONDS + 1)
        await stage.send(Reply("好的"))
        assert stage.wecom.texts(MEMBER) == ["好的"]

    play(act)


def test_too_many_tokens() -> None:
    async def act(stage: Stage) -> None:
        stage.wecom.refuse(45009, "gettoken")
        assert isinstance(await stage.tries(Reply("好的")), SlowDownError)

    play(act)


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 7}])
def test_an_answer_without_a_token(answer: dict[str, Any]) -> None:
    async def act(stage: Stage) -> ChannelError | None:
        async def give(_: Request) -> dict[str, Any]:
            return {"errcode": 0, **answer}

        stage.wecom._give_token = give  # type: ignore[method-assign,assignment]
        return await stage.tries(Reply("好的"))

    assert isinstance(play(act), ChannelDownError)


# In the keeper alone


class SlowShelf(MemoryShelf):
    """One that answers when it likes."""

    async def change(
        self,
        key: str,
        to: Callable[[str | None], tuple[str | None, T]],
        lasts: timedelta | None,
    ) -> T:
        """Read and write in one step, some time or other."""
        for _ in range(random.randrange(8)):  # noqa: S311
            await asyncio.sleep(0)
        told = await super().change(key, to, lasts)
        for _ in range(random.randrange(8)):  # noqa: S311
            await asyncio.sleep(0)
        return told


class Source:
    """Where tokens come from: each time another one."""

    def __init__(self) -> None:
        self.given = 0

    async def __call__(self) -> tuple[str, float]:
        """One more."""
        await asyncio.sleep(0)
        self.given += 1
        return f"token-{self.given}", 7200.0


def test_in_whatever_order_things_happen_one_process_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.wecom.token.LOOK_SECONDS", 0.001)
    now = datetime.now(UTC)

    async def run() -> None:
        shelf, source = SlowShelf(now=lambda: now), Source()
        keepers = [TokenKeeper(shelf, "app", "secret", source, lambda: now) for _ in range(6)]
        first = await asyncio.gather(*(keeper.token() for keeper in keepers))
        assert set(first) == {"token-1"}
        again = [keeper.token(instead_of="token-1") for keeper in keepers for _ in range(3)]
        assert set(await asyncio.gather(*again)) == {"token-2"}

    for seed in range(40):
        random.seed(seed)
        asyncio.run(run())


# A process that dies


@pytest.mark.parametrize("set_back", [0, 3600])
def test_another_process_takes_the_turn_of_a_dead_one(set_back: int) -> None:
    async def act(stage: Stage) -> None:
        claimed_at = stage.now().timestamp() + set_back
        await stage.shelf.put(TURN, str(claimed_at), timedelta(minutes=1))
        if set_back == 0:
            sending = asyncio.create_task(stage.channel.open())
            await asyncio.sleep(0.05)
            assert stage.wecom.count("gettoken") == 0
            stage.wecom.clock.advance(TURN_SECONDS + 0.1)
            await sending
        await stage.send(Reply("好的"))
        assert stage.wecom.texts(MEMBER) == ["好的"]
        assert stage.wecom.count("gettoken") == 1

    play(act)


def test_a_turn_that_is_broken_off_is_given_back() -> None:
    async def act(stage: Stage) -> None:
        stage.wecom.delays["gettoken"] = 5
        opening = asyncio.create_task(stage.channel.open())
        await until(lambda: TURN in stage.shelf.kept)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        assert TURN not in stage.shelf.kept
        stage.wecom.delays.clear()
        await stage.start().send(MEMBER, Reply("好的"))

    play(act)


def test_while_the_database_is_away_a_known_token_is_used() -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        stage.shelf.away = True
        await stage.channel.tell_closed(MEMBER)
        assert len(stage.wecom.texts(MEMBER)) == 1
        with pytest.raises(ChannelDownError, match="database"):
            await stage.start().tell_closed(MEMBER)

    play(act)


# Nobody sees it


def test_the_shelf_shows_no_token() -> None:
    async def act(stage: Stage) -> None:
        await stage.send(CARD)
        kept = " ".join(f"{key} {value}" for key, (value, _) in stage.shelf.kept.items())
        assert stage.wecom.token
        for secret in (stage.wecom.token, SECRET, CALLBACK_TOKEN, AES_KEY):
            assert secret not in kept

    play(act)


def test_a_shelf_of_another_secret_is_of_no_use() -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        stage.wecom.secret = "changed"  # noqa: S105
        other = stage.start(secret="changed")
        await other.open()
        assert stage.wecom.count("gettoken") == 2

    play(act)


SECRETS = (SECRET, CALLBACK_TOKEN, AES_KEY)


def test_no_secret_is_ever_told(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("bot.channels.wecom.api.MEDIA_SECONDS", 0.02)
    told: list[str] = []
    tokens: set[str] = set()

    async def tell(act: Awaitable[Any]) -> None:
        try:
            await act
        except ChannelError as error:
            told.extend([repr(error), str(error), *traceback.format_exception(error)])

    async def act(stage: Stage) -> None:
        told.extend([repr(stage.channel), repr(stage.channel._config)])
        for path in ("gettoken", "message/send", "media/get", "menu/create"):
            for kind in Trouble:
                stage.wecom.clock.advance(7300)
                stage.wecom.trouble(kind, path)
                await tell(stage.send(Reply("好的"), f"{path}{kind}"))
                await tell(stage.channel.fetch(Media(MediaKind.FILE, "m"), tmp_path / "v"))
                await tell(stage.channel.offer_menu(None, []))
                tokens.add(stage.wecom.token)
                stage.wecom.orders.troubles.clear()
        for code in (40001, 40014, 60020, 45009):
            stage.wecom.refuse(code, "message/send", times=3)
            await tell(stage.send(Reply("好的"), f"{code}"))
            stage.wecom.orders.refusals.clear()

    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as events:
        play(act, answer_seconds=0.02)
    assert len(told) > 60
    assert len(tokens) > 5
    printed = capfd.readouterr()
    everything = "".join([*told, caplog.text, printed.out, printed.err, repr(events)])
    assert "wecom_token_renewed" in everything
    for secret in (*SECRETS, *tokens, "access_token="):
        assert not secret or secret not in everything
