"""Whether the assistant is being served, called, and reaches people: for doctor, once a platform is
set."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, inspect
from sqlmodel import Session

from bot.config import Settings
from bot.domain.clock import local_day, say_day, to_local
from bot.domain.reach import LOOK_BACK, name_first, why_unsent
from bot.durable import are_tables_there
from bot.finding import Finding
from storage.bindings import count_people, out_of_reach
from storage.deliveries import failed_since
from storage.locks import count_serving
from storage.shelf import read

FIRST = 5
_MOST = 10_000

NEVER_CALLED = (
    "企业微信还没有来叫过。serve 运行着的时候打开应用发一句话再看；还是没有就逐项查："
    "管理后台「应用管理」→ 点开这个应用 →「接收消息」→ 设置API接收，"
    "URL 是不是 https://域名/wecom/callback，Token、EncodingAESKey 是不是和 .env 里的一样，"
    "点「保存」能不能成功；反向代理有没有把 /wecom/callback 转给 serve；"
    "域名从外网能不能解析、证书是否有效"
)


FORGED = (
    "{when} 有人用不对的签名来叫：多半是 .env 里的 WECOM_TOKEN、WECOM_AES_KEY 或 WECOM_CORP_ID "
    "和管理后台「接收消息」→ 设置API接收里的不一样，改好后重启 serve，再到那一页点「保存」"
)
LINK_PROBLEMS = {
    "kicked": "被另一个程序挤下来了：一个机器人只能连一处，请停掉别处的，serve 会自己再连",
    "secret": (
        "登录被拒：WECOM_BOT_ID 或 WECOM_BOT_SECRET 不对，到机器人详情页「API配置」核对，"
        "改好后重启 serve"
    ),
    "refused": "登录被拒：看机器人是否被停用、连接方式是不是「使用长连接」",
    "network": "连不上：检查网络、域名解析和防火墙（要能往外连 443 端口）",
    "timeout": "连不上：等不到回应，检查网络和防火墙",
}
"""What to do about a connection that ended so."""


def check_serving(engine: Engine, now: datetime) -> Iterator[Finding]:
    """The queues, who serves, who is bound, whom nothing reaches and what did not arrive."""
    if not inspect(engine).has_table("delivery"):
        return
    yield _queues(engine)
    serving = count_serving(engine)
    with Session(engine) as session:
        people, bound = count_people(session)
        yield _serving(serving, bound)
        yield _bound(people, bound)
        yield _reached(session, now)
        yield _arrived(session, now)


def check_calls(engine: Engine, settings: Settings, now: datetime) -> Iterator[Finding]:
    """When WeCom called the app last, and how the bot's connection stands, if they are
    configured."""
    if not inspect(engine).has_table("shelf"):
        return
    with Session(engine) as session:
        if settings.wecom_corp_id is not None:
            yield _called(session, now)
        if settings.wecom_bot_id is not None:
            yield _connected(session, now)


def _called(session: Session, now: datetime) -> Finding:
    heard = _moment(read(session, "wecom", "heard", now=now))
    forged = _moment(read(session, "wecom", "forged", now=now))
    about = "企业微信 收消息"
    if forged is not None and (heard is None or forged > heard):
        return Finding(False, about, FORGED.format(when=_when(forged, now)))
    if heard is None:
        return Finding(False, about, NEVER_CALLED)
    doubt = "。好久没有了，发一句话试试" if now - heard > LOOK_BACK else "（十分钟记一次）"
    return Finding(True, about, f"企业微信最近一次来叫是 {_when(heard, now)}{doubt}")


def _connected(session: Session, now: datetime) -> Finding:
    kept = read(session, "wecom_bot", "link", now=now)
    about = "企业微信机器人 连接"
    if kept is None:
        return Finding(True, about, "serve 还没有连过，启动后再看")
    found = json.loads(kept)
    state, when = found["state"], _when(datetime.fromisoformat(found["at"]), now)
    if state == "connected":
        return Finding(True, about, f"serve 在 {when} 连上了")
    why = LINK_PROBLEMS.get(state, "断开了，serve 会自己再连；一直这样就检查网络")
    return Finding(False, about, f"{when} {why}")


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _when(moment: datetime, now: datetime) -> str:
    at = to_local(moment)
    return f"{say_day(at.date(), today=local_day(now))} {at:%H:%M}"


def _queues(engine: Engine) -> Finding:
    if are_tables_there(engine):
        return Finding(True, "队列", "已建好")
    return Finding(True, "队列", "还没有，第一次运行 serve 时自动建立")


def _serving(count: int, bound: int) -> Finding:
    """That nothing serves is wrong as soon as somebody may write."""
    if count:
        return Finding(True, "服务", f"有 {count} 个 serve 在运行")
    words = "现在没有 serve 在运行，聊天里没人应答：python -m bot serve"
    return Finding(not bound, "服务", words)


def _bound(people: int, bound: int) -> Finding:
    if people and not bound:
        return Finding(
            False, "账号", "还没有人绑定聊天账号，请运行 python -m bot invite 账号，把码发给本人"
        )
    return Finding(True, "账号", f"{people} 人中 {bound} 人绑定了聊天账号")


def _reached(session: Session, now: datetime) -> Finding:
    lost = out_of_reach(session, limit=_MOST)
    if not lost:
        return Finding(True, "联系", "绑定了的都联系得上")
    today = local_day(now)
    shown = [f"{name}（{say_day(local_day(at), today=today)}起）" for name, _, at in lost]
    names = name_first(shown, len(lost), "人", first=FIRST)
    words = f"{len(lost)} 人联系不上：{names}。请本人打开拜访助手发一句话"
    return Finding(False, "联系", words)


def _arrived(session: Session, now: datetime) -> Finding:
    failed = failed_since(session, now - LOOK_BACK, untold=True)
    if not failed:
        return Finding(True, "消息", f"{LOOK_BACK.days} 天内没有送不到的")
    total = sum(count for _, _, count in failed)
    shown = [f"{name} {count} 条（{why_unsent(why)}）" for name, why, count in failed]
    names = name_first(shown, len(failed), "人次", first=FIRST)
    words = f"{LOOK_BACK.days} 天内 {total} 条没送到：{names}。本人下次说话时会补上"
    return Finding(False, "消息", words)
