"""The played WeCom server keeps WeCom's rules: cards, files, the menu and the app."""

import pytest

from tests.channels.wecom_app import Client, Fields, card, play
from tests.channels.wecom_server import AGENT, COLLEAGUE, MEMBER, PlayedWeCom

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50  # one second


# Cards


def test_a_card_is_shown_with_its_buttons() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        answer = await client.card()
        (shown,) = wecom.shown_to(MEMBER)
        assert (shown.kind, shown.title, shown.text) == ("card", "请确认", "请确认\n周三拜访")
        assert (shown.buttons, shown.task_id) == ({"k0": "确认", "k1": "修改"}, "t1")
        assert shown.response_code == answer["response_code"]
        assert shown.clickable
        assert wecom.overlong == wecom.strange == []

    play(act)


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"main_title": {}, "sub_title_text": ""}, 41016),
        ({"button_list": []}, 40016),
        (card("t", tuple("一二三四五六七")), 40016),
        ({"button_list": [{"text": "好", "key": "k"}, {"text": "行", "key": "k"}]}, 42018),
        ({"button_list": [{"text": "好"}]}, 42019),
        ({"button_list": [{"text": "", "key": "k"}]}, 42020),
        ({"task_id": ""}, 42014),
        ({"task_id": "t:1"}, 42014),
        ({"task_id": "t" * 129}, 42014),
        ({"card_type": "poem"}, 40058),
    ],
)
def test_what_is_wrong_with_a_card(changed: Fields, errcode: int) -> None:
    assert play(lambda client, _: client.card(**changed))["errcode"] == errcode


def test_long_words_on_a_card_are_noted() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> list[str]:
        long = {"main_title": {"title": "题" * 27}, "sub_title_text": "文" * 113}
        assert (await client.card(**{**card("t", ("按" * 11,)), **long}))["errcode"] == 0
        return [note.split(":")[0] for note in wecom.overlong]

    assert play(act) == ["title", "sub_title_text", "button"]


def test_an_app_without_a_callback_sends_no_buttons() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> Fields:
        wecom.has_callback = False
        return await client.card()

    assert play(act)["errcode"] == 43012


@pytest.mark.parametrize("silent", [False, True])
def test_a_task_id_is_good_for_one_card(silent: bool) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> int:
        wecom.screens.silent_repeats = silent
        await client.card("t1")
        errcode: int = (await client.card("t1", sub_title_text="周四"))["errcode"]
        assert len(wecom.shown_to(MEMBER)) == 1
        return errcode

    assert play(act) == (0 if silent else 42014)


def test_the_same_card_again_is_answered_with_the_first_one() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        first = await client.send("template_card", card("t1"), enable_duplicate_check=1)
        again = await client.send("template_card", card("t1"), enable_duplicate_check=1)
        assert first == again
        assert len(wecom.shown_to(MEMBER)) == 1

    play(act)


def test_a_card_is_changed_once_per_code() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        code = (await client.card())["response_code"]
        assert (await client.update(code, button={"replace_name": "已确认"}))["errcode"] == 0
        (shown,) = wecom.shown_to(MEMBER)
        assert (shown.replaced, shown.clickable, shown.updates) == ("已确认", False, 1)
        assert (await client.update(code, button={"replace_name": "又"}))["errcode"] == 42022
        new = {**card("t1", ("撤销",)), "main_title": {"title": "已保存"}}
        pressed = wecom.new_code(MEMBER, "t1")
        assert (await client.update(pressed, template_card=new))["errcode"] == 0
        assert (shown.title, shown.buttons, shown.clickable) == ("已保存", {"k0": "撤销"}, True)
        assert (await client.update("made up", button={"replace_name": "又"}))["errcode"] == 40058

    play(act)


def test_a_code_is_good_for_72_hours() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> int:
        code = (await client.card())["response_code"]
        wecom.clock.advance(72 * 3600)
        await client.login()
        errcode: int = (await client.update(code, button={"replace_name": "已确认"}))["errcode"]
        return errcode

    assert play(act) == 40058


def test_a_change_reaches_those_who_are_named() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        code = (await client.card(to=f"{MEMBER}|{COLLEAGUE}"))["response_code"]
        change = {"userids": [MEMBER, "nobody"], "button": {"replace_name": "已确认"}}
        assert (await client.update(code, **change))["invaliduser"] == ["nobody"]
        assert wecom.shown_to(MEMBER)[0].replaced == "已确认"
        assert wecom.shown_to(COLLEAGUE)[0].replaced == ""

    play(act)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({}, 40063),
        ({"button": {}}, 42020),
        ({"userids": [], "button": {"replace_name": "好"}}, 82001),
        ({"template_card": {**card("t1"), "button_list": []}}, 40016),
        ({"template_card": card("t0")}, 42014),
    ],
)
def test_what_is_wrong_with_a_change(change: Fields, errcode: int) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        await client.card("t0", to=COLLEAGUE)
        code = (await client.card())["response_code"]
        assert (await client.update(code, **change))["errcode"] == errcode
        assert (await client.update(code, button={"replace_name": "好"}))["errcode"] == 0

    play(act)


