"""What updates mean: who said what, in private chats only."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.updates import (
    KINDS,
    Called,
    Left,
    Me,
    Meaning,
    UnreadableUpdateError,
    query_of,
    read_update,
)
from bot.messages import Incoming, Media, MediaKind
from tests.channels.telegram_server import (
    BOT,
    GROUP,
    NOW,
    PERSON,
    SAID_AT,
    Fields,
    membership,
    message,
    press,
)

ME = Me(7, "RepMateBot")
FORWARDED = {
    "type": "user",
    "date": SAID_AT,
    "sender_user": {"id": 9, "is_bot": False, "first_name": "王"},
}
VOICE = {
    "file_id": "v1",
    "file_unique_id": "u",
    "duration": 7,
    "mime_type": "audio/ogg",
    "file_size": 900,
}
DOCUMENT = {
    "file_id": "d1",
    "file_unique_id": "u",
    "file_name": "名单.xlsx",
    "mime_type": "application/vnd.ms-excel",
    "file_size": 5,
}
PLACE = {"longitude": 121.4, "latitude": 31.2}
BIG = {"file_id": "p2", "file_unique_id": "u2", "width": 900, "height": 900}
SMALL = {"file_id": "p1", "file_unique_id": "u1", "width": 9, "height": 9}
VIDEO = {**BIG, "duration": 3}


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `open_telegram` has it."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def read(me: Me | None = ME, **update: Any) -> Meaning:
    return read_update({"update_id": 1, **update}, me, NOW)


def heard(**more: Any) -> Incoming:
    meaning = read(message=message(**more))
    assert isinstance(meaning, Incoming)
    return meaning


def test_words_in_a_private_chat() -> None:
    assert heard(text="今天见了王主任") == Incoming(
        channel="telegram",
        id="501:11",
        account="501",
        at=datetime.fromtimestamp(SAID_AT, UTC),
        text="今天见了王主任",
        chat="501",
    )


def test_what_no_database_takes_is_dropped() -> None:
    assert heard(text="好\u0000的\ud83d").text == "好的"


def test_a_changed_message_names_the_first() -> None:
    changed = read(edited_message=message("改成三十分钟", edit_date=SAID_AT + 60))
    assert isinstance(changed, Incoming)
    assert (changed.id, changed.edits) == ("501:11:e1", "501:11")
    assert changed.at == datetime.fromtimestamp(SAID_AT + 60, UTC)
    assert (changed.text, changed.chat, changed.account) == ("改成三十分钟", "501", "501")


def test_a_place_that_moves_on_is_not_a_change_of_words() -> None:
    assert read(edited_message=message(location=PLACE, edit_date=SAID_AT + 5)) is None


def test_a_pressed_button() -> None:
    pressed = read(callback_query=press("note.confirm:12"))
    assert pressed == Incoming(
        channel="telegram",
        id="c990",
        account="501",
        at=NOW,
        press="note.confirm:12",
        chat="501",
        pressed_on="77",
    )
    assert query_of(pressed) == "990"
    assert query_of(heard(text="c")) is None


def test_a_button_of_a_message_too_old_to_be_shown_counts() -> None:
    old = {"chat": message()["chat"], "message_id": 77, "date": 0}
    pressed = read(callback_query=press("note.confirm", message=old))
    assert isinstance(pressed, Incoming)
    assert (pressed.pressed_on, pressed.chat) == ("77", "501")


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (
            {"voice": VOICE},
            Media(MediaKind.VOICE, "v1", type="audio/ogg", size=900, seconds=7),
        ),
        (
            {"voice": VOICE, "forward_origin": FORWARDED},
            Media(MediaKind.RECORDING, "v1", type="audio/ogg", size=900, seconds=7),
        ),
        (
            {"audio": {**VOICE, "file_name": "会.mp3", "mime_type": "audio/mpeg"}},
            Media(MediaKind.RECORDING, "v1", "会.mp3", "audio/mpeg", 900, 7),
        ),
        (
            {"video_note": {"file_id": "n1", "file_unique_id": "u", "duration": 4, "length": 240}},
            Media(MediaKind.RECORDING, "n1", type="video/mp4", seconds=4),
        ),
        (
            {"document": {**DOCUMENT, "file_name": "a.amr", "mime_type": "audio/amr"}},
            Media(MediaKind.RECORDING, "d1", "a.amr", "audio/amr", 5),
        ),
        (
            {"document": DOCUMENT},
            Media(MediaKind.FILE, "d1", "名单.xlsx", "application/vnd.ms-excel", 5),
        ),
        (
            {"document": {"file_id": "d2", "file_unique_id": "u"}},
            Media(MediaKind.FILE, "d2"),
        ),
        ({"photo": [SMALL, BIG]}, Media(MediaKind.OTHER, "p2", "图片")),
        ({"video": VIDEO}, Media(MediaKind.OTHER, "p2", "视频")),
        ({"animation": VIDEO, "document": DOCUMENT}, Media(MediaKind.OTHER, "p2", "动图")),
        ({"location": PLACE}, Media(MediaKind.OTHER, "", "位置")),
        (
            {"location": PLACE, "venue": {"location": PLACE, "title": "医院", "address": "路"}},
            Media(MediaKind.OTHER, "", "位置"),
        ),
        (
            {"contact": {"phone_number": "1", "first_name": "王"}},
            Media(MediaKind.OTHER, "", "名片"),
        ),
        (
            {"game": {"title": "x", "description": "y", "photo": [BIG]}},
            Media(MediaKind.OTHER, "", "游戏"),
        ),
        ({"dice": {"value": 1, "emoji": "🎲"}}, Media(MediaKind.OTHER, "", "表情")),
        (
            {
                "sticker": {
                    **SMALL,
                    "is_animated": False,
                    "is_video": False,
                    "type": "regular",
                }
            },
            Media(MediaKind.OTHER, "p1", "表情"),
        ),
        (
            {
                "poll": {
                    "id": "1",
                    "question": "?",
                    "options": [],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": True,
                    "type": "regular",
                    "allows_multiple_answers": False,
                    "allows_revoting": False,
                    "members_only": False,
                }
            },
            Media(MediaKind.OTHER, "", "投票"),
        ),
    ],
)
def test_what_came_along(content: Fields, media: Media) -> None:
    assert heard(**content).media == media


def test_a_caption_is_text() -> None:
    incoming = heard(document=DOCUMENT, caption="本月名单")
    assert incoming.text == "本月名单"
    assert incoming.media is not None


@pytest.mark.filterwarnings("ignore:.*timedelta")
@pytest.mark.parametrize("style", ["true", "false"])
def test_durations_of_either_kind(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", style)
    incoming = heard(voice=VOICE)
    assert incoming.media is not None
    assert incoming.media.seconds == 7.0


@pytest.mark.parametrize(
    "update",
    [
        {"message": {**message("我也是机器人"), "from": {**PERSON, "is_bot": True}}},
        {"message": message(pinned_message=message("旧的"))},
        {"message": message(new_chat_title="新")},
        {"message": message()},
        {"edited_message": message("群里改的", chat=GROUP, edit_date=SAID_AT)},
        {"callback_query": press("a.b", message=message("卡", chat=GROUP))},
        {"callback_query": press("a.b", message=None, inline_message_id="1")},
        {"my_chat_member": membership("member")},
        {"my_chat_member": membership("kicked", GROUP)},
        {"channel_post": message("公告", chat={"id": -100, "type": "channel"})},
        {"message": message("公告", chat={"id": -100, "type": "channel"})},
        {"message_reaction": {}},
        {},
    ],
)
def test_what_concerns_nobody(update: Fields) -> None:
    assert read(**update) is None


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_a_person_who_blocks_has_left(status: str) -> None:
    assert read(my_chat_member=membership(status)) == Left("501")


def entity(kind: str, offset: int, length: int, **more: Any) -> Fields:
    return {"type": kind, "offset": offset, "length": length, **more}


CALLS: list[Fields] = [
    {"text": "😀 @repmatebot 在吗", "entities": [entity("mention", 3, 11)]},
    {"text": "/next@RepMateBot", "entities": [entity("bot_command", 0, 16)]},
    {"text": "助手 在吗", "entities": [entity("text_mention", 0, 2, user=BOT)]},
    {
        "caption": "@RepMateBot 看",
        "caption_entities": [entity("mention", 0, 11)],
        "photo": [BIG],
    },
    {"text": "好", "reply_to_message": message("群里不谈", 3, chat=GROUP, **{"from": BOT})},
]


@pytest.mark.parametrize("words", CALLS)
def test_called_in_a_group(words: Fields) -> None:
    assert read(message=message(chat=GROUP, **words)) == Called("-9")
    assert read(message=message(chat={**GROUP, "type": "group"}, **words)) == Called("-9")


@pytest.mark.parametrize(
    "words",
    [
        {"text": "王主任今天不在"},
        {"text": "@repmatebot2 在吗", "entities": [entity("mention", 0, 12)]},
        {"text": "/next", "entities": [entity("bot_command", 0, 5)]},
        {"text": "@RepMateBot", "entities": []},
        {"text": "小李", "entities": [entity("text_mention", 0, 2, user=PERSON)]},
        {"text": "好", "reply_to_message": message("?", 3, chat=GROUP)},
    ],
)
def test_talk_in_a_group_is_not_heard(words: Fields) -> None:
    assert read(message=message(chat=GROUP, **words)) is None


def test_a_server_that_knows_no_username() -> None:
    by_name, by_id = message(chat=GROUP, **CALLS[0]), message(chat=GROUP, **CALLS[2])
    assert read(Me(7), message=by_name) is None
    assert read(Me(7), message=by_id) == Called("-9")
    assert read(None, message=by_id) is None


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"text": "没有编号"}},
        {"message": message("日期太远", date=10**18)},
        {"message": "不是对象"},
        {"message": message("x", entities=[{"type": "mention"}])},
        {"callback_query": {"id": "1"}},
        {"my_chat_member": {"chat": {}}},
    ],
)
def test_an_unreadable_update_says_nothing_of_itself(update: Fields) -> None:
    with pytest.raises(UnreadableUpdateError) as caught:
        read(**update)
    assert caught.value.args == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    sorted({*message("x", voice=VOICE, document=DOCUMENT, entities=[], photo=[], edit_date=1)})
)


@given(st.sampled_from(KINDS), st.dictionaries(FIELDS, VALUES, max_size=3))
def test_any_shape_is_read_or_unreadable(kind: str, broken: Fields) -> None:
    try:
        meaning = read(ME, **{str(kind): {**message("好"), **broken}})
    except UnreadableUpdateError:
        return
    assert meaning is None or isinstance(meaning, Incoming | Called | Left)
