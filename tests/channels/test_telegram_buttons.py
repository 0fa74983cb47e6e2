"""Buttons in rows, and off again; the command menu; who is typing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import ChannelDownError, MenuItem, UnreachableError
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.library import keyboard
from bot.messages import Button
from tests.channels.telegram_server import Fault, PlayedTelegram, attempt, bad, with_server


def rows(*labels: str) -> list[list[str]]:
    made = keyboard([Button(label, "a.b") for label in labels])
    return [[button.text for button in row] for row in made.inline_keyboard] if made else []


def test_rows_of_buttons() -> None:
    assert rows() == []
    assert rows("确认", "修改", "取消") == [["确认", "修改", "取消"]]
    assert rows("确认", "修改", "取消", "以后再说") == [["确认", "修改", "取消"], ["以后再说"]]
    assert rows("好", "是王伟（心内科，市一医院）", "都不是") == [
        ["好"],
        ["是王伟（心内科，市一医院）"],
        ["都不是"],
    ]
    assert rows("上午九点到十点", "下午") == [["上午九点到十点", "下午"]]
    assert rows("长" * 70) == [["长" * 63 + "…"]]


@given(st.lists(st.text(min_size=1, max_size=70), max_size=20))
def test_rows_keep_the_order(labels: list[str]) -> None:
    made = rows(*labels)
    assert all(1 <= len(row) <= 3 for row in made)
    assert [text[:60] for row in made for text in row] == [label[:60] for label in labels]


def test_buttons_are_taken_off() -> None:
    _, server = attempt(lambda channel: channel.retire("501", "77"))
    assert server.sent("editMessageReplyMarkup") == [{"chat_id": "501", "message_id": "77"}]


@pytest.mark.parametrize(
    "words",
    ["message is not modified: same", "message to edit not found", "message can't be edited"],
)
def test_buttons_that_are_gone_already_are_fine(words: str) -> None:
    done, _ = attempt(
        lambda channel: channel.retire("501", "77"), bad("editMessageReplyMarkup", words)
    )
    assert done is None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (bad("editMessageReplyMarkup", "chat not found"), UnreachableError),
        (Fault("editMessageReplyMarkup", 500), ChannelDownError),
    ],
)
def test_other_trouble_with_taking_buttons_off_is_told(fault: Fault, kind: type) -> None:
    error, _ = attempt(lambda channel: channel.retire("501", "77"), fault)
    assert type(error) is kind


def test_typing_is_shown() -> None:
    _, server = attempt(lambda channel: channel.show_working("501"))
    assert server.sent("sendChatAction") == [{"chat_id": "501", "action": "typing"}]
    error, _ = attempt(lambda channel: channel.show_working("501"), Fault("sendChatAction", 500))
    assert isinstance(error, ChannelDownError)


def test_the_menu_of_one_chat_and_of_everybody() -> None:
    items = [
        MenuItem("/next", "下一个见谁"),
        MenuItem("/中文", "不行"),
        MenuItem("/a-b", "不行"),
        MenuItem("/Long", "长" * 300),
        MenuItem("/x", ""),
    ]

    async def offer(channel: TelegramChannel, _: PlayedTelegram) -> None:
        await channel.offer_menu("501", items)
        await channel.offer_menu(None, items[:1])

    one, everybody = with_server(offer).sent("setMyCommands")
    assert json.loads(one["scope"]) == {"type": "chat", "chat_id": 501}
    assert json.loads(everybody["scope"]) == {"type": "all_private_chats"}
    assert json.loads(one["commands"]) == [
        {"command": "next", "description": "下一个见谁"},
        {"command": "long", "description": "长" * 255 + "…"},
    ]
