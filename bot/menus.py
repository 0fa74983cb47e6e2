"""`menu`: set the command menu of every configured platform now, and say what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.app import App
from bot.channel import (
    Channel,
    ChannelError,
    MenuItem,
    MenuScope,
    SlowDownError,
    UnreachableError,
)
from bot.channels.table import open_channels
from bot.domain.reach import platform_title
from bot.serving import NO_CHANNEL, NoChannelError, menu_of, utc_now
from bot.shelf import DatabaseShelf
from storage.bindings import chats_on
from storage.people import Role

LONGEST_WAIT_SECONDS = 30.0
"""When a platform asks to wait longer than this, somebody runs the command again."""

MOST_WAITS = 3

UPDATED = "菜单已更新，手机上几分钟后可见"
NO_MENU = "没有菜单，直接说话或发「帮助」就行"

_PROBLEMS = {
    "ip": "服务器的 IP 不在「企业可信IP」里",
    "secret": "Secret 不对",
    "corp": "企业 ID 不对",
    "agent": "AgentId 不对，或和 Secret 不是同一个应用的",
    "rights": "没有权限",
    "token": "对方不接受我们的凭证",
    "network": "连不上",
    "timeout": "等不到回应",
    "busy": "对方现在太忙",
    "slow_down": "对方说太频繁，请过几分钟再来",
    "database": "数据库连不上",
}
"""Why a platform did not take a menu, by the word on record."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one platform's menu."""

    ok: bool
    words: str


def set_menus(app: App) -> list[Outcome]:
    """Set the menu of each platform, one after the other. Raises NoChannelError when none is
    configured."""
    channels = open_channels(app.settings, lambda name: DatabaseShelf(app.engine, name, utc_now))
    if not channels:
        raise NoChannelError(NO_CHANNEL)
    return asyncio.run(_set_all(app, list(channels.values())))


async def _set_all(app: App, channels: Sequence[Channel]) -> list[Outcome]:
    try:
        return [await set_menu(app, channel) for channel in channels]
    finally:
        for channel in channels:
            await channel.close()


async def set_menu(app: App, channel: Channel) -> Outcome:
    """Set the menu of one platform: everybody's, and where people have their own, theirs."""
    title = platform_title(channel.name)
    if channel.menu is MenuScope.NOBODY:
        return Outcome(True, f"{title}：{NO_MENU}")
    try:
        await channel.open()
        for chat, role in _menus(app, channel):
            await _offer(channel, chat, menu_of(app.registry, role))
    except ChannelError as error:
        return Outcome(False, f"{title}：{_say_problem(error)}")
    return Outcome(True, f"{title}：{UPDATED}")


def _menus(app: App, channel: Channel) -> list[tuple[str | None, Role]]:
    """Everybody's menu first, then those of the people who have one of their own."""
    if channel.menu is not MenuScope.EACH:
        return [(None, Role.REP)]
    with Session(app.engine) as session:
        return [(None, Role.REP), *chats_on(session, channel.name)]


async def _offer(channel: Channel, chat: str | None, items: Sequence[MenuItem]) -> None:
    """Set one menu, at the pace that the platform asks for; who is out of reach needs none. Raises
    ChannelError."""
    for _ in range(MOST_WAITS):
        try:
            await channel.offer_menu(chat, items)
        except SlowDownError as slow:
            if slow.seconds > LONGEST_WAIT_SECONDS:
                raise
            await asyncio.sleep(slow.seconds)
        except UnreachableError:
            if chat is None:
                raise
            return
        else:
            return
    raise SlowDownError(LONGEST_WAIT_SECONDS)


def _say_problem(error: ChannelError) -> str:
    why = _PROBLEMS.get(error.reason, "对方没收下")
    return f"菜单没有更新，{why}。请运行 python -m bot doctor，它会说怎么改"
