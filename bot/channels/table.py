"""What talks to people, and the table of the platforms that can be served."""

from collections.abc import Callable

from bot.channel import Channel
from bot.channels.telegram import open_telegram
from bot.config import Settings

PLATFORMS: tuple[Callable[[Settings], Channel | None], ...] = (open_telegram,)
"""A new platform is a file in this folder and an entry here."""


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The platforms that are configured, by name; nothing is sent yet."""
    found = [channel for platform in PLATFORMS if (channel := platform(settings)) is not None]
    return {channel.name: channel for channel in found}
