"""What a callback's fields mean: every kind of message, every event, and what makes no sense."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.messages import (
    Clicked,
    Entered,
    Left,
    Meaning,
    read_message,
)
from bot.messages import Incoming, Media, MediaKind

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
SAID_AT = 1793698800
HEAD = {
    "ToUserName": "wwcorp",
    "FromUserName": "chenjing",
    "CreateTime": str(SAID_AT),
    "AgentID": "1000002",
}


def read(**fields: Any) -> Meaning:
    return read_message({**HEAD, **fields}, NOW)


def said(kind: str, **fields: Any) -> Incoming:
    meaning = read(MsgType=kind, MsgId="4711", **fields)
    assert isinstance(meaning, Incoming)
    return meaning


def pressed(**fields: Any) -> Meaning:
    basic = {
        "Event": "template_card_event",
        "EventKey": "note.confirm:1",
        "TaskId": "c1",
        "ResponseCode": "r1",
    }
    return read(MsgType="event", **{**basic, **fields})


def test_a_text() -> None:
    at = datetime.fromtimestamp(SAID_AT, UTC)
    assert said("text", Content="见了陆主任") == Incoming(
        "wecom", "m4711", "chenjing", at, text="见了陆主任", chat="chenjing"
    )


@pytest.mark.parametrize(
    ("kind", "fields", "media"),
    [
        (
            "voice",
            {"MediaId": "v1", "Format": "amr"},
            Media(MediaKind.VOICE, "v1", name="voice.amr", type="audio/amr"),
        ),
        (
            "voice",
            {"MediaId": "v1", "Format": "SPEEX"},
            Media(MediaKind.VOICE, "v1", name="voice.speex", type="audio/speex"),
        ),
        ("voice", {}, Media(MediaKind.VOICE, "", name="voice.amr", type="audio/amr")),
        ("image", {"PicUrl": "http://p", "MediaId": "i1"}, Media(MediaKind.OTHER, "i1", "图片")),
        ("video", {"MediaId": "d1", "ThumbMediaId": "t"}, Media(MediaKind.OTHER, "d1", "视频")),
        ("shortvideo", {"MediaId": "d1"}, Media(MediaKind.OTHER, "d1", "视频")),
        (
            "location",
            {"Location_X": "30.2", "Location_Y": "120.1", "Scale": "15", "Label": "东院"},
            Media(MediaKind.OTHER, "", "位置"),
        ),
        (
            "link",
            {"Title": "题", "Description": "文", "Url": "http://u", "PicUrl": "http://p"},
            Media(MediaKind.OTHER, "", "链接"),
        ),
        (
            "file",
            {"MediaId": "f1", "FileName": "名单.xlsx"},
            Media(MediaKind.FILE, "f1", "名单.xlsx"),
        ),
        ("file", {"MediaId": "f1", "Title": "名单.xlsx"}, Media(MediaKind.FILE, "f1", "名单.xlsx")),
        ("file", {"MediaId": "f1"}, Media(MediaKind.FILE, "f1", "")),
        ("FILE", {"MediaId": "f1"}, Media(MediaKind.FILE, "f1", "")),
    ],
)
def test_what_is_no_words(kind: str, fields: dict[str, str], media: Media) -> None:
    incoming = said(kind, **fields)
    assert (incoming.media, incoming.text, incoming.id) == (media, "", "m4711")


def test_a_pressed_button() -> None:
    meaning = pressed()
    assert isinstance(meaning, Clicked)
    assert (meaning.card, meaning.code) == ("c1", "r1")
    incoming = meaning.incoming
    assert (incoming.press, incoming.pressed_on, incoming.text) == ("note.confirm:1", "c1", "")
    assert (incoming.account, incoming.chat) == ("chenjing", "chenjing")


def test_the_menu() -> None:
    meaning = read(MsgType="event", Event="click", EventKey="/next")
    assert isinstance(meaning, Incoming)
    assert (meaning.text, meaning.press, meaning.media) == ("/next", None, None)
    loud = read(MsgType="event", Event="CLICK", EventKey="/next")
    assert isinstance(loud, Incoming)
    assert loud.text == "/next"


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        ("enter_agent", Entered("chenjing")),
        ("subscribe", Entered("chenjing")),
        ("unsubscribe", Left("chenjing")),
        ("Unsubscribe", Left("chenjing")),
    ],
)
def test_comings_and_goings(event: str, meaning: Meaning) -> None:
    assert read(MsgType="event", Event=event, EventKey="") == meaning


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MsgType": "text"},
        {"MsgType": "text", "Content": None},
        {"MsgType": "text", "Content": ["a", "b"]},
        {"MsgType": "text", "Content": {"b": "c"}},
        {"MsgType": "text", "Content": "\0"},
        {"MsgType": "poem"},
        {"MsgType": "event"},
        {"MsgType": "event", "Event": "poem"},
        {"MsgType": "event", "Event": "view", "EventKey": "http://u"},
        {"MsgType": "event", "Event": "click"},
        {"MsgType": "event", "Event": "click", "EventKey": "today"},
        {"MsgType": "event", "Event": ["click", "click"], "EventKey": "/next"},
        {"MsgType": "event", "Event": "LOCATION", "Latitude": "1"},
        {"MsgType": "event", "Event": "batch_job_result"},
        {"MsgType": "event", "Event": "inactive_alert"},
        {"MsgType": ["text", "text"], "Content": None},
        {"MsgType": "text", "Content": "好", "FromUserName": ""},
        {"MsgType": "text", "Content": "好", "FromUserName": None},
        {"MsgType": "text", "Content": "好", "FromUserName": ["a", "b"]},
        {"MsgType": "event", "Event": "enter_agent", "FromUserName": ""},
    ],
)
def test_what_concerns_nobody(fields: dict[str, Any]) -> None:
    assert read(MsgId="1", **fields) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"EventKey": ""},
        {"EventKey": "-"},
        {"EventKey": "k" * 65},
        {"EventKey": "按" * 22},
        {"TaskId": "c" * 65},
        {"EventKey": None},
    ],
)
def test_a_press_that_is_none(fields: dict[str, Any]) -> None:
    assert pressed(**fields) is None


def test_a_press_on_a_card_without_a_name() -> None:
    meaning = pressed(TaskId="", ResponseCode=None)
    assert isinstance(meaning, Clicked)
    assert (meaning.incoming.pressed_on, meaning.card, meaning.code) == (None, "", "")


@pytest.mark.parametrize(
    "time", ["", "x", "1e9", "-", "9" * 30, "9" * 5000, "-99999999999999", None, ["1", "2"]]
)
def test_a_time_that_makes_no_sense_is_now(time: Any) -> None:
    assert said("text", Content="好", CreateTime=time).at == NOW


def test_half_characters_and_nul_are_dropped() -> None:
    assert said("text", Content="好\ud800的\0").text == "好的"
    assert said("file", MediaId="f\0", FileName="名\ud800.txt").media == Media(
        MediaKind.FILE, "f", "名.txt"
    )


# Ids


def id_of(meaning: Meaning) -> str:
    incoming = meaning.incoming if isinstance(meaning, Clicked) else meaning
    assert isinstance(incoming, Incoming)
    assert len(incoming.id) <= 101
    return incoming.id


def test_repeated_by_wecom_it_has_the_same_id() -> None:
    assert id_of(pressed()) == id_of(pressed())
    assert said("text", Content="好").id == said("text", Content="好").id


@pytest.mark.parametrize(
    "fields",
    [
        {"EventKey": "note.change:1"},
        {"TaskId": "c2"},
        {"ResponseCode": "r2"},
        {"CreateTime": str(SAID_AT + 1)},
        {"FromUserName": "wangfang"},
    ],
)
def test_two_events_in_one_second_are_two(fields: dict[str, str]) -> None:
    meaning = pressed(**fields)
    assert id_of(meaning) != id_of(pressed())


def test_a_message_and_an_event_never_have_the_same_id() -> None:
    assert id_of(pressed(MsgId="4711")) != said("text", Content="好").id
    assert id_of(pressed(MsgId="4711")) == id_of(pressed(MsgId="4712"))


def test_a_message_without_an_id_gets_one_by_its_time() -> None:
    one, other = read(MsgType="text", Content="一"), read(MsgType="text", Content="二")
    assert id_of(one).startswith("e")
    assert id_of(one) != id_of(other)


def test_a_long_id_fits_a_row() -> None:
    assert len(id_of(read(MsgType="text", Content="好", MsgId="9" * 5000))) == 101


NAMES = ["FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "MediaId", "Format"]
NAMES += ["FileName", "Title", "Event", "EventKey", "TaskId", "ResponseCode", "AgentID"]
KNOWN = ["text", "voice", "file", "image", "event", "click", "template_card_event", "enter_agent"]
VALUES = st.none() | st.text() | st.sampled_from(KNOWN) | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_fields_break_it(fields: dict[str, Any]) -> None:
    read_message(fields, NOW)
    read(**fields)
