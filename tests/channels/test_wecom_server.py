"""The played WeCom server keeps WeCom's rules: tokens, messages, and what goes wrong on order."""

import asyncio

import httpx2 as httpx
import pytest

from tests.channels.wecom_app import Client, Fields, play
from tests.channels.wecom_server import (
    AGENT,
    COLLEAGUE,
    CORP,
    MEMBER,
    SECRET,
    PlayedWeCom,
    Trouble,
    serving,
)

# Tokens


@pytest.mark.parametrize(
    ("corp", "secret", "errcode"),
    [("wwother", SECRET, 40013), (CORP, "wrong", 40001), ("", SECRET, 41002), (CORP, "", 41004)],
)
def test_a_token_has_its_price(corp: str, secret: str, errcode: int) -> None:
    answer = play(lambda client, _: client.login(corp, secret), login=False)
    assert answer["errcode"] == errcode
    assert "access_token" not in answer
    assert secret == "" or secret not in answer["errmsg"]


def test_a_token_lasts_and_is_the_same_until_then() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        first = client.token
        again = await client.login()
        assert (again["access_token"], again["expires_in"]) == (first, 7200)
        wecom.clock.advance(7199)
        assert (await client.say("早"))["errcode"] == 0
        wecom.clock.advance(2)
        assert (await client.say("晚"))["errcode"] == 42001
        await client.login()
        assert client.token != first
        assert wecom.count("gettoken") == 3

    play(act)


def test_a_token_that_is_missing_unknown_expired_or_revoked() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> list[int]:
        good = client.token
        codes = [await said(client, ""), await said(client, "made up")]
        wecom.expire_tokens()
        codes.append(await said(client, good))
        wecom.revoke_token()
        codes.append(await said(client, good))
        await client.login()
        return [*codes, await said(client, client.token)]

    async def said(client: Client, token: str) -> int:
        client.token = token
        errcode: int = (await client.say("早"))["errcode"]
        return errcode

    assert play(act) == [41001, 40014, 42001, 40014, 0]


def test_an_address_that_is_not_trusted_may_only_fetch_a_token() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        wecom.trusted_ips = set()
        assert (await client.login())["errcode"] == 0
        for answer in (
            await client.say("早"),
            (await client.get("agent/get", agentid=AGENT)).json(),
        ):
            assert answer["errcode"] == 60020
            assert answer["errmsg"].startswith("not allow to access from your ip, hint: [")
            assert answer["errmsg"].endswith(
                "], from ip: 1.2.3.4, more info at https://open.work.weixin.qq.com/devtool/query?e=60020"
            )
        wecom.trusted_ips = {"1.2.3.4"}
        assert (await client.say("早"))["errcode"] == 0

    play(act)


# Messages


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_text_is_shown_and_cut_silently_after_2048_bytes(kind: str) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        whole = "早" * 682 + "ab"
        assert (await client.send(kind, {"content": whole}))["errcode"] == 0
        assert wecom.truncated == []
        assert (await client.send(kind, {"content": "早" * 683}))["errcode"] == 0
        assert {shown.kind for shown in wecom.shown_to(MEMBER)} == {kind}
        assert wecom.texts(MEMBER) == [whole, "早" * 682]
        assert wecom.truncated == ["早" * 683]

    play(act)


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"text": {"content": ""}}, 44004),
        ({"agentid": None}, 41011),
        ({"agentid": 7}, 40056),
        ({"agentid": str(AGENT)}, 40056),
        ({"agentid": 1000009}, 301002),
        ({"msgtype": "poem"}, 40008),
        ({"touser": ""}, 82001),
        ({"touser": "|".join(map(str, range(1001)))}, 40032),
        ({"touser": "nobody|noone"}, 81013),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14401}, 40058),
    ],
)
def test_what_is_wrong_with_a_message(changed: Fields, errcode: int) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> Fields:
        wecom.other_agents = {1000009}
        answer = await client.say("早", **changed)
        assert wecom.shown_to(MEMBER) == []
        return answer

    assert play(act)["errcode"] == errcode


