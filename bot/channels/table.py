"""What talks to people, and the table of the platforms that can be served."""

from collections.abc import Callable

from bot.channel import Channel, ShelfOf
from bot.channels.telegram.channel import open_telegram
from bot.channels.wecom.channel import open_wecom
from bot.channels.wecom_bot.channel import open_wecom_bot
from bot.config import Settings

PLATFORMS: tuple[Callable[[Settings, ShelfOf], Channel | None], ...] = (
    open_telegram,
    open_wecom,
    open_wecom_bot,
)
"""A new platform is a folder here and an entry in this table."""


def open_channels(settings: Settings, shelf_of: ShelfOf) -> dict[str, Channel]:
    """The platforms that are configured, by name; nothing is sent yet."""
    opened = (platform(settings, shelf_of) for platform in PLATFORMS)
    return {channel.name: channel for channel in opened if channel is not None}
