"""Both callers do what WeCom does at a callback URL; the published vectors hold in each crypto."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.channels.wecom_callbacks import CallbackCaller, Delivery
from tests.channels.wecom_caller import wecom_caller
from tests.channels.wecom_corp import AGENT, CORP, MEMBER
from tests.channels.wecom_listening import listening
from tests.channels.wecom_peer import Peer
from tests.channels.wecom_plain_caller import encrypt, plain_caller, sign

VECTORS = json.loads((Path(__file__).parent / "wecom_vectors.json").read_text())
CALLERS: dict[str, Callable[..., AbstractAsyncContextManager[CallbackCaller]]] = {
    "plain": plain_caller,
    "node": wecom_caller,
}
OTHER_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"

Act = Callable[[CallbackCaller], Awaitable[Delivery]]
every_caller = pytest.mark.parametrize("kind", list(CALLERS))


def deliver(kind: str, act: Act, peer: Peer, **line: Any) -> Delivery:
    """How a peer takes something."""

    async def run() -> Delivery:
        async with listening(peer.app()) as listener:
            url = f"{listener.url}/wecom"
            async with CALLERS[kind](url, **line) as caller:
                return await act(caller)

    return asyncio.run(run())


def fields(text: str) -> dict[str, str]:
    """The fields of a message, in order."""
    return dict(xmltodict.parse(text)["xml"])


@every_caller
def test_a_url_is_verified_by_its_answer(kind: str) -> None:
    taken = deliver(kind, lambda caller: caller.verify(), Peer())
    assert (taken.right, taken.status, taken.tries) == (True, 200, 1)
    assert taken.body.isdigit()
    assert not deliver(kind, lambda caller: caller.verify(), Peer(echo_more="\n")).right
    assert not deliver(kind, lambda caller: caller.verify(), Peer([(201, 0)])).right
    late = deliver(kind, lambda caller: caller.verify(), Peer([(200, 0.6)]), verify_seconds=0.2)
    assert (late.right, late.status) == (False, None)


@every_caller
def test_a_text_arrives_as_it_was_written(kind: str) -> None:
    words = "见了陆主任 <b>&amp;</b> ]]> 🙂\n第二行"
    peer = Peer()
    taken = deliver(kind, lambda caller: caller.says(MEMBER, words, 4711), peer)
    assert (taken.right, taken.statuses, taken.body) == (True, (200,), "")
    got = fields(peer.read[0])
    assert int(got.pop("CreateTime")) >= 0
    assert got == {
        "ToUserName": CORP,
        "FromUserName": MEMBER,
        "MsgType": "text",
        "Content": words,
        "MsgId": "4711",
        "AgentID": str(AGENT),
    }


@every_caller
def test_whatever_is_not_200_in_time_is_repeated_twice(kind: str) -> None:
    peer = Peer([(500, 0), (200, 1.2), (302, 0)])
    taken = deliver(kind, lambda caller: caller.says(MEMBER, "早"), peer, seconds=0.6)
    assert (taken.right, taken.statuses) == (False, (500, None, 302))
    assert len(peer.read) == 3
    assert len(set(peer.read)) == 1
    assert len(set(peer.nonces)) == 3
    peer = Peer([(500, 0)])
    taken = deliver(kind, lambda caller: caller.says(MEMBER, "早"), peer)
    assert (taken.right, taken.statuses) == (True, (500, 200))


@every_caller
def test_nobody_listens(kind: str) -> None:
    async def run() -> Delivery:
        async with CALLERS[kind]("http://127.0.0.1:1/wecom") as caller:
            return await caller.says(MEMBER, "早")

    taken = asyncio.run(run())
    assert (taken.right, taken.statuses) == (False, (None, None, None))


@every_caller
def test_a_replay_is_the_same_to_the_letter(kind: str) -> None:
    peer = Peer()
    taken = deliver(kind, lambda caller: caller.says(MEMBER, "早", replays=2), peer)
    assert (taken.statuses, taken.replayed) == ((200,), (200, 200))
    assert len(peer.read) == 3
    assert len(set(peer.nonces)) == 1


@every_caller
@pytest.mark.parametrize(
    "manner", [{"forged": True}, {"receive_id": "wwother"}, {"aes_key": OTHER_KEY}]
)
def test_a_stranger_is_noticed(kind: str, manner: Any) -> None:
    peer = Peer()
    taken = deliver(kind, lambda caller: caller.says(MEMBER, "早", **manner), peer)
    assert (taken.right, taken.statuses, peer.refused) == (False, (403, 403, 403), 3)


@every_caller
def test_what_else_people_do(kind: str) -> None:
    async def act(caller: CallbackCaller) -> Delivery:
        await caller.voice(MEMBER, "m1")
        await caller.image(MEMBER, "m2")
        await caller.file(MEMBER, "m3", "名单.xlsx")
        await caller.location(MEMBER, "东院")
        await caller.presses(MEMBER, "t1", "confirm", "code")
        await caller.clicks(MEMBER, "today")
        await caller.enters(MEMBER)
        await caller.event(MEMBER, "subscribe")
        return await caller.raw("<xml><Nothing/></xml>")

    peer = Peer()
    assert deliver(kind, act, peer).right
    got = [fields(text) for text in peer.read]
    types = ["voice", "image", "file", "location", *["event"] * 4]
    assert [each.get("MsgType") for each in got] == [*types, None]
    assert [each["MsgId"] for each in got if "MsgId" in each] == sorted(
        {each["MsgId"] for each in got[:4]}
    )
    assert (got[0]["MediaId"], got[0]["Format"]) == ("m1", "amr")
    assert got[4]["Event"] == "template_card_event"
    pressed = ("EventKey", "TaskId", "CardType", "ResponseCode")
    assert [got[4][name] for name in pressed] == ["confirm", "t1", "button_interaction", "code"]
    assert [each["Event"] for each in got[5:8]] == ["click", "enter_agent", "subscribe"]


@every_caller
@pytest.mark.parametrize("size", [0, 1, 15, 16, 31, 32, 33, 2047, 2048, 9999])
def test_every_length_can_be_read(kind: str, size: int) -> None:
    text = ("早" * size).encode()[:size].decode(errors="ignore")
    peer = Peer()
    assert deliver(kind, lambda caller: caller.raw(text), peer).right
    assert peer.read == [text]


def test_an_old_timestamp_on_order() -> None:
    peer = Peer()
    assert deliver(
        "plain", lambda caller: caller.says(MEMBER, "早", age=3600, delay=0.01), peer
    ).right


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_published_vectors_in_wechatpy(vector: dict[str, str]) -> None:
    crypto = WeChatCrypto(vector["token"], vector["key"], vector["rid"])
    signed = vector["sig"], vector["ts"], vector["nonce"]
    plain = crypto.decrypt_message({"Encrypt": vector["encrypt"]}, *signed)
    assert plain == vector.get("plain", plain)
    assert vector.get("contains", "") in plain
    assert sign(vector["token"], vector["ts"], vector["nonce"], vector["encrypt"]) == vector["sig"]
    if "random" in vector:
        assert encrypt(plain, vector["key"], vector["rid"], vector["random"]) == vector["encrypt"]


def test_the_published_vectors_in_tencents_own_crypto() -> None:
    async def run() -> None:
        async with wecom_caller("http://127.0.0.1:1/") as caller:
            for vector in VECTORS:
                given = {"token": vector["token"], "aes_key": vector["key"]}
                sent = {"timestamp": vector["ts"], "nonce": vector["nonce"]}
                opened = await caller.order("open", encrypt=vector["encrypt"], **given, **sent)
                assert (opened["signature"], opened["receive_id"]) == (vector["sig"], vector["rid"])
                assert opened["message"] == vector.get("plain", opened["message"])
                assert vector.get("contains", "") in opened["message"]

    asyncio.run(run())