def test_members_are_known_whatever_the_case_and_the_others_are_named() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        answer = await client.say("早", to=f"{MEMBER.upper()}|Nobody|{COLLEAGUE}")
        assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
        assert wecom.texts(MEMBER) == wecom.texts("WangFang") == ["早"]

    play(act)


def test_fields_that_do_not_exist_are_noted() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        await client.say("早", parse_mode="HTML")
        await client.send("text", {"content": "早", "entities": []}, safe=0)
        assert wecom.strange == ["parse_mode", "text.entities"]

    play(act)


def test_the_same_message_is_shown_once_in_the_interval() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        check: Fields = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
        first = await client.say("早", **check)
        again = await client.say("早", **check)
        assert first["msgid"] == again["msgid"]
        assert wecom.repeated == [(MEMBER, first["msgid"])]
        await client.say("早！", **check)
        assert wecom.texts(MEMBER) == ["早", "早！"]
        await client.say("早", to=f"{MEMBER}|{COLLEAGUE}", **check)
        assert wecom.texts(COLLEAGUE) == ["早"]
        assert wecom.texts(MEMBER) == ["早", "早！"]
        wecom.clock.advance(601)
        await client.say("早", **check)
        await client.say("早")
        assert wecom.texts(MEMBER) == ["早", "早！", "早", "早"]

    play(act)


def test_what_is_too_much_for_one_member_is_dropped_silently() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        answers = [await client.say(str(number)) for number in range(31)]
        assert {answer["errcode"] for answer in answers} == {0}
        assert len(wecom.shown_to(MEMBER)) == 30
        assert [shown.text for shown in wecom.dropped] == ["30"]
        assert (await client.say("你也早", to=COLLEAGUE))["errcode"] == 0
        wecom.clock.advance(61)
        await client.say("又可以了")
        assert wecom.texts(MEMBER)[-1] == "又可以了"
        wecom.screens.hour_limit = 32
        wecom.clock.advance(61)
        await client.say("三十二")
        await client.say("三十三")
        assert wecom.texts(MEMBER)[-1] == "三十二"

    play(act)


def test_the_day_has_an_end() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> list[int]:
        wecom.screens.daily_limit = 3
        codes = [(await client.say("一"))["errcode"]]
        codes.append((await client.say("二", to=f"{MEMBER}|{COLLEAGUE}"))["errcode"])
        codes.append((await client.say("三"))["errcode"])
        wecom.clock.advance(24 * 3600)
        await client.login()
        return [*codes, (await client.say("四"))["errcode"]]

    assert play(act) == [0, 0, 45009, 0]


# On order


def test_calls_are_refused_on_order() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        wecom.refuse(45009, "message/send", times=2)
        assert (await client.login())["errcode"] == 0
        assert [(await client.say("早"))["errcode"] for _ in range(3)] == [45009, 45009, 0]
        wecom.refuse(-1)
        assert (await client.login())["errcode"] == -1
        sent = [call for call in wecom.calls if call.path == "message/send"]
        assert [call.errcode for call in sent] == [45009, 45009, 0]
        assert sent[0].body["text"] == {"content": "早"}

    play(act)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_calls_fail_on_order(trouble: Trouble) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        wecom.trouble(trouble, "message/send")
        with pytest.raises((httpx.TransportError, ValueError, TimeoutError)):
            async with asyncio.timeout(0.5):
                await client.say("早")
        assert wecom.texts(MEMBER) == (["早"] if trouble is Trouble.LOST else [])
        assert (await client.say("晚"))["errcode"] == 0

    play(act)


def test_it_is_slow_on_order() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        wecom.delays["message/send"] = 0.2
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.say("早")
        assert [shown.text for shown in await wecom.sees(MEMBER)] == ["早"]

    play(act)


def test_it_can_go_away_and_come_back() -> None:
    async def run() -> None:
        wecom = PlayedWeCom()
        async with httpx.AsyncClient(trust_env=False) as http:
            client = Client(wecom, http)
            async with serving(wecom):
                await client.login()
            with pytest.raises(httpx.TransportError):
                await client.say("早")
            async with serving(wecom, int(wecom.url.rsplit(":", 1)[1])):
                assert (await client.say("早"))["errcode"] == 0
        assert wecom.texts(MEMBER) == ["早"]

    asyncio.run(run())
