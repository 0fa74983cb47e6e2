"""What an engine made of a case, in the output format of `structure`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Value(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class QuoteGiven(_Value):
    """Words put into somebody's mouth."""

    speaker: str | None
    text: str


class UpdateGiven(_Value):
    """A lasting fact about a customer."""

    customer: str | None
    field: str
    value: str


class StepGiven(_Value):
    """Something to do; `due` is YYYY-MM-DD."""

    action: str
    customer: str | None
    due: str | None


class NeedGiven(_Value):
    """A request of a customer."""

    level: int
    text: str


class Note(_Value):
    """The note of one case; without arguments the blank one of a message that is no dictation."""

    visit_date: str | None = None
    start_time: str | None = None
    duration_minutes: int | None = None
    channel: str | None = None
    hospital: str | None = None
    department: str | None = None
    customers: list[str] = []
    ambiguous: list[str] = []
    new_people: list[str] = []
    goal: str | None = None
    key_points: list[str] = []
    quotes: list[QuoteGiven] = []
    profile_updates: list[UpdateGiven] = []
    next_steps: list[StepGiven] = []
    needs: list[NeedGiven] = []
    flags: list[str] = []


BLANK = Note()


class Answer(_Value):
    """One line of output."""

    id: str
    kind: Literal["note", "not_note"]
    note: Note | None

    @property
    def read(self) -> Note:
        """The note, blank when there is none."""
        return self.note if self.note and self.kind == "note" else BLANK
