"""Plays one dialogue file against the real dispatcher; shows the talk so far when it is off."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.channels.script import Expect, Move, Press, Say, Send, Step, move, perform, read_script
from bot.channels.talk import Shown, Talk, TalkError
from bot.messages import Reply


class DialogueError(AssertionError):
    """A dialogue went another way; the message shows it up to there."""


@dataclass
class Player:
    """What was said so far, and how far into the last answer the expectations have come."""

    talk: Talk
    folder: Path
    lines: list[str] = field(default_factory=list)
    answer: str = ""
    pushes: list[Shown] = field(default_factory=list)
    at: int = 0

    def play(self, step: Step) -> None:
        """Speak a step, or hold the last answer against it. Raises DialogueError."""
        match step:
            case Move():
                self._move(step)
            case Say() | Press() | Send():
                self._speak(step)
            case Expect():
                self._check(step)

    def _move(self, step: Move) -> None:
        """What is pushed meanwhile is the last answer's: `→` expects it of anybody."""
        self.pushes = move(self.talk, step)
        self.lines.append(f"@ {self.talk.now:%Y-%m-%d %H:%M} {self.talk.login}")
        self.lines += [f"    → {s.to} {rendered(s.reply)}" for s in self.pushes]
        self.answer, self.at = "", 0

    def _speak(self, step: Say | Press | Send) -> None:
        self.lines.append(_said(step))
        try:
            shown = perform(self.talk, step, self.folder)
        except TalkError as problem:
            raise self._off(problem.sentence) from None
        self.pushes = [s for s in shown if s.pushed]
        self.answer = "\n".join(rendered(s.reply) for s in shown if not s.pushed)
        self.at = 0
        self.lines += [f"    {line}" for line in self.answer.splitlines()]
        self.lines += [f"    → {s.to} {rendered(s.reply)}" for s in self.pushes]

    def _check(self, step: Expect) -> None:
        if step.pushed_to is not None:
            told = [rendered(push.reply) for push in self.pushes if push.to == step.pushed_to]
            if any(step.text in text for text in told) == step.absent:
                was = "was" if step.absent else "was not"
                raise self._off(f"{step.pushed_to} {was} told: {step.text}")
        elif step.absent:
            if step.text in self.answer:
                raise self._off(f"must not appear: {step.text}")
        else:
            found = self.answer.find(step.text, self.at)
            if found < 0:
                raise self._off(f"expected: {step.text}")
            self.at = found + len(step.text)

    def _off(self, problem: str) -> DialogueError:
        return DialogueError("\n".join([*self.lines, f"!!! {problem}"]))


def play_file(path: Path, talk: Talk, logins: Mapping[str, str]) -> None:
    """Play a dialogue file to its end. Raises DialogueError at the first line that is off."""
    player = Player(talk, path.parent)
    for number, step in read_script(path.read_text(encoding="utf-8")):
        try:
            player.play(_by_login(step, logins))
        except DialogueError as problem:
            raise DialogueError(f"\n{path.name}:{number}\n{problem}") from None


def rendered(reply: Reply) -> str:
    """A reply as a dialogue file reads it: the text, the buttons in brackets, the files by name."""
    buttons = " ".join(f"[{button.label}]" for button in reply.buttons)
    files = [f"附件：{attachment.name}" for attachment in reply.attachments]
    return "\n".join(part for part in (reply.text, *files, buttons) if part)


def _said(step: Say | Press | Send) -> str:
    match step:
        case Say(text):
            return f"> {text}"
        case Press(label):
            return f"[{label}]"
        case Send(path):
            return f"+ {path}"


def _by_login(step: Step, logins: Mapping[str, str]) -> Step:
    if isinstance(step, Expect) and step.pushed_to is not None:
        return replace(step, pushed_to=logins.get(step.pushed_to, step.pushed_to))
    return step
