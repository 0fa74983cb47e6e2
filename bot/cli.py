"""The commands of `python -m bot`: thin, each opens the program and hands over."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlmodel import Session, select

from bot.app import App
from bot.channels.console import chat_live, play
from bot.channels.jsonlines import converse
from bot.channels.script import read_script
from bot.channels.talk import Talk, parse_moment
from bot.config import load_settings
from bot.doctor import examine
from bot.domain.errors import NotFoundError, UserError
from bot.domain.reach import NOWHERE
from bot.measuring import evaluate_cases, route_questions, structure_cases
from bot.policy import load_policy
from bot.push_report import report_pushes
from bot.sample.aside import put_sample_aside
from bot.sample.customers import SAMPLE_REP
from bot.sample.history import seed_sample
from bot.sample.stage import staged, workday_morning
from bot.shell import CANNOT_OPEN, opened, progress, read_lines, say
from bot.terminal import name_of, open_talk
from bot.territory import export_territory, import_territory
from storage import accounts, audit
from storage.accounts import with_login
from storage.deliveries import withdraw
from storage.invites import VALID_FOR, create_invite
from storage.people import Person

SAMPLE_DAY = Path(__file__).parent / "sample" / "day.txt"
ONLY_THE_SAMPLE_REP = (
    "这里不是终端，只能演示示例代表的一天，不能用 --as 换人。"
    "在终端里运行 python -m bot chat 聊天，或加 --json、--file。"
)
PLAYED = "演示示例代表的一天，用的是临时的示例数据，不动您的数据库。"
CANNOT_WRITE = "不能写到「{file}」，请换一个已有目录里的文件名。"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
audit_app = typer.Typer(add_completion=False)
app.add_typer(audit_app, name="audit")
app.command("structure")(structure_cases)
app.command("eval")(evaluate_cases)
app.command("route")(route_questions)


@app.command()
def chat(
    login: Annotated[str | None, typer.Option("--as")] = None,
    at: Annotated[str | None, typer.Option("--at")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    file: Annotated[Path | None, typer.Option("--file")] = None,
) -> None:
    """The terminal chat: live, as JSON lines, from a script, or the sample day."""
    moment = parse_moment(at) if at else None
    if not as_json and file is None and not sys.stdin.isatty():
        _play_sample_day(login, moment)
        return
    with opened() as program:
        if as_json:
            _talk_json(open_talk(program, login, moment), file)
        elif file is not None:
            _play(program, open_talk(program, login, moment), file)
        else:
            history = program.settings.data_dir / "history"
            chat_live(open_talk(program, login, moment), lambda who: name_of(program, who), history)


@app.command()
def sample(reset: Annotated[bool, typer.Option("--reset")] = False) -> None:
    """Fill an empty database with the sample territory; `--reset` puts an old sample aside."""
    if reset:
        kept = put_sample_aside(load_settings().database_url, now=datetime.now(UTC))
        say(f"原来的示例留在 {kept}。" if kept else "还没有示例，直接放入。")
    with opened() as program, Session(program.engine) as session:
        if session.exec(select(Person.id).limit(1)).first() is not None:
            say("数据库里已有数据，没有改动。")
            return
        visits = seed_sample(session, program.policy, now=datetime.now(UTC))
        session.commit()
    say(f"已放入虚构的示例辖区：{visits} 次拜访，到昨天为止。代表账号 {SAMPLE_REP}。")


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument()]) -> None:
    """Import a territory, all or nothing."""
    if not file.is_file():
        raise NotFoundError(CANNOT_OPEN.format(file=file))
    with opened() as program, Session(program.engine) as session, progress() as show:
        report = import_territory(
            session, file, now=datetime.now(UTC), actor_id=None, progress=show
        )
        session.commit()
    say(report.text)


@app.command("export")
def export_file(file: Annotated[Path, typer.Argument()]) -> None:
    """Export the territory."""
    if file.is_dir() or not file.parent.is_dir():
        raise NotFoundError(CANNOT_WRITE.format(file=file))
    with opened() as program, Session(program.engine) as session:
        counts = export_territory(session, file, now=datetime.now(UTC), actor_id=None)
        session.commit()
    told = "，".join(f"{sheet} {count} 行" for sheet, count in counts.items())
    say(f"已导出到 {file}：{told}。")


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    with opened():
        say("数据库已是最新。")


@app.command()
def doctor() -> None:
    """Say what is wrong with this set-up; exit code 1 when something is."""
    findings = []
    for found in examine():
        findings.append(found)
        say(f"{'✓' if found.ok else '✗'} {found.about}：{found.words}")
    if not all(found.ok for found in findings):
        raise typer.Exit(1)
    say("一切正常。")


@app.command()
def invite(login: Annotated[str, typer.Argument()]) -> None:
    """Make a one-use code with which a person binds a chat account."""
    now = datetime.now(UTC)
    with opened() as program, Session(program.engine) as session:
        person = with_login(session, login)
        if person is None or not person.active:
            raise NotFoundError(f"没有在用的账号「{login}」，请检查拼写或先导入人员。")
        code, name = create_invite(session, person, now=now), person.name
        session.commit()
    say(f"{name} 的邀请码：{code}（{VALID_FOR.days} 天内有效，只能用一次；旧码已作废）")


@app.command()
def unbind(login: Annotated[str, typer.Argument()]) -> None:
    """Take a person's chat accounts away; what waits for them is not sent."""
    now = datetime.now(UTC)
    with opened() as program, Session(program.engine) as session:
        person = with_login(session, login)
        if person is None:
            raise NotFoundError(f"没有账号「{login}」，请检查拼写。")
        name, person_id = person.name, person.id or 0
        count = accounts.unbind(session, person_id, now=now, actor_id=None)
        withdraw(session, person_id, NOWHERE, now=now)
        session.commit()
    if not count:
        say(f"{name} 没有绑定聊天账号。")
        return
    say(f"已解绑 {name} 的 {count} 个聊天账号。要再用：python -m bot invite {login}")


