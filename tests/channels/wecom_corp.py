"""The corp behind the played WeCom server: its members and its app, what they see, and what to do
wrong."""

import asyncio
from collections.abc import Iterable

from tests.channels.wecom_answers import Fields, RefusalError
from tests.channels.wecom_media import MediaShelf
from tests.channels.wecom_orders import Call, Clock, Orders, Trouble
from tests.channels.wecom_screens import Screens, Shown

CORP = "ww1234567890abcdef"
AGENT = 1000002
SECRET = "secret-of-the-app-VuQ9"  # noqa: S105
MEMBER, COLLEAGUE = "chenjing", "wangfang"


class Corp:
    """A corp with one app. User ids are compared in lower case, as WeCom does.

    To be set at any time: `trusted_ips` (None: every address is trusted) and `seen_ip` (where calls
    seem to come from), `has_callback`, `other_agents` (ids of apps that the secret is not for),
    `delays` (seconds by path), and the limits in `screens`."""

    def __init__(self, members: Iterable[str]) -> None:
        self.corp_id, self.agent_id, self.secret = CORP, AGENT, SECRET
        self.name = "拜访助手"
        self.members = {member.lower() for member in members}
        self.clock = Clock()
        self.media = MediaShelf(self.clock)
        self.screens = Screens(self.clock, self.media)
        self.calls: list[Call] = []
        self.menu: list[Fields] | None = None
        self.trusted_ips: set[str] | None = None
        self.seen_ip = "1.2.3.4"
        self.has_callback = True
        self.other_agents: set[int] = set()
        self.delays: dict[str, float] = {}
        self.token = ""
        self.tokens: dict[str, float] = {}
        self.orders = Orders()

    # What happened

    def shown_to(self, user: str) -> list[Shown]:
        """What a member sees, in order."""
        return self.screens.seen[user.lower()]

    def texts(self, user: str) -> list[str]:
        """The words of it."""
        return [shown.text for shown in self.shown_to(user)]

    def count(self, path: str) -> int:
        """How often a path was called."""
        return sum(call.path == path for call in self.calls)

    @property
    def truncated(self) -> list[str]:
        """Texts of more than 2048 bytes: members did not see their ends."""
        return self.screens.truncated

    @property
    def dropped(self) -> list[Shown]:
        """What was accepted but never shown: over 30 in a minute or 1000 in an hour."""
        return self.screens.dropped

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Member and msgid of what was sent again and not shown again."""
        return self.screens.repeated

    @property
    def strange(self) -> list[str]:
        """Fields that WeCom does not know."""
        return self.screens.strange

    @property
    def overlong(self) -> list[str]:
        """Texts on cards that are longer than recommended."""
        return self.screens.overlong

    async def sees(self, user: str, number: int = 1, seconds: float = 8) -> list[Shown]:
        """What a member sees once it is so many messages."""
        async with asyncio.timeout(seconds):
            while len(self.shown_to(user)) < number:
                await asyncio.sleep(0.002)
        return self.shown_to(user)

    # What happens on the other side

    def hold_media(self, data: bytes, name: str, kind: str = "file") -> str:
        """The media_id of something a member sends."""
        return self.media.hold(data, name, kind)

    def new_code(self, user: str, task_id: str) -> str:
        """The response_code that comes with a member's press on a card."""
        cards = [shown for shown in self.shown_to(user) if shown.task_id == task_id]
        assert cards, f"{user} sees no card {task_id}"
        return self.screens.new_code(cards)

    def expire_tokens(self) -> None:
        """The time of all tokens is over: 42001."""
        self.tokens = dict.fromkeys(self.tokens, 0.0)

    def revoke_token(self) -> None:
        """The token becomes worthless early: 40014, and there will be a new one."""
        self.tokens.clear()

    def refuse(self, errcode: int, path: str = "", times: int = 1, **fields: str) -> None:
        """The next calls of a path (of any, unless told) are refused."""
        self.orders.refusals += [(path, RefusalError(errcode, "", **fields))] * times

    def trouble(self, kind: Trouble, path: str = "", times: int = 1) -> None:
        """The next calls of a path (of any, unless told) fail."""
        self.orders.troubles += [(path, kind)] * times