# Files


@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        ("image", PNG, 0),
        ("image", b"GIF89a" + bytes(40), 40123),
        ("image", PNG + bytes(10 * 1024**2), 40009),
        ("voice", AMR, 0),
        ("voice", b"ID3" + bytes(40), 40004),
        ("voice", AMR[:6] + AMR[6:] * 61, 45007),
        ("voice", AMR + bytes(2 * 1024**2), 45001),
        ("file", b"%PDF-1.7", 0),
        ("file", b"12345", 40006),
        ("file", bytes(20 * 1024**2 + 1), 45001),
        ("poem", b"%PDF-1.7", 40005),
    ],
)
def test_what_may_be_uploaded(kind: str, data: bytes, errcode: int) -> None:
    assert play(lambda client, _: client.upload(kind, data))["errcode"] == errcode


def test_a_file_is_sent_by_its_number_for_three_days() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        data = b"\r\n--x\r\n%PDF\x00\xff\r\n"
        sent = await client.upload("file", data, '导出"一".pdf')
        content = {"media_id": sent["media_id"]}
        assert (await client.send("file", content))["errcode"] == 0
        (shown,) = wecom.shown_to(MEMBER)
        assert (shown.kind, shown.data) == ("file", data)
        assert (await client.send("image", content))["errcode"] == 40007
        wecom.clock.advance(3 * 24 * 3600)
        await client.login()
        assert (await client.send("file", content))["errcode"] == 40007
        assert (await client.get("media/get", **content)).json()["errcode"] == 40007

    play(act)


def test_what_members_send_is_fetched_whole_or_in_parts() -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        media_id = wecom.hold_media(b"0123456789", "名单.xlsx")
        whole = await client.get("media/get", media_id=media_id)
        assert whole.content == b"0123456789"
        (disposition,) = [v for k, v in whole.headers.raw if k.lower() == b"content-disposition"]
        assert disposition.decode() == 'attachment; filename="名单.xlsx"'
        url, query = f"{wecom.url}/cgi-bin/media/get", {"access_token": client.token}
        part = await client.http.get(
            url, params={**query, "media_id": media_id}, headers={"Range": "bytes=2-4"}
        )
        assert (part.status_code, part.content) == (206, b"234")
        assert part.headers["content-range"] == "bytes 2-4/10"
        big = wecom.hold_media(bytes(20 * 1024**2 + 1), "大.zip")
        assert (await client.get("media/get", media_id=big)).json()["errcode"] == 830002
        assert (await client.get("media/get", media_id="made-up")).json()["errcode"] == 40007

    play(act)


# The menu and the app

ENTRY = {"type": "click", "name": "今日", "key": "today"}


@pytest.mark.parametrize(
    ("entries", "errcode"),
    [
        ([ENTRY, {"name": "更多", "sub_button": [ENTRY] * 5}], 0),
        ([], 40016),
        ([ENTRY] * 4, 40016),
        ([{**ENTRY, "name": "今日拜访计划"}], 40018),
        ([{**ENTRY, "key": ""}], 40019),
        ([{**ENTRY, "type": "poem"}], 40017),
        ([{"type": "view", "name": "网页", "url": "web"}], 40020),
        ([{"name": "更多", "sub_button": [ENTRY] * 6}], 40023),
        ([{"name": "更多", "sub_button": [{**ENTRY, "name": "计" * 21}]}], 40025),
        ([{"name": "更多", "sub_button": [{**ENTRY, "key": "k" * 129}]}], 40026),
    ],
)
def test_what_a_menu_may_be(entries: list[Fields], errcode: int) -> None:
    async def act(client: Client, wecom: PlayedWeCom) -> None:
        answer = await client.post("menu/create", {"button": entries}, agentid=AGENT)
        assert answer["errcode"] == errcode
        now = (await client.get("menu/get", agentid=AGENT)).json()
        assert now.get("button") == (None if errcode else entries)

    play(act)


def test_the_app_says_who_may_see_it() -> None:
    answer = play(lambda client, _: client.get("agent/get", agentid=AGENT)).json()
    assert answer["name"] == "拜访助手"
    assert answer["allow_userinfos"] == {"user": [{"userid": MEMBER}, {"userid": COLLEAGUE}]}
    assert play(lambda client, _: client.get("agent/get", agentid=7)).json()["errcode"] == 40056
    assert play(lambda client, _: client.get("poem/get")).status_code == 404
