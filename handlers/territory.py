"""An admin sends the territory as an .xlsx file to import it; 「导出客户」 gives it back."""

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
