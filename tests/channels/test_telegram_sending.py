"""Sending: texts in parts, buttons, files, changes in place, and what each refusal means."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.channel import (
    ChannelDownError,
    ChannelError,
    MovedError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.channels.splitting import utf16_units
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.library import TelegramConfig
from bot.messages import Attachment, Button, Reply
from tests.channels.telegram_server import (
    TOKEN,
    Fault,
    PlayedTelegram,
    bad,
    channel_to,
    played_telegram,
    send,
)

YES, NO = Button("确认", "note.confirm:1"), Button("取消", "note.cancel:1")
CARD = Reply("请确认", (YES, NO))


def test_words() -> None:
    sent, server = send(Reply("好的，记下了。"))
    assert sent == "1"
    assert server.sent("sendMessage") == [{"chat_id": "501", "text": "好的，记下了。"}]


def test_buttons() -> None:
    _, server = send(CARD)
    (card,) = server.sent("sendMessage")
    assert json.loads(card["reply_markup"]) == {
        "inline_keyboard": [
            [
                {"text": "确认", "callback_data": "note.confirm:1"},
                {"text": "取消", "callback_data": "note.cancel:1"},
            ]
        ]
    }


def test_a_long_text_in_parts_with_the_buttons_under_the_last() -> None:
    text = "\n\n".join(f"第{number}段" + "很长😀" * 300 for number in range(12))
    sent, server = send(Reply(text, (YES,)))
    parts = server.sent("sendMessage")
    assert len(parts) == 4
    assert sent == "4"
    assert all(utf16_units(part["text"]) <= 4096 for part in parts)
    assert "\n\n".join(part["text"] for part in parts) == text
    assert ["reply_markup" in part for part in parts] == [False, False, False, True]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Attachment]:
    """A picture, a table, and a picture too large for one."""
    contents = {"图.png": b"\x89PNG", "表.xlsx": b"PK", "大.png": b"x" * 10_000_001}
    types = {"png": "image/png", "xlsx": "application/vnd.ms-excel"}
    found = {}
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        found[name] = Attachment(name, path, types[path.suffix[1:]])
    return found


def uploads(server: PlayedTelegram) -> list[tuple[str, str, bytes]]:
    return [
        (call.method, upload["filename"], upload["data"][:4])
        for call in server.calls
        for upload in call.uploads.values()
    ]


def test_files_follow_the_text(files: dict[str, Attachment]) -> None:
    sent, server = send(Reply("给您", (YES,), (files["图.png"], files["表.xlsx"])))
    assert uploads(server) == [
        ("sendPhoto", "图.png", b"\x89PNG"),
        ("sendDocument", "表.xlsx", b"PK"),
    ]
    assert [call.method for call in server.calls][1:] == [
        "sendMessage",
        "sendPhoto",
        "sendDocument",
    ]
    assert sent == "1", "the message with the buttons"
    without, _ = send(Reply("给您", (), (files["图.png"],)))
    assert without == "2", "the last one"


def test_a_file_alone_carries_the_buttons(files: dict[str, Attachment]) -> None:
    sent, server = send(Reply("", (YES,), (files["图.png"], files["表.xlsx"])))
    assert sent == "2"
    assert "reply_markup" not in server.sent("sendPhoto")[0]
    assert "reply_markup" in server.sent("sendDocument")[0]


def test_a_picture_that_telegram_cannot_show_goes_as_a_file(files: dict[str, Attachment]) -> None:
    _, refused = send(
        Reply("", (), (files["图.png"],)), bad("sendPhoto", "PHOTO_INVALID_DIMENSIONS")
    )
    assert uploads(refused) == [("sendDocument", "图.png", b"\x89PNG")]
    _, large = send(Reply("", (), (files["大.png"],)))
    assert uploads(large) == [("sendDocument", "大.png", b"xxxx")]


def test_nothing_is_sent_when_a_file_is_missing(tmp_path: Path) -> None:
    error, server = send(Reply("给您", (), (Attachment("a", tmp_path / "a", "text/plain"),)))
    assert isinstance(error, RefusedError)
    assert error.reason == "no_file"
    assert server.texts == []


def test_a_file_larger_than_telegram_takes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    error, server = send(Reply("给您", (), (Attachment("a", path, "text/plain"),)))
    assert (type(error), error.reason, server.texts) == (RefusedError, "too_large", [])


@pytest.mark.parametrize("text", ["", " \n", "\ud800"])
def test_nothing_to_say_is_refused(text: str) -> None:
    error, _ = send(Reply(text, (YES,)))
    assert isinstance(error, RefusedError)


def test_half_characters_are_dropped() -> None:
    _, server = send(Reply("好\ud83d的"))
    assert server.texts == ["好的"]


def test_a_card_is_changed_in_place() -> None:
    sent, server = send(Reply("已确认", (NO,)), over="77")
    assert sent == "77"
    (edit,) = server.sent("editMessageText")
    assert (edit["chat_id"], edit["message_id"], edit["text"]) == ("501", "77", "已确认")
    assert "note.cancel:1" in edit["reply_markup"]
    assert server.texts == []


def test_a_change_to_the_same_is_fine() -> None:
    fault = bad("editMessageText", "message is not modified: specified new message content")
    sent, server = send(CARD, fault, over="77")
    assert (sent, server.texts) == ("77", [])


@pytest.mark.parametrize(
    "words",
    [
        "message can't be edited",
        "message to edit not found",
        "MESSAGE_ID_INVALID",
        "there is no text in the message to edit",
    ],
)
def test_a_card_that_cannot_be_changed_is_sent_anew(words: str) -> None:
    sent, server = send(CARD, bad("editMessageText", words), over="77")
    assert (sent, server.texts) == ("1", ["请确认"])
    assert "reply_markup" in server.sent("sendMessage")[0]


def test_what_is_too_long_for_a_change_is_sent_anew(files: dict[str, Attachment]) -> None:
    _, server = send(Reply("很长" * 3000, (YES,)), over="77")
    assert (len(server.texts), server.sent("editMessageText")) == (2, [])
    sent, changed = send(Reply("图", (YES,), (files["图.png"],)), over="77")
    assert sent == "77"
    assert [call.method for call in changed.calls][1:] == ["editMessageText", "sendPhoto"]


def test_a_change_meets_the_same_errors() -> None:
    error, _ = send(CARD, Fault("editMessageText", 403, "Forbidden: bot was blocked"), over="77")
    assert isinstance(error, UnreachableError)


SEND = "sendMessage"


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (
            Fault(SEND, 403, "Forbidden: bot was blocked by the user"),
            UnreachableError,
            "blocked",
        ),
        (
            Fault(SEND, 403, "Forbidden: bot can't initiate conversation with a user"),
            UnreachableError,
            "blocked",
        ),
        (Fault(SEND, 403, "Forbidden: user is deactivated"), UnreachableError, "gone"),
        (
            Fault(SEND, 403, "Forbidden: bot was kicked from the group chat"),
            UnreachableError,
            "gone",
        ),
        (bad(SEND, "chat not found"), UnreachableError, "gone"),
        (bad(SEND, "PEER_ID_INVALID"), UnreachableError, "gone"),
        (bad(SEND, "BUTTON_DATA_INVALID"), RefusedError, "refused"),
        (Fault(SEND, 413, "Request Entity Too Large"), RefusedError, "too_large"),
        (Fault(SEND, 401, "Unauthorized"), ChannelDownError, "token"),
        (Fault(SEND, 404, "Not Found"), ChannelDownError, "token"),
        (Fault(SEND, 409, "Conflict"), ChannelDownError, "conflict"),
        (Fault(SEND, 500), ChannelDownError, "network"),
        (Fault(SEND, 502, body="<html>"), ChannelDownError, "network"),
        (Fault(SEND, 200, body="<html>"), ChannelDownError, "network"),
    ],
)
def test_what_an_error_means(fault: Fault, kind: type[ChannelError], reason: str) -> None:
    error, _ = send(Reply("好的"), fault)
    assert (type(error), error.reason) == (kind, reason)


def test_how_long_to_wait() -> None:
    flood = Fault(SEND, 429, "Too Many Requests: retry after 17", {"retry_after": 17})
    error, _ = send(Reply("好的"), flood)
    assert (type(error), error.seconds) == (SlowDownError, 17.0)


def test_where_a_chat_moved() -> None:
    moved = Fault(SEND, 400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100})
    error, _ = send(Reply("好的"), moved)
    assert (type(error), error.chat) == (MovedError, "-100")


def test_a_server_that_does_not_answer() -> None:
    async def play() -> str:
        async with played_telegram() as server, channel_to(server, read_seconds=0.1) as channel:
            server.faults = [Fault(SEND, late=60)]
            with pytest.raises(ChannelDownError) as caught:
                await channel.send("501", Reply("好的"))
            return caught.value.reason

    assert asyncio.run(play()) == "timeout"


def test_no_server() -> None:
    async def play() -> None:
        channel = TelegramChannel(TelegramConfig(TOKEN, "http://127.0.0.1:9"))
        for act in (channel.open(), channel.send("501", Reply("好的"))):
            with pytest.raises(ChannelDownError, match="network"):
                await act
        await channel.close()

    asyncio.run(play())


def test_sending_works_though_opening_failed() -> None:
    async def play() -> None:
        async with played_telegram() as server:
            server.faults = [Fault("getMe", 500)]
            channel = TelegramChannel(TelegramConfig(TOKEN, server.url))
            with pytest.raises(ChannelDownError):
                await channel.open()
            assert await channel.send("501", Reply("好的")) == "1"
            await channel.open()
            await channel.close()

    asyncio.run(play())
