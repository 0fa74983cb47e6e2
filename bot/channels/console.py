"""The chat in a terminal: typed or pasted Chinese, buttons by number, the sample day played."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import HTML
from prompt_toolkit.history import FileHistory
from rich.cells import cell_len
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from bot.channels.script import Expect, Move, Press, Say, Send, Step, move, perform
from bot.channels.talk import Shown, Talk, TalkError, in_beijing
from bot.messages import Button, Reply

NameOf = Callable[[str], str]
"""The name of a person by login."""

HELLO = (
    '直接说话就行。按按钮打它的数字；真要发一个数字，写成 "3"。'
    "发文件：/file 路径；发语音：/voice 路径。Ctrl-D 离开。"
)
GOODBYE = "再见！说过的都留着，下次接着来。"
NO_WAIT = "好，先不等了。要的话再发一次。"
LEAVING = {"退出", "/quit", "/exit", "/q"}
WORKING = "收到，正在整理…"

WIDEST = 100

_PIECES = re.compile(r"\s*(?:[!-~]+|[^\s!-~])[，。、；：！？）」』】〕》”’…]*|\s+")
_NUMBER = re.compile(r"[1-9]\d?|[１-９]")
_QUOTED = re.compile(r"[\"“”'](\d+)[\"“”']")
_FILE = re.compile(r"/(?P<kind>file|voice)\s+(?P<path>.+)")


def chat_live(talk: Talk, name_of: NameOf, history: Path) -> None:
    """Talk until the person leaves; what was typed is remembered in `history`."""
    console = Console()
    session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))
    console.print(Text(HELLO, style="dim"))
    while True:
        _show_own(console, talk, talk.catch_up())
        try:
            typed = session.prompt(HTML("<b>{}</b> › ").format(name_of(talk.login))).strip()
        except (EOFError, KeyboardInterrupt):
            break
        if typed in LEAVING:
            break
        if typed:
            _answer(console, talk, typed)
    console.print(GOODBYE)


def play(
    talk: Talk, steps: Iterable[Step], folder: Path, name_of: NameOf, console: Console
) -> None:
    """Speak a script and show both sides of it. Raises TalkError where it cannot go on."""
    for step in steps:
        if isinstance(step, Expect):
            continue
        if isinstance(step, Move):
            pushed = move(talk, step)
            console.print(_heading(talk, name_of))
            _show_own(console, talk, pushed)
            continue
        width = _width(console)
        console.print(Text(wrap(f"{name_of(talk.login)} › {said(step)}", width), style="bold"))
        for shown in perform(talk, step, folder):
            console.print(_told(shown, name_of, width))


def _show_own(console: Console, talk: Talk, pushed: Iterable[Shown]) -> None:
    """What was said on its own to the one who speaks."""
    for shown in pushed:
        if shown.to == talk.login:
            console.print(drawn(shown.reply, _width(console)))


def _heading(talk: Talk, name_of: NameOf) -> RenderableType:
    return Text(f"\n{in_beijing(talk.now):%H:%M} {name_of(talk.login)}", style="dim")


def said(step: Step) -> str:
    """A step of a script as the person would write it."""
    match step:
        case Press(label):
            return f"[{label}]"
        case Send(path):
            return f"（文件）{path}"
        case Say(text):
            return text
        case _:
            return ""


def _answer(console: Console, talk: Talk, typed: str) -> None:
    try:
        with console.status(WORKING):
            answers = send(talk, typed)
    except TalkError as problem:
        console.print(problem.sentence)
        return
    except KeyboardInterrupt:
        console.print(NO_WAIT)
        return
    for shown in answers:
        if shown.to == talk.login:
            console.print(drawn(shown.reply, _width(console)))


def send(talk: Talk, typed: str) -> list[Shown]:
    """Send what was typed: a button's number or label, a file, or words. Raises TalkError."""
    buttons = talk.buttons_in_sight()
    pressed = button_meant(typed, buttons)
    if pressed is not None:
        return talk.press(pressed.id)
    file = _FILE.fullmatch(typed)
    if file:
        path = Path(file["path"].strip("\"' ")).expanduser()
        return talk.send_voice(path) if file["kind"] == "voice" else talk.send_file(path)
    quoted = _QUOTED.fullmatch(typed)
    return talk.say(quoted[1] if quoted else typed)


def button_meant(typed: str, buttons: Sequence[Button]) -> Button | None:
    """The button that was typed, by its number on the card or by its label."""
    if _NUMBER.fullmatch(typed) and int(typed) <= len(buttons):
        return buttons[int(typed) - 1]
    return next((button for button in buttons if button.label == typed.strip("[]【】")), None)


def drawn(reply: Reply, width: int) -> RenderableType:
    """A reply as it stands in a terminal of this width; one with buttons is a card."""
    inside = width - 4 if reply.buttons else width
    parts: list[RenderableType] = [Text(wrap(reply.text, inside))]
    parts += [Text(f"附件 {a.name}  {a.path}", style="cyan") for a in reply.attachments]
    if not reply.buttons:
        return Group(*parts)
    labels = [f"[{n}] {button.label}" for n, button in enumerate(reply.buttons, start=1)]
    parts += [Text(), Columns([Text(label, style="cyan") for label in labels], padding=(0, 3))]
    return Panel(Group(*parts), border_style="dim", width=width)


def wrap(text: str, width: int) -> str:
    """Lines of at most `width` columns, broken between Chinese characters but never inside a
    Latin word or number, nor before closing punctuation."""
    return "\n".join(_wrap_line(line, width) for line in text.splitlines())


def _wrap_line(line: str, width: int) -> str:
    lines, used = [""], 0
    for piece in _PIECES.findall(line):
        size = cell_len(piece)
        if used + size > width and used:
            lines.append("")
            used = 0
            piece = piece.lstrip()  # noqa: PLW2901
            size = cell_len(piece)
        lines[-1] += piece
        used += size
    return "\n".join(lines)


def _told(shown: Shown, name_of: NameOf, width: int) -> RenderableType:
    """What others are told is dimmed, with its addressee."""
    if not shown.pushed:
        return drawn(shown.reply, width)
    return Text(wrap(f"→ {name_of(shown.to)}：{shown.reply.text}", width), style="dim")


def _width(console: Console) -> int:
    return min(console.width, WIDEST)
