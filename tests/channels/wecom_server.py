"""WeCom's server API for self-built apps, played over real HTTP on loopback: it enforces the rules,
keeps what members see, and fails on order."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.channels.wecom_answers import WRONG_METHOD, Fields, RefusalError, granted, refusal
from tests.channels.wecom_checks import check_menu
from tests.channels.wecom_corp import AGENT, COLLEAGUE, CORP, MEMBER, SECRET, Corp
from tests.channels.wecom_listening import listening
from tests.channels.wecom_orders import Call, Trouble
from tests.channels.wecom_screens import Shown

__all__ = [
    "AGENT",
    "COLLEAGUE",
    "CORP",
    "MEMBER",
    "SECRET",
    "Call",
    "PlayedWeCom",
    "Shown",
    "Trouble",
    "played_wecom",
    "serving",
]

TOKEN_SECONDS = 7200


class PlayedWeCom(Corp):
    """The corp, at `url`."""

    def __init__(self, members: Iterable[str] = (MEMBER, COLLEAGUE)) -> None:
        super().__init__(members)
        self.url = ""
        self.closing = asyncio.Event()
        self.cut: Callable[[Request], None] = lambda _: None

    def app(self) -> Starlette:
        """The HTTP application."""
        methods = ["GET", "POST"]
        return Starlette(routes=[Route("/cgi-bin/{path:path}", self._handle, methods=methods)])

    async def _handle(self, request: Request) -> Response:
        path = request.path_params["path"]
        await request.body()
        trouble = self.orders.trouble(path)
        await asyncio.sleep(self.delays.get(path, 0))
        done = trouble in {None, Trouble.LOST}
        answer = await self._answer(path, request) if done else None
        await self._note(path, request, None if trouble else answer)
        return answer if answer and not trouble else await self._fail(trouble, request)

    async def _fail(self, trouble: Trouble | None, request: Request) -> Response:
        if trouble is Trouble.HANG:
            await self.closing.wait()
        if trouble in {Trouble.DROP, Trouble.LOST}:
            self.cut(request)
            await asyncio.sleep(0.001)  # until the server knows; what it answers then goes nowhere
        if trouble is Trouble.ERROR:
            return PlainTextResponse("Internal Server Error", 500)
        return PlainTextResponse("<html>502 Bad Gateway</html>")

    async def _answer(self, path: str, request: Request) -> Response:
        method, act = self._acts().get(path, ("", None))
        if act is None:
            return PlainTextResponse("404 Not Found", 404)
        try:
            self.orders.refuse(path)
            if path != "gettoken":
                self._check_caller(request)
            _check_method(request, method)
            answer = await act(request)
        except RefusalError as error:
            return refusal(error, self.seen_ip)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    def _acts(self) -> dict[str, tuple[str, Callable[[Request], Awaitable[Fields | Response]]]]:
        return {
            "gettoken": ("GET", self._give_token),
            "message/send": ("POST", self._send),
            "message/update_template_card": ("POST", self._update),
            "media/upload": ("POST", self.media.upload),
            "media/get": ("GET", self._give_media),
            "menu/create": ("POST", self._create_menu),
            "menu/get": ("GET", self._give_menu),
            "agent/get": ("GET", self._give_agent),
        }

    async def _note(self, path: str, request: Request, answer: Response | None) -> None:
        query = {k: v for k, v in request.query_params.items() if k != "access_token"}
        is_json = isinstance(answer, JSONResponse)
        errcode = json.loads(bytes(answer.body)).get("errcode") if answer and is_json else None
        try:
            body = await _json(request)
        except RefusalError:
            body = {}
        self.calls.append(Call(path, query, body, errcode))

    def _check_caller(self, request: Request) -> None:
        token = request.query_params.get("access_token", "")
        if not token:
            raise RefusalError(41001)
        if token not in self.tokens:
            raise RefusalError(40014)
        if self.tokens[token] <= self.clock():
            raise RefusalError(42001)
        if self.trusted_ips is not None and self.seen_ip not in self.trusted_ips:
            raise RefusalError(60020)

    def _check_agent(self, agent: object) -> None:
        if agent in (None, ""):
            raise RefusalError(41011)
        if agent in self.other_agents:
            raise RefusalError(301002)
        if not isinstance(agent, int) or agent != self.agent_id:
            raise RefusalError(40056)

    async def _give_token(self, request: Request) -> Fields:
        given = request.query_params
        for name, errcode in (("corpid", 41002), ("corpsecret", 41004)):
            if not given.get(name):
                raise RefusalError(errcode)
        if given["corpid"] != self.corp_id:
            raise RefusalError(40013)
        if given["corpsecret"] != self.secret:
            raise RefusalError(40001)
        if self.tokens.get(self.token, 0) <= self.clock():
            self.token = secrets.token_urlsafe(96)
            self.tokens[self.token] = self.clock() + TOKEN_SECONDS
        return granted(access_token=self.token, expires_in=TOKEN_SECONDS)

    async def _send(self, request: Request) -> Fields:
        body = await _json(request)
        self._check_agent(body.get("agentid"))
        if not self.has_callback and "button_list" in (body.get("template_card") or {}):
            raise RefusalError(43012)
        wanted = [user for user in str(body.get("touser") or "").lower().split("|") if user]
        if wanted == ["@all"]:
            wanted = sorted(self.members)
        if not wanted:
            raise RefusalError(82001)
        if len(wanted) > 1000:
            raise RefusalError(40032)
        users = [user for user in dict.fromkeys(wanted) if user in self.members]
        unknown = "|".join(user for user in wanted if user not in self.members)
        if not users:
            raise RefusalError(81013, invaliduser=unknown)
        answer = self.screens.send(body, users)
        return {**answer, "invaliduser": unknown} if unknown else answer

    async def _update(self, request: Request) -> Fields:
        body = await _json(request)
        self._check_agent(body.get("agentid"))
        return self.screens.update(body)

    async def _give_media(self, request: Request) -> Response:
        return self.media.get(request)

    async def _create_menu(self, request: Request) -> Fields:
        self._check_agent(_number(request.query_params.get("agentid")))
        self.menu = check_menu(await _json(request))
        return granted()

    async def _give_menu(self, request: Request) -> Fields:
        self._check_agent(_number(request.query_params.get("agentid")))
        if self.menu is None:
            raise RefusalError(46003)
        return granted(button=self.menu)

    async def _give_agent(self, request: Request) -> Fields:
        self._check_agent(_number(request.query_params.get("agentid")))
        users = [{"userid": member} for member in sorted(self.members)]
        return granted(
            agentid=self.agent_id,
            name=self.name,
            description="",
            allow_userinfos={"user": users},
            close=0,
            redirect_domain="",
            report_location_flag=0,
            isreportenter=0,
            home_url="",
        )


async def _json(request: Request) -> Fields:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusalError(40063, "some parameters are empty. Warning: wrong json format. ")
    return body


def _check_method(request: Request, method: str) -> None:
    if request.method != method:
        raise RefusalError(WRONG_METHOD)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


@asynccontextmanager
async def serving(wecom: PlayedWeCom, port: int = 0) -> AsyncIterator[PlayedWeCom]:
    """While a played WeCom can be called at its `url`. It may be served again, at the port of one's
    choice: it has kept everything."""
    async with listening(wecom.app(), port) as listener:
        wecom.url, wecom.cut, wecom.closing = listener.url, listener.cut, asyncio.Event()
        try:
            yield wecom
        finally:
            wecom.closing.set()


@asynccontextmanager
async def played_wecom(members: Iterable[str] = (MEMBER, COLLEAGUE)) -> AsyncIterator[PlayedWeCom]:
    """A new one on a free loopback port, in the event loop that is running."""
    async with serving(PlayedWeCom(members)) as wecom:
        yield wecom
