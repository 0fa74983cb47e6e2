"""WeCom's side of an AI bot's long connection, played over a real WebSocket on loopback: it keeps
the platform's rules, shows people what they would see, and fails as it was told to."""

import asyncio
import http
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.channels.wecom_bot_phones import (
    BAD_PARAMETER,
    BAD_REQUEST,
    BAD_SECRET,
    NOT_SUBSCRIBED,
    RESPONDED,
    TOO_LATE,
    Fields,
    Phones,
    RefusalError,
    Shown,
)
from tests.channels.wecom_bot_uploads import ADDRESS_SECONDS, Sent, Uploads, seal

BOT, SECRET, NAME = "aib-7", "long-secret-of-the-bot", "拜访助手"
USER, COLLEAGUE, GROUP = "xiaochen", "laoli", "wr-group-1"
STREAM_SECONDS = 6 * 60
AT_ONCE_SECONDS = 5
MOST_OPEN = 3


@dataclass
class Asked:
    """Something that a bot may respond to, once: a message, a press or somebody coming in."""

    kind: str
    chat: str
    user: str
    at: float
    task: str = ""
    stream: str = ""
    done: bool = False


@dataclass
class PlayedBotServer:
    """One bot. Knobs: `ahead` moves its clock; `deaf` leaves pings unanswered and `mute`
    everything; `refusals` are codes of the next subscriptions; `faults` are codes of the next
    commands, 0 for none; `unsaid` are commands that are done, but whose answer is lost with the
    connection. `kept_back` are people whose message WeCom did not pass on, `refused` the codes that
    the bot was refused with."""

    url: str = ""
    ahead: float = 0.0
    deaf: bool = False
    mute: bool = False
    refusals: list[int] = field(default_factory=list)
    faults: dict[str, list[int]] = field(default_factory=dict)
    unsaid: list[str] = field(default_factory=list)
    frames: list[tuple[float, str, Fields]] = field(default_factory=list)
    subscribed: list[ServerConnection] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    files: dict[str, Sent] = field(default_factory=dict)
    kept_back: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    connections: int = 0
    subscriptions: int = 0
    pings: int = 0
    phones: Phones = field(init=False)
    uploads: Uploads = field(init=False)
    _numbers: int = 0

    def __post_init__(self) -> None:
        """The phones and the files go by the same clock."""
        self.phones = Phones(self.now)
        self.uploads = Uploads(self.now, self._keep_file)

    def now(self) -> float:
        """Seconds since 1970, as far as this server knows."""
        return time.time() + self.ahead

    def shown_to(self, chat: str) -> list[Shown]:
        """What a person or a group sees, in order."""
        return self.phones.chats[chat]

    def texts(self, chat: str = USER) -> list[str]:
        """The words of it."""
        return [shown.title or shown.text for shown in self.shown_to(chat)]

    def sent(self, cmd: str) -> list[Fields]:
        """The bodies of the frames of a command, in order."""
        return [body for _, name, body in self.frames if name == cmd]

    async def says(self, user: str, text: str, **more: Any) -> str:
        """Somebody writes to the bot; the request's id, or nothing when WeCom keeps it back."""
        return await self._message(user, {"msgtype": "text", "text": {"content": text}, **more})

    async def voice(self, user: str, words: str) -> str:
        """Somebody speaks; WeCom has written it down already."""
        return await self._message(user, {"msgtype": "voice", "voice": {"content": words}})

    async def file(self, user: str, name: str, content: bytes, **more: Any) -> str:
        """Somebody sends a file."""
        return await self._message(user, {"msgtype": "file", "file": self._put(name, content)})

    async def mixed(self, user: str, *items: Fields, **more: Any) -> str:
        """Somebody sends words with pictures."""
        body = {"msgtype": "mixed", "mixed": {"msg_item": list(items)}, **more}
        return await self._message(user, body)

    async def sends(self, user: str, kind: str, **more: Any) -> str:
        """Somebody sends something else."""
        return await self._message(user, {"msgtype": kind, kind: self._put("", b"x" * 9), **more})

    async def group_says(self, group: str, user: str, text: str, **more: Any) -> str:
        """Somebody mentions the bot in a group."""
        place = {"chatid": group, "chattype": "group"}
        return await self.says(user, text, **place, **more)

    async def presses(self, user: str, label: str) -> str:
        """Somebody presses a button of the newest card that has it."""
        task, key = self.phones.pressable(user, label)
        click = {"card_type": "button_interaction", "event_key": key, "task_id": task}
        return await self._event(user, "template_card_event", click, task)

    async def enters(self, user: str) -> str:
        """Somebody opens the chat for the first time this day."""
        return await self._event(user, "enter_chat", {})

    async def likes(self, user: str) -> str:
        """A thumb goes up."""
        return await self._event(user, "feedback_event", {"id": "f1", "type": 1})

    async def leave(self) -> None:
        """Close the connection in an orderly way."""
        for connection in list(self.subscribed):
            await connection.close(1001)

    def cut(self) -> None:
        """Have the network fail."""
        for connection in list(self.subscribed):
            connection.transport.abort()

    async def write(self, text: str) -> None:
        """Anything at all, to the bot."""
        for connection in list(self.subscribed):
            await connection.send(text)

    async def handle(self, connection: ServerConnection) -> None:
        """One connection."""
        self.connections += 1
        try:
            async for raw in connection:
                await self._take(connection, json.loads(raw))
        except ConnectionClosed:
            pass
        finally:
            if connection in self.subscribed:
                self.subscribed.remove(connection)

    def look(self, connection: ServerConnection, request: Request) -> Response | None:
        """A file is asked for by its address; everything else is a connection."""
        if not request.path.startswith("/file/"):
            return None
        sent = self.files.get(request.path.removeprefix("/file/"))
        if sent is None or self.now() - sent.since > ADDRESS_SECONDS:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "expired")
        headers = Headers(
            {
                "Content-Length": str(len(sent.sealed)),
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(sent.name)}",
                "Connection": "close",
            }
        )
        return Response(200, "OK", headers, sent.sealed)

    async def _take(self, connection: ServerConnection, frame: Fields) -> None:
        cmd, body = frame["cmd"], frame.get("body") or {}
        req_id = frame["headers"]["req_id"]
        if cmd != "aibot_subscribe":
            self.frames.append((time.monotonic(), cmd, body))
        self.pings += cmd == "ping"
        try:
            answer: Fields = {"errcode": 0, "errmsg": "ok"}
            found = await self._done(connection, cmd, body, req_id)
            answer |= {"body": found} if found else {}
        except RefusalError as refusal:
            answer = {"errcode": refusal.code, "errmsg": "refused"}
            self.refused.append(refusal.code)
        if cmd in self.unsaid:
            self.unsaid.remove(cmd)
            connection.transport.abort()
        elif not self.mute and not (self.deaf and cmd == "ping"):
            await connection.send(json.dumps({"headers": {"req_id": req_id}, **answer}))

    async def _done(
        self, connection: ServerConnection, cmd: str, body: Fields, req_id: str
    ) -> Fields | None:
        """What a command comes to. Raises RefusalError."""
        if cmd == "aibot_subscribe":
            await self._subscribe(connection, body)
            return None
        if connection not in self.subscribed:
            raise RefusalError(NOT_SUBSCRIBED)
        fault = self.faults[cmd].pop(0) if self.faults.get(cmd) else 0
        if fault:
            raise RefusalError(fault)
        if cmd == "ping":
            return None
        asked = self.asked.get(req_id)
        commands: dict[str, Callable[[], Fields]] = {
            "aibot_respond_msg": lambda: self._respond(asked, body),
            "aibot_respond_welcome_msg": lambda: self._welcome(asked, body),
            "aibot_respond_update_msg": lambda: self._update(asked, body),
            "aibot_send_msg": lambda: self.phones.push(body),
            "aibot_upload_media_init": lambda: self.uploads.begin(body),
            "aibot_upload_media_chunk": lambda: self.uploads.add(body),
            "aibot_upload_media_finish": lambda: self.uploads.end(body),
        }
        if cmd not in commands:
            raise RefusalError(BAD_PARAMETER)
        return commands[cmd]()

    async def _subscribe(self, connection: ServerConnection, body: Fields) -> None:
        self.subscriptions += 1
        if self.refusals:
            raise RefusalError(self.refusals.pop(0))
        if body.get("bot_id") != BOT or body.get("secret") != SECRET:
            raise RefusalError(BAD_SECRET)
        older, self.subscribed = self.subscribed, [connection]
        for other in older:
            event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
            frame = {"cmd": "aibot_event_callback", "headers": {"req_id": "k1"}, "body": event}
            await other.send(json.dumps(frame))
            await other.close()

    def _respond(self, asked: Asked | None, body: Fields) -> Fields:
        if asked is None or asked.kind != "message":
            raise RefusalError(BAD_REQUEST)
        if asked.done:
            raise RefusalError(RESPONDED)
        if body.get("msgtype") != "stream":
            if asked.stream:
                raise RefusalError(RESPONDED)
            asked.done = True
            return self.phones.show(asked.chat, body, ("template_card", "file", "image", "voice"))
        if self.now() - asked.at > STREAM_SECONDS:
            raise RefusalError(TOO_LATE)
        name = body["stream"]["id"]
        if asked.stream not in {"", name}:
            raise RefusalError(RESPONDED)
        asked.stream = name
        asked.done = self.phones.stream(asked.chat, body)
        return {}

    def _welcome(self, asked: Asked | None, body: Fields) -> Fields:
        entered = self._at_once(asked, "enter_chat")
        entered.done = True
        return self.phones.show(entered.chat, body, ("text", "template_card"))

    def _update(self, asked: Asked | None, body: Fields) -> Fields:
        pressed = self._at_once(asked, "template_card_event")
        if body.get("response_type") != "update_template_card":
            raise RefusalError(BAD_PARAMETER)
        self.phones.update(pressed.task, body["template_card"])
        pressed.done = True
        return {}

    def _at_once(self, asked: Asked | None, kind: str) -> Asked:
        """An event that may still be responded to."""
        if asked is None or asked.kind != kind or self.now() - asked.at > AT_ONCE_SECONDS:
            raise RefusalError(BAD_REQUEST)
        if asked.done:
            raise RefusalError(RESPONDED)
        return asked

    async def _message(self, user: str, body: Fields) -> str:
        """A person has three messages under way at most: the next one goes nowhere."""
        if self._open(user) >= MOST_OPEN:
            self.kept_back.append(user)
            return ""
        chat = body.get("chatid", user)
        self.phones.wrote.add(chat)
        return await self._call("aibot_msg_callback", user, body, Asked("message", chat, user, 0))

    async def _event(self, user: str, kind: str, details: Fields, task: str = "") -> str:
        event = {"eventtype": kind, **({kind: details} if details else {})}
        body = {"msgtype": "event", "event": event}
        return await self._call(
            "aibot_event_callback", user, body, Asked(kind, user, user, 0, task)
        )

    async def _call(self, cmd: str, user: str, body: Fields, asked: Asked) -> str:
        self._numbers += 1
        asked.at = self.now()
        req_id = f"req-{self._numbers}"
        self.asked[req_id] = asked
        basic = {
            "msgid": f"msg-{self._numbers}",
            "create_time": int(asked.at),
            "aibotid": BOT,
            "chattype": "single",
            "from": {"userid": user},
        }
        await self.write(
            json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": basic | body})
        )
        return req_id

    def _open(self, user: str) -> int:
        now = self.now()
        mine = (a for a in self.asked.values() if a.user == user and a.kind == "message")
        return sum(not a.done and now - a.at < STREAM_SECONDS for a in mine)

    def _put(self, name: str, content: bytes) -> Fields:
        key, sealed = seal(content)
        place = secrets.token_hex(8)
        self.files[place] = Sent(name, sealed, self.now())
        return {"url": f"{self.url.replace('ws', 'http', 1)}/file/{place}", "aeskey": key}

    def _keep_file(self, media: str, kind: str, name: str, data: bytes) -> None:
        self.phones.uploads[media] = (kind, name, data)


@asynccontextmanager
async def played_bot_server(port: int = 0, **knobs: Any) -> AsyncIterator[PlayedBotServer]:
    """A new one on a free loopback port, or at the port of one's choice."""
    played = PlayedBotServer(**knobs)
    async with serving(played, port):
        yield played


@asynccontextmanager
async def serving(played: PlayedBotServer, port: int = 0) -> AsyncIterator[None]:
    """While it can be reached; it keeps everything through pauses."""
    silent = logging.getLogger("tests.wecom_bot_socket")
    silent.setLevel(logging.CRITICAL + 1)
    server: Server = await serve(
        played.handle,
        "127.0.0.1",
        port,
        process_request=played.look,
        max_size=4 * 1024 * 1024,
        ping_interval=None,
        close_timeout=0.2,
        logger=silent,
    )
    played.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
    try:
        yield
    finally:
        server.close()
        await asyncio.wait_for(server.wait_closed(), 5)
