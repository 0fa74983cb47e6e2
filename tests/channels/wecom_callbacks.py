"""What WeCom tells an app's callback URL: the XML of messages and events; and how it was taken."""

import secrets
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from tests.channels.wecom_corp import AGENT, CORP

CALLBACK_TOKEN = "QDG6eK-of-the-callback"  # noqa: S105
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ANSWER_SECONDS = 5.0
VERIFY_SECONDS = 1.0
TRIES = 3


@dataclass(frozen=True)
class Delivery:
    """How the app took a callback. `statuses` has one entry per try, None when there was no answer
    in time; `replayed` has one per replay; `milliseconds` is the time of the last try; `right` is
    whether it answered what it should (for `verify`: the decrypted text and nothing else)."""

    statuses: tuple[int | None, ...]
    milliseconds: float
    body: str
    right: bool
    replayed: tuple[int | None, ...] = ()

    @property
    def status(self) -> int | None:
        """The last one."""
        return self.statuses[-1]

    @property
    def tries(self) -> int:
        """How often it was delivered, replays apart."""
        return len(self.statuses)


class Manner(TypedDict, total=False):
    """How a callback is made unlike others: `forged` has a wrong signature, `delay` waits so many
    seconds first, `later` dates the message so many seconds later than now, `replays` sends the
    very same request again so often after it was taken, `age` is how many seconds old its timestamp
    is, `receive_id` and `aes_key` are used instead of the right ones."""

    forged: bool
    delay: float
    later: int
    replays: int
    age: int
    receive_id: str
    aes_key: str


@dataclass(frozen=True)
class Line:
    """Where an app is called back, and with which secrets. `seconds` is how long an answer may
    take, `verify_seconds` that to `verify`; `tries` counts the first one, `pause` is between."""

    url: str
    token: str = CALLBACK_TOKEN
    aes_key: str = AES_KEY
    corp_id: str = CORP
    agent_id: int = AGENT
    seconds: float = ANSWER_SECONDS
    verify_seconds: float = VERIFY_SECONDS
    tries: int = TRIES
    pause: float = 0


def cdata(text: str) -> str:
    """A text as WeCom puts it into XML."""
    safe = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def xml(**fields: Any) -> str:
    """Fields in order: numbers as they are, texts as CDATA."""
    shown = {n: cdata(v) if isinstance(v, str) else v for n, v in fields.items()}
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in shown.items())}</xml>"


def envelope(corp_id: str, agent_id: int, encrypted: str) -> str:
    """The body of a callback."""
    return xml(ToUserName=corp_id, AgentID=str(agent_id), Encrypt=encrypted)


def _first_id() -> int:
    return 7 * 10**18 + secrets.randbelow(10**17)


@dataclass
class CallbackCaller(ABC):
    """People do something, and the app is told. Messages have a MsgId of their own unless given."""

    line: Line
    _last_id: int = field(default_factory=_first_id, kw_only=True)

    @abstractmethod
    async def verify(self, **manner: Unpack[Manner]) -> Delivery:
        """The URL is checked as when it is saved in the console."""

    @abstractmethod
    async def raw(self, text: str, **manner: Unpack[Manner]) -> Delivery:
        """Any XML is delivered; see Manner."""

    async def says(
        self, user: str, text: str, msg_id: int = 0, **manner: Unpack[Manner]
    ) -> Delivery:
        """A member writes."""
        return await self.message(user, "text", msg_id, {"Content": text}, **manner)

    async def voice(
        self, user: str, media_id: str, msg_id: int = 0, **manner: Unpack[Manner]
    ) -> Delivery:
        """A member speaks: there is no text."""
        fields = {"MediaId": media_id, "Format": "amr"}
        return await self.message(user, "voice", msg_id, fields, **manner)

    async def image(
        self, user: str, media_id: str, msg_id: int = 0, **manner: Unpack[Manner]
    ) -> Delivery:
        """A member sends a picture."""
        fields = {"PicUrl": "http://p.example/1", "MediaId": media_id}
        return await self.message(user, "image", msg_id, fields, **manner)

    async def file(
        self, user: str, media_id: str, name: str, msg_id: int = 0, **manner: Any
    ) -> Delivery:
        """A member sends a file. Its fields are not documented; these are those that were seen."""
        fields = {"MediaId": media_id, "FileName": name}
        return await self.message(user, "file", msg_id, fields, **manner)

    async def location(
        self, user: str, label: str, msg_id: int = 0, **manner: Unpack[Manner]
    ) -> Delivery:
        """A member sends a place."""
        fields = {"Location_X": 30.26, "Location_Y": 120.12, "Scale": 15, "Label": label}
        return await self.message(user, "location", msg_id, fields, **manner)

    async def message(
        self, user: str, kind: str, msg_id: int, fields: dict[str, Any], **manner: Any
    ) -> Delivery:
        """A message of any kind."""
        self._last_id += 1
        head = self._head(user, kind, manner.pop("later", 0))
        tail = {"MsgId": msg_id or self._last_id}
        return await self.raw(xml(**head, **fields, **tail, AgentID=self.line.agent_id), **manner)

    async def presses(
        self, user: str, task_id: str, key: str, response_code: str | None = None, **manner: Any
    ) -> Delivery:
        """A member presses a button of a card."""
        fields = {
            "EventKey": key,
            "TaskId": task_id,
            "CardType": "button_interaction",
            "ResponseCode": response_code or secrets.token_urlsafe(24),
        }
        return await self.event(user, "template_card_event", fields, **manner)

    async def clicks(self, user: str, key: str, **manner: Unpack[Manner]) -> Delivery:
        """A member chooses an entry of the menu."""
        return await self.event(user, "click", {"EventKey": key}, **manner)

    async def enters(self, user: str, **manner: Unpack[Manner]) -> Delivery:
        """A member opens the app."""
        return await self.event(user, "enter_agent", {"EventKey": ""}, **manner)

    async def event(
        self, user: str, name: str, fields: dict[str, Any] | None = None, **manner: Any
    ) -> Delivery:
        """Any event; events have no MsgId."""
        head = self._head(user, "event")
        more = fields or {}
        text = xml(**head, Event=name, **more, AgentID=self.line.agent_id)
        return await self.raw(text, **manner)

    def _head(self, user: str, kind: str, later: int = 0) -> dict[str, Any]:
        return {
            "ToUserName": self.line.corp_id,
            "FromUserName": user,
            "CreateTime": int(time.time()) + later,
            "MsgType": kind,
        }
