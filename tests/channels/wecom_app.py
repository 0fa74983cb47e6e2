"""An app that calls the played WeCom server without a second thought, to see what it answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2 as httpx

from tests.channels.wecom_server import AGENT, CORP, MEMBER, SECRET, PlayedWeCom, played_wecom

Fields = dict[str, Any]


class Client:
    """One that keeps its token."""

    def __init__(self, wecom: PlayedWeCom, http: httpx.AsyncClient) -> None:
        self.wecom, self.http, self.token = wecom, http, ""

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Any GET."""
        return await self.http.get(self._url(path), params={"access_token": self.token, **query})

    async def post(self, path: str, body: Fields, **query: Any) -> Fields:
        """Any POST of JSON."""
        query = {"access_token": self.token, **query}
        answer: Fields = (await self.http.post(self._url(path), params=query, json=body)).json()
        return answer

    async def login(self, corp: str = CORP, secret: str = SECRET) -> Fields:
        """gettoken."""
        answer: Fields = (await self.get("gettoken", corpid=corp, corpsecret=secret)).json()
        self.token = answer.get("access_token", self.token)
        return answer

    async def send(self, kind: str, content: Fields, to: str = MEMBER, **more: Any) -> Fields:
        """message/send."""
        basic = {"touser": to, "agentid": AGENT, "msgtype": kind, kind: content}
        return await self.post("message/send", {**basic, **more})

    async def say(self, content: str, to: str = MEMBER, **more: Any) -> Fields:
        """A text."""
        return await self.send("text", {"content": content}, to, **more)

    async def card(self, task_id: str = "t1", to: str = MEMBER, **changed: Any) -> Fields:
        """A card with two buttons, changed."""
        return await self.send("template_card", {**card(task_id), **changed}, to)

    async def update(self, code: str, **change: Any) -> Fields:
        """message/update_template_card."""
        body = {"userids": [MEMBER], "agentid": AGENT, "response_code": code}
        return await self.post("message/update_template_card", {**body, **change})

    async def upload(self, kind: str, data: bytes, name: str = "a.bin") -> Fields:
        """media/upload."""
        query = {"access_token": self.token, "type": kind}
        files = {"media": (name, data)}
        answer = await self.http.post(self._url("media/upload"), params=query, files=files)
        fields: Fields = answer.json()
        return fields

    def _url(self, path: str) -> str:
        return f"{self.wecom.url}/cgi-bin/{path}"


def card(task_id: str, labels: tuple[str, ...] = ("确认", "修改")) -> Fields:
    """A card with buttons k0, k1, …"""
    buttons = [{"text": label, "style": 1, "key": f"k{n}"} for n, label in enumerate(labels)]
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "请确认"},
        "sub_title_text": "周三拜访",
        "task_id": task_id,
        "button_list": buttons,
    }


Act = Callable[[Client, PlayedWeCom], Awaitable[Any]]


def play(act: Act, *, login: bool = True) -> Any:
    """What an act comes to, with a token unless told."""

    async def run() -> Any:
        async with played_wecom() as wecom, httpx.AsyncClient(trust_env=False) as http:
            client = Client(wecom, http)
            if login:
                await client.login()
            return await act(client, wecom)

    return asyncio.run(run())
