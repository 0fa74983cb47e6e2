"""Counts during a run what a model was asked, and how often the rules engine stood in for it."""

from dataclasses import dataclass

from bot.domain.note import ProposedNote
from bot.llm.calls import ModelCall
from bot.understanding.proposer import Proposal


@dataclass
class Meter:
    """`dictations` were structured, `offline` of them without the model that was configured;
    `calls` counts retries and repairs too, tokens are what the service reported."""

    dictations: int = 0
    offline: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def heard(self, call: ModelCall) -> None:
        """One exchange with a model."""
        self.calls += 1
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens

    def note_of(self, proposal: Proposal) -> ProposedNote:
        """Counts a proposal and gives its note."""
        self.dictations += bool(proposal.note.visits)
        self.offline += proposal.offline
        return proposal.note

    @property
    def text(self) -> str:
        """One Chinese sentence for people."""
        return (
            f"大模型：口述 {self.dictations} 条，其中离线整理（由规则引擎代答）{self.offline} 条；"
            f"调用 {self.calls} 次，输入 {self.input_tokens}、输出 {self.output_tokens} 词元。"
        )