@app.command()
def serve(role: Annotated[str, typer.Option("--role")] = "all") -> None:
    """Serve the configured platforms until told to stop; `--role` web, worker or clock for a part
    of it, so that machines can share the work."""
    from bot.serving import Part, SeatLostError, serve_until_told  # noqa: PLC0415 - a second to load

    if role not in set(Part):
        raise UserError(f"--role 只能是 {'、'.join(Part)}。")
    with opened(log=sys.stdout) as program:
        try:
            serve_until_told(program, Part(role))
        except SeatLostError:
            raise typer.Exit(1) from None


@app.command()
def menu() -> None:
    """Set the command menu of every configured platform; exit code 1 when one did not take it."""
    from bot.menus import set_menus  # noqa: PLC0415 - a second to load

    with opened() as program:
        outcomes = set_menus(program)
    for outcome in outcomes:
        say(f"{'✓' if outcome.ok else '✗'} {outcome.words}")
    if not all(outcome.ok for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def pushes(at: Annotated[str | None, typer.Option("--at")] = None) -> None:
    """What the assistant would say on its own now or at another time, and what became of the last
    day's."""
    moment = parse_moment(at) if at else datetime.now(UTC)
    with opened() as program:
        for line in report_pushes(program.pusher, moment):
            say(line)


@audit_app.command("verify")
def verify_audit() -> None:
    """Say whether the audit trail is intact; exit code 1 when it is not."""
    with opened() as program, Session(program.engine) as session:
        say(audit.describe(session))
        if audit.verify(session):
            raise typer.Exit(1)


def _talk_json(talk: Talk, file: Path | None) -> None:
    if file is None:
        for line in converse(talk, sys.stdin):
            say(line)
        return
    with read_lines(file) as lines:
        for line in converse(talk, lines):
            say(line)


def _play(program: App, talk: Talk, file: Path) -> None:
    with read_lines(file) as lines:
        steps = [step for _, step in read_script(lines.read())]
    play(talk, steps, file.parent, lambda login: name_of(program, login), Console())


def _play_sample_day(login: str | None, at: datetime | None) -> None:
    """Nobody sits at the terminal: the sample rep's day, in a database of its own."""
    if login not in {None, SAMPLE_REP}:
        raise UserError(ONLY_THE_SAMPLE_REP)
    settings = load_settings()
    calendar = load_policy(settings.policy_file).work_calendar()
    morning = workday_morning(at or datetime.now(UTC), calendar)
    with staged(settings, morning) as program:
        say(PLAYED)
        _play(program, open_talk(program, SAMPLE_REP, morning), SAMPLE_DAY)
