"""An assistant that remembers what it was sent, for testing channels without the real one."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.channels.talk import Talk
from bot.messages import Attachment, Button, Incoming, Reply

LOGINS = {"tangning": "tangning", "唐宁": "tangning", "shihong": "shihong"}


@dataclass
class Assistant:
    """Shows a numbered card for every text that starts with 「卡」, echoes the rest."""

    heard: list[Incoming] = field(default_factory=list)

    def handle(self, incoming: Incoming) -> list[Reply]:
        """Answer as the dispatcher would."""
        self.heard.append(incoming)
        if incoming.press is not None:
            return [Reply(f"按了 {incoming.press}")]
        if incoming.file is not None:
            copy = Attachment("回执.xlsx", Path("files/receipt.xlsx"), "application/x-test")
            return [Reply(f"收到 {incoming.file.name}", attachments=(copy,))]
        if incoming.text.startswith("卡"):
            return [card(incoming.text)]
        if incoming.text == "告诉主管":
            return [Reply("已通知"), Reply("有事", to="shihong")]
        return [Reply(f"你说：{incoming.text}")]


def card(name: str) -> Reply:
    """A card that is replaced by a later one of the same name."""
    buttons = (
        Button("确认", f"{name[:2]}.ok:{len(name)}".replace("卡", "k")),
        Button("取消", "k.no:1"),
    )
    return Reply(f"卡片 {name}", buttons=buttons, card=name[:2])


def talk_with(assistant: Assistant) -> Talk:
    """唐宁 at the terminal with this assistant."""
    return Talk(assistant.handle, LOGINS.get, login="tangning")
