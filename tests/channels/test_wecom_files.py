"""Files both ways: sent as a picture or a file and laid there once; fetched whole or not at all."""

from pathlib import Path
from typing import Any

import pytest

from bot.channel import (
    ChannelDownError,
    ChannelError,
    MediaGoneError,
    MenuItem,
    RefusedError,
)
from bot.channels.wecom.api import DOWNLOAD_BYTES
from bot.channels.wecom.files import FILE_BYTES, IMAGE_BYTES
from bot.messages import Attachment, Media, MediaKind, Reply
from tests.channels.wecom_app_stage import CONFIRM, Stage, play
from tests.channels.wecom_server import COLLEAGUE, MEMBER, Trouble

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
TABLE = b"PK\x03\x04" + bytes(40)


def file(folder: Path, name: str, content: bytes | int) -> Attachment:
    """A file on this machine: its bytes, or how many there are."""
    path = folder / f"{len(list(folder.iterdir()))}.bin"
    if isinstance(content, int):
        with path.open("wb") as sparse:
            sparse.truncate(content)
    else:
        path.write_bytes(content)
    return Attachment(name, path, "application/octet-stream")


# Out


KINDS: list[tuple[str, bytes | int, str]] = [
    ("图.png", PNG, "image"),
    ("照片.jpg", JPEG, "image"),
    ("没有名字的图", PNG, "image"),
    ("其实是表.png", TABLE, "file"),
    ("动图.gif", b"GIF89a" + bytes(40), "file"),
    ("表.xlsx", TABLE, "file"),
    ("最小.txt", b"123456", "file"),
    ("大.png", PNG + bytes(IMAGE_BYTES), "file"),
    ("最大.zip", FILE_BYTES, "file"),
]


def test_pictures_show_and_the_rest_are_files(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        for name, content, kind in KINDS:
            sent = file(tmp_path, name, content)
            await stage.send(Reply(f"给您{name}", (), (sent,)), name)
            text, shown = stage.wecom.shown_to(MEMBER)[-2:]
            assert (text.text, shown.kind, shown.name) == (f"给您{name}", kind, name)
            assert shown.data == sent.path.read_bytes()

    play(act)


ODD_NAMES = ["名 单.xlsx", '导出"一".pdf', "a;b=c.txt", "换\n行\r.txt", "反\\斜.txt", "100%.txt"]
ODD_NAMES += ["😀.txt", "坏\ud800.txt", "\0.txt", "好" * 300 + ".txt", "../../etc/passwd.txt"]


def test_any_name_arrives(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        for number, name in enumerate(ODD_NAMES):
            await stage.send(Reply("", (), (file(tmp_path, name, TABLE),)), f"k{number}")
            shown = stage.wecom.shown_to(MEMBER)[-1]
            assert shown.data == TABLE
            assert "\n" not in shown.name
            assert shown.name.rpartition(".")[2] == name.rpartition(".")[2]
        await stage.send(Reply("", (), (file(tmp_path, "", TABLE),)), "none")
        assert stage.wecom.shown_to(MEMBER)[-1].name

    play(act)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(FILE_BYTES + 1, "too_large"), (b"12345", "empty"), (b"", "empty"), (None, "no_file")],
)
def test_nothing_is_sent_when_a_file_cannot_be(
    content: bytes | int | None, reason: str, tmp_path: Path
) -> None:
    good = file(tmp_path, "好.txt", TABLE)
    bad = file(tmp_path, "坏.txt", content or b"")
    if content is None:
        bad.path.unlink()

    async def act(stage: Stage) -> None:
        error = await stage.tries(Reply("给您", (), (good, bad)))
        assert (type(error), str(error)) == (RefusedError, reason)
        assert not stage.wecom.calls

    play(act)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    folder = Attachment("夹", tmp_path, "text/plain")
    error = play(lambda stage: stage.tries(Reply("给您", (), (folder,))))
    assert (type(error), str(error)) == (RefusedError, "no_file")


