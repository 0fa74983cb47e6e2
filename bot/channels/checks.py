"""What doctor looks at for each platform."""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.channels.telegram.checks import check_telegram
from bot.channels.wecom.checks import check_wecom
from bot.channels.wecom_bot.checks import check_wecom_bot
from bot.config import Settings
from bot.finding import Finding

CHECKS: tuple[Callable[[Settings, datetime], Iterator[Finding]], ...] = (
    check_telegram,
    check_wecom,
    check_wecom_bot,
)
"""A platform that needs looking at has an entry here."""


def check_channels(settings: Settings, now: datetime) -> list[Finding]:
    """Everything that was seen; nothing when no platform is configured."""
    return [found for check in CHECKS for found in check(settings, now)]
