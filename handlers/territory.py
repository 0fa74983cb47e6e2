"""What an admin does in chat: import the territory, export it, invite colleagues."""

import re

from sqlmodel import col, or_, select

from bot.domain.errors import NotFoundError
from bot.messages import Attachment, Reply
from bot.registry import NoSlots, Said, WordsSlots, capability, on_file
from bot.territory import export_territory, import_territory
from bot.turn import Turn
from storage.invites import VALID_FOR, create_invite
from storage.people import Person, Role

ADMIN = frozenset({Role.ADMIN})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@on_file(".xlsx", roles=ADMIN)
def import_sent_file(turn: Turn, file: Attachment) -> Reply:
    """Import the file. Raises TerritoryError with what is to correct."""
    report = import_territory(turn.session, file.path, now=turn.now, actor_id=turn.me)
    return Reply(report.text)


@on_file(".xls", roles=ADMIN)
def import_sent_old_file(turn: Turn, file: Attachment) -> Said:
    """The old format is answered with how to save it anew (TerritoryError); a new file that has
    the old ending is imported."""
    return import_sent_file.run(turn, file)


@capability(
    command="/export",
    title="导出客户",
    example="导出客户",
    words=("导出客户", "导出", "导出名单", "导出客户名单", "导出客户资料"),
    pattern=r"导出.{0,6}(客户|名单|资料|医院|人员)|(客户|名单|资料).{0,4}导出",
    roles=ADMIN,
)
def export_file(turn: Turn, _: NoSlots) -> Reply:
    """The territory as a file, in the format that is imported."""
    name = f"客户资料-{turn.today:%Y%m%d}.xlsx"
    path = turn.files / f"export-{turn.me}-{turn.now:%Y%m%d%H%M%S}.xlsx"
    counts = export_territory(turn.session, path, now=turn.now, actor_id=turn.me)
    rows = "，".join(f"{sheet} {count}" for sheet, count in counts.items())
    text = f"导出好了：{rows}。改好后把文件发回来就能更新。里面有个人信息，请妥善保管。"
    return Reply(text, attachments=(Attachment(name, path, XLSX),))


@capability(
    command="/import",
    title="导入人员、医院、客户、产品",
    example="导入",
    words=("导入", "导入客户", "导入名单", "导入客户名单", "怎么导入", "上传客户"),
    pattern=r"(怎么|如何|想|要).{0,4}导入|导入.{0,6}(客户|名单|资料|医院|人员|产品|文件|表)",
    roles=ADMIN,
)
def tell_how_to_import(_: Turn, __: NoSlots) -> Reply:
    """How an import is done: by sending the file."""
    return Reply(
        "把 .xlsx 文件直接发给我就会导入：要么全部成功，要么一点不动，哪里要改我逐条告诉您。"
        "格式发「导出客户」就有，四张表：人员、医院、客户、产品。"
    )


@capability(
    command="/invite",
    title="邀请同事绑定聊天账号",
    example="邀请王小明",
    words=("邀请", "邀请码", "邀请同事"),
    pattern=r"^(?:请|帮我)?邀请.{2,20}$|邀请码",
    roles=ADMIN,
    slots=WordsSlots,
)
def invite(turn: Turn, slots: WordsSlots) -> Reply:
    """A code for one colleague, whom the words name or whose login they give.

    Raises:
        NotFoundError: nobody of that name, or several.
    """
    person = _colleague(turn, _whom(slots.words))
    code = create_invite(turn.session, person, now=turn.now, actor_id=turn.me)
    return Reply(
        f"{person.name}（{person.role.label}，{person.login}）的邀请码：{code}\n"
        f"{VALID_FOR.days} 天内有效，只能用一次；以前没用的码作废。"
        "请只转给本人，让本人发给我就绑好了。"
    )


def _whom(words: str) -> str:
    """The name or login in 「邀请陆晚晴」「/invite luwanqing」「给陆晚晴一个邀请码」."""
    return re.sub(
        r"邀请码|邀请|同事|一下|请|帮我|给|发|一?个|生成|新的?|的|[，。！？\s]", "", words
    )


def _colleague(turn: Turn, name: str) -> Person:
    if not name:
        raise NotFoundError("邀请谁？请说姓名或账号，例如「邀请王小明」。")
    named = or_(col(Person.name) == name, col(Person.login) == name)
    found = turn.session.exec(select(Person).where(named, col(Person.active))).all()
    if not found:
        raise NotFoundError(f"人员里没有「{name}」。请先在「人员」表里加上，再导入。")
    if len(found) > 1:
        logins = "、".join(person.login for person in found)
        raise NotFoundError(f"有 {len(found)} 位「{name}」，请说账号：{logins}。")
    return found[0]