def test_files_follow_the_card(tmp_path: Path) -> None:
    files = (file(tmp_path, "图.png", PNG), file(tmp_path, "表.xlsx", TABLE))

    async def act(stage: Stage) -> None:
        sent = await stage.send(Reply("给您", (CONFIRM,), files))
        card, *rest = stage.wecom.shown_to(MEMBER)
        assert (card.kind, card.task_id) == ("card", sent)
        assert [shown.name for shown in rest] == ["图.png", "表.xlsx"]
        last = await stage.send(Reply("给您", (), files), "k2")
        assert stage.wecom.shown_to(MEMBER)[-1].msgid == last

    play(act)


def test_the_same_file_is_laid_there_once_for_everybody(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        other = stage.start()
        first, again = file(tmp_path, "表.xlsx", TABLE), file(tmp_path, "表.xlsx", TABLE)
        await stage.send(Reply("", (), (first,)))
        await stage.send(Reply("", (), (again,)), "k2", to=COLLEAGUE)
        await other.send(MEMBER, Reply("", (), (again,)), key="k3")
        assert stage.wecom.count("media/upload") == 1
        assert len(stage.wecom.shown_to(MEMBER)) == 2
        for changed in (file(tmp_path, "别.xlsx", TABLE), file(tmp_path, "表.xlsx", TABLE + b"1")):
            await stage.send(Reply("", (), (changed,)), changed.path.name)
        assert stage.wecom.count("media/upload") == 3

    play(act)


def test_a_file_is_laid_there_anew_before_it_is_too_old(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        sent = file(tmp_path, "表.xlsx", TABLE)
        for day in range(5):
            await stage.send(Reply("", (), (sent,)), f"k{day}")
            stage.wecom.clock.advance(24 * 3600)
        assert stage.wecom.count("media/upload") == 3
        assert len(stage.wecom.shown_to(MEMBER)) == 5
        assert not [call for call in stage.wecom.calls if call.errcode == 40007]

    play(act)


def test_a_file_that_wecom_forgot_is_laid_there_again(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        sent = file(tmp_path, "表.xlsx", TABLE)
        await stage.send(Reply("", (), (sent,)))
        stage.wecom.media.held.clear()
        await stage.send(Reply("", (), (sent,)), "k2")
        assert stage.wecom.count("media/upload") == 2
        assert [shown.data for shown in stage.wecom.shown_to(MEMBER)] == [TABLE] * 2

    play(act)


@pytest.mark.parametrize("path", ["media/upload", "message/send"])
def test_a_file_is_shown_once_through_trouble(path: str, tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        for kind in (Trouble.LOST, Trouble.DROP, Trouble.ERROR):
            reply = Reply("", (), (file(tmp_path, kind.name, TABLE),))
            stage.wecom.trouble(kind, path)
            assert isinstance(await stage.tries(reply, kind.name), ChannelDownError)
            assert await stage.tries(reply, kind.name) is None
        names = [shown.name for shown in stage.wecom.shown_to(MEMBER)]
        assert names == ["LOST", "DROP", "ERROR"]

    play(act)


@pytest.mark.parametrize("code", [40004, 40009, 45001])
def test_a_file_that_wecom_does_not_like_is_refused(code: int, tmp_path: Path) -> None:
    async def act(stage: Stage) -> ChannelError | None:
        stage.wecom.refuse(code, "media/upload")
        return await stage.tries(Reply("", (), (file(tmp_path, "表.xlsx", TABLE),)))

    error = play(act)
    assert (type(error), str(error)) == (RefusedError, "too_large")


# In


def fetch(
    tmp_path: Path, content: bytes, *, size: int | None = None, **how: object
) -> tuple[ChannelError | None, list[Path]]:
    """What comes of fetching something that a member sent, and what lies in the folder then."""

    async def act(stage: Stage) -> ChannelError | None:
        ref = "" if how.get("no_ref") else stage.wecom.hold_media(content, "名单.xlsx")
        if how.get("forgotten"):
            stage.wecom.media.held.clear()
        if isinstance(trouble := how.get("trouble"), Trouble):
            stage.wecom.trouble(trouble, "media/get")
        if isinstance(code := how.get("code"), int):
            stage.wecom.refuse(code, "media/get")
        media = Media(MediaKind.FILE, ref, name="名单.xlsx", size=size)
        try:
            await stage.channel.fetch(media, tmp_path / "in.xlsx")
        except ChannelError as error:
            return error
        return None

    error = play(act, answer_seconds=0.3)
    return error, list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [TABLE, b'{"errcode": 0}', b"x" * DOWNLOAD_BYTES])
def test_what_was_sent_is_fetched(content: bytes, tmp_path: Path) -> None:
    error, found = fetch(tmp_path, content)
    assert error is None
    assert [path.read_bytes() for path in found] == [content]


@pytest.mark.parametrize("how", [{"no_ref": True}, {"forgotten": True}, {"code": 41006}])
def test_what_is_gone_is_gone(how: dict[str, Any], tmp_path: Path) -> None:
    error, found = fetch(tmp_path, TABLE, **how)
    assert (type(error), str(error), found) == (MediaGoneError, "gone", [])


def test_what_is_said_to_be_too_large_is_not_asked_for(tmp_path: Path) -> None:
    error, found = fetch(tmp_path, TABLE, size=DOWNLOAD_BYTES + 1)
    assert (type(error), str(error), found) == (MediaGoneError, "too_large", [])


def test_what_is_too_large_is_never_fetched(tmp_path: Path) -> None:
    error, found = fetch(tmp_path, bytes(DOWNLOAD_BYTES + 1))
    assert (type(error), str(error), found) == (MediaGoneError, "too_large", [])


@pytest.mark.parametrize("kind", [Trouble.DROP, Trouble.LOST, Trouble.ERROR, Trouble.GARBAGE])
def test_what_may_work_later_leaves_nothing_behind(kind: Trouble, tmp_path: Path) -> None:
    error, found = fetch(tmp_path, TABLE, trouble=kind)
    assert isinstance(error, ChannelDownError)
    assert found == []


@pytest.mark.parametrize("code", [-1, 45009, 60020])
def test_what_is_refused_for_now_may_work_later(code: int, tmp_path: Path) -> None:
    error, found = fetch(tmp_path, TABLE, code=code)
    assert isinstance(error, ChannelDownError)
    assert found == []


def test_what_is_refused_for_ever_is_gone(tmp_path: Path) -> None:
    error, found = fetch(tmp_path, TABLE, code=999999)
    assert (type(error), found) == (MediaGoneError, [])


def test_a_fetch_gets_a_new_token(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.open()
        stage.wecom.revoke_token()
        ref = stage.wecom.hold_media(TABLE, "名单.xlsx")
        await stage.channel.fetch(Media(MediaKind.FILE, ref), tmp_path / "in.xlsx")
        assert (tmp_path / "in.xlsx").read_bytes() == TABLE
        assert stage.wecom.count("gettoken") == 2

    play(act)


def test_a_folder_that_cannot_be_written_to_may_work_later(tmp_path: Path) -> None:
    async def act(stage: Stage) -> ChannelError | None:
        ref = stage.wecom.hold_media(TABLE, "名单.xlsx")
        try:
            await stage.channel.fetch(Media(MediaKind.FILE, ref), tmp_path / "no" / "in.xlsx")
        except ChannelError as error:
            return error
        return None

    error = play(act)
    assert (type(error), str(error)) == (ChannelDownError, "disk")


# The menu


ITEMS = [
    MenuItem("/next", "下一个", "拜访"),
    MenuItem("/plan", "今日安排", "拜访"),
    MenuItem("/hidden", "不在里面"),
    *(MenuItem(f"/m{number}", f"第{number}项", "更多") for number in range(7)),
    MenuItem("/todo", "待办清单", "待办"),
]


def test_the_menu_has_three_headings_with_five_lines() -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.offer_menu(None, ITEMS)
        assert stage.wecom.menu is not None
        visits, todo, more = stage.wecom.menu
        assert [(line["name"], line["key"]) for line in visits["sub_button"]] == [
            ("下一个", "/next"),
            ("今日安排", "/plan"),
        ]
        assert todo == {"type": "click", "name": "待办", "key": "/todo"}
        assert (more["name"], len(more["sub_button"])) == ("更多", 5)

    play(act)


@pytest.mark.parametrize(("chat", "items"), [(MEMBER, ITEMS), (None, ITEMS[2:3]), (None, [])])
def test_there_is_one_menu_for_everybody(chat: str | None, items: list[MenuItem]) -> None:
    async def act(stage: Stage) -> None:
        await stage.channel.offer_menu(chat, items)
        assert not stage.wecom.calls

    play(act)
