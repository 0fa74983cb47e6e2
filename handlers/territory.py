"""The territory in chat, for the admin: import it, export it."""

from bot.messages import Attachment, Reply
from bot.registry import NoSlots, Said, capability, on_file
from bot.territory import export_territory, import_territory
from bot.turn import Turn
from storage.people import Role

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
