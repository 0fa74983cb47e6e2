"""What `python -m bot` does: run a command, and tell every problem in Chinese."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper

from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DatabaseError
from typer import Abort
from typer.exceptions import TyperException

from bot.channels.talk import TalkError
from bot.cli import app
from bot.config import ConfigError
from bot.domain.errors import UserError
from bot.policy import PolicyError
from bot.territory import TerritoryError

COMMANDS = (
    ("chat", "在终端里聊天", "python -m bot chat --as luwanqing"),
    ("chat --json", "每行一个 JSON，给程序用", "python -m bot chat --json --at 2026-11-03T17:40"),
    ("chat --file", "照脚本说一遍", "python -m bot chat --file 脚本.txt"),
    ("sample", "放入虚构的示例辖区", "python -m bot sample"),
    ("import", "导入辖区（.xlsx）", "python -m bot import 辖区.xlsx"),
    ("export", "导出辖区", "python -m bot export 辖区.xlsx"),
    ("structure", "把口述整理成记录", "python -m bot structure cases.jsonl --engine rules"),
    ("eval", "给整理得好不好打分", "python -m bot eval cases.jsonl --territory 辖区.xlsx"),
    ("route", "看懂问题：问什么、问谁", "python -m bot route questions.jsonl --engine rules"),
    ("serve", "接上聊天平台，一直运行", "python -m bot serve"),
    ("menu", "更新聊天平台里的菜单", "python -m bot menu"),
    ("pushes", "提醒：该说的、说过的、没送到的", "python -m bot pushes --at 2026-11-03T08:30"),
    ("invite", "给同事一个邀请码", "python -m bot invite luwanqing"),
    ("unbind", "解绑同事的聊天账号", "python -m bot unbind luwanqing"),
    ("migrate", "把数据库升到最新", "python -m bot migrate"),
    ("doctor", "检查哪里没配好", "python -m bot doctor"),
    ("audit verify", "核对审计记录", "python -m bot audit verify"),
)
WIDTH = 100
PROBLEMS = (
    TyperException,
    UserError,
    TalkError,
    ConfigError,
    PolicyError,
    DatabaseError,
    OSError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code: 2 for bad use, 1 for other problems."""
    _speak_utf8()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or {"-h", "--help", "help"} & set(words):
        show_commands()
        return 0
    try:
        return int(app(words, standalone_mode=False) or 0)
    except (KeyboardInterrupt, Abort):
        return _fail("已停止。", code=130)
    except PROBLEMS as problem:
        code = 2 if isinstance(problem, TyperException | ConfigError | PolicyError) else 1
        return _fail(_explain(problem), code=code)


def show_commands() -> None:
    """What can be done, with an example each."""
    table = Table("命令", "做什么", "例如", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in COMMANDS:
        table.add_row(*row)
    console = Console(width=WIDTH)
    console.print("拜访助手：拜访完说一段话，整理成记录；再问「下一个该见谁」。\n")
    console.print(table)


def _explain(problem: Exception) -> str:
    match problem:
        case TyperException():
            sentence = f"{_misused(problem)}直接运行 python -m bot 看每个命令怎么用。"
        case TerritoryError():
            headline = problem.sentence.splitlines()[0]
            sentence = "\n".join([headline, *problem.lines])
        case UserError() | TalkError():
            sentence = problem.sentence
        case DatabaseError():
            sentence = "数据库用不了。运行 python -m bot doctor 看看是哪里的问题。"
        case OSError():
            name = problem.filename or "文件"
            sentence = f"{name} 读写不了，请检查路径、权限和磁盘空间。"
        case _:
            sentence = f"设置要改一下：\n{problem}"
    return sentence


def _misused(misuse: TyperException) -> str:
    option = getattr(misuse, "option_name", None)
    if option is not None:
        return f"没有「{option}」这个选项，或后面少了内容。"
    parameter = getattr(misuse, "param", None)
    if parameter is not None:
        return f"「{max(parameter.opts, key=len)}」少了或写得不对。"
    return "没有这个命令，或多写了内容。"


def _fail(sentence: str, *, code: int = 1) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def _speak_utf8() -> None:
    """Chinese in and out whatever the locale says."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
