"""Fetching voice messages and files: whole or not at all."""

from pathlib import Path

import pytest

from bot.channel import ChannelDownError, ChannelError, MediaGoneError
from bot.channels.telegram.channel import TelegramChannel
from bot.messages import Media, MediaKind
from tests.channels.telegram_server import Fault, PlayedTelegram, bad, with_server


def test_a_voice_message_is_fetched(tmp_path: Path) -> None:
    to = tmp_path / "voice.ogg"

    async def fetch(channel: TelegramChannel, server: PlayedTelegram) -> None:
        server.assets["voice-1"] = {"data": b"OggS" * 1000}
        await channel.fetch(Media(MediaKind.VOICE, "voice-1", size=4000), to)

    with_server(fetch)
    assert to.read_bytes() == b"OggS" * 1000
    assert list(tmp_path.iterdir()) == [to]


@pytest.mark.parametrize(
    ("media", "faults", "kind", "reason"),
    [
        (Media(MediaKind.FILE, "v", size=20_000_001), [], MediaGoneError, "too_large"),
        (Media(MediaKind.FILE, "v"), [bad("getFile", "file is too big")], MediaGoneError, None),
        (Media(MediaKind.FILE, "never-there"), [], MediaGoneError, "gone"),
        (Media(MediaKind.FILE, "v"), [Fault("getFile", 500)], ChannelDownError, "network"),
        (Media(MediaKind.FILE, "v"), [Fault("getFile", 401)], ChannelDownError, "token"),
        (Media(MediaKind.FILE, "lost"), [], MediaGoneError, "gone"),
        (
            Media(MediaKind.FILE, "v"),
            [Fault("getFile", 200, body='{"result": {"file_id": "v", "file_unique_id": "u"}}')],
            MediaGoneError,
            "gone",
        ),
    ],
)
def test_what_cannot_be_fetched(
    tmp_path: Path, media: Media, faults: list[Fault], kind: type, reason: str | None
) -> None:
    async def fetch(channel: TelegramChannel, server: PlayedTelegram) -> None:
        server.assets["v"] = {"data": b"x"}
        server.assets["lost"] = {}
        server.lost_files.add("lost")
        server.faults = list(faults)
        with pytest.raises(ChannelError) as caught:
            await channel.fetch(media, tmp_path / "file")
        assert type(caught.value) is kind
        assert caught.value.reason == (reason or "too_large")

    with_server(fetch)
    assert list(tmp_path.iterdir()) == []


def test_what_this_machine_cannot_keep_may_come_later(tmp_path: Path) -> None:
    async def fetch(channel: TelegramChannel, server: PlayedTelegram) -> None:
        server.assets["v"] = {"data": b"x"}
        for place in (tmp_path / "no folder" / "file", in_the_way):
            with pytest.raises(ChannelDownError, match="disk"):
                await channel.fetch(Media(MediaKind.FILE, "v"), place)

    in_the_way = tmp_path / "folder"
    in_the_way.mkdir()
    with_server(fetch)
    assert list(tmp_path.iterdir()) == [in_the_way], "nothing half written is left"
