"""What an import did, in figures and in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

SHOWN_CHANGES = 5


@dataclass(slots=True)
class SheetCount:
    """Rows of one sheet that were new, changed something, or changed nothing."""

    sheet: str
    added: int = 0
    updated: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A field that an import changed: whose, which, from what to what."""

    sheet: str
    subject: str
    header: str
    before: str
    after: str

    @property
    def line(self) -> str:
        """One line for the admin."""
        return f"{self.subject} {self.header}：{self.before or '（空）'} → {self.after or '（空）'}"


@dataclass(slots=True)
class ImportReport:
    """The outcome of an import. `changes` holds the first few; `left_alone` counts customers of the
    database that the file does not have, `people_left_alone` colleagues; `warnings` are worth a
    look though the import went through."""

    sheets: list[SheetCount]
    changes: list[Change] = field(default_factory=list)
    changed_fields: int = 0
    left_alone: int = 0
    people_left_alone: int = 0
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def for_sheets(cls, names: Iterable[str]) -> "ImportReport":
        """A report with nothing counted yet."""
        return cls([SheetCount(name) for name in names])

    def count_of(self, sheet: str) -> SheetCount:
        """The figures of one sheet. Raises StopIteration for an unknown one."""
        return next(count for count in self.sheets if count.sheet == sheet)

    def note_change(self, change: Change) -> None:
        """Count a changed field, and keep it to show when it is among the first."""
        self.changed_fields += 1
        if len(self.changes) < SHOWN_CHANGES:
            self.changes.append(change)

    @property
    def text(self) -> str:
        """The answer in chat, one screen."""
        return "\n".join([*self._counts(), *self._shown_changes(), *self._remarks()])

    def _counts(self) -> Iterator[str]:
        yield "导入完成。"
        for count in self.sheets:
            yield f"{count.sheet}：新增 {count.added}，更新 {count.updated}，没变 {count.same}"

    def _shown_changes(self) -> Iterator[str]:
        if self.changes:
            yield "改动："
        yield from (f"· {change.line}" for change in self.changes)
        more = self.changed_fields - len(self.changes)
        if more:
            yield f"……另有 {more} 处改动。"

    def _remarks(self) -> Iterator[str]:
        if self.left_alone:
            yield f"库里另有 {self.left_alone} 位客户不在文件里，保持原样。"
        if self.people_left_alone:
            yield f"没在表里的同事 {self.people_left_alone} 位，保持不变。"
        yield from (f"请留意：{warning}" for warning in self.warnings[:SHOWN_CHANGES])

    def as_detail(self) -> dict[str, Any]:
        """The figures alone, for the audit trail."""
        counts = {c.sheet: [c.added, c.updated, c.same] for c in self.sheets}
        return {"sheets": counts, "left_alone": self.left_alone}
