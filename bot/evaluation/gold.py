"""What a case file holds: dictations with the note that a careful person would write of them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


def _checked_day(value: object) -> object:
    """A day stays the text that it is compared as."""
    if isinstance(value, str) and date.fromisoformat(value).isoformat() != value:
        raise ValueError("not a day as YYYY-MM-DD")
    return value


Day = Annotated[str, BeforeValidator(_checked_day)]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]
Words = list[str]
"""What must all occur; `a|b` in one of them means either."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class GoldUpdate(_Value):
    """A lasting fact about a customer."""

    customer: str
    words: Words


class GoldStep(_Value):
    """Something our side has to do; `customer_alt` are names that are as right as `customer`."""

    words: Words
    customer: str | None
    due: Day | None
    customer_alt: list[str] = []


class AllowedStep(_Value):
    """A step that may be in the answer or not."""

    words: Words


class GoldNeed(_Value):
    """A request of a customer with its level."""

    level: Literal[1, 2, 3]
    words: Words


class Allowed(_Value):
    """Other accepted values of single fields, and items of lists that are neither asked for nor
    punished."""

    visit_date: list[Day] = []
    start_time: list[str | None] = []
    duration_minutes: list[int | None] = []
    channel: list[str | None] = []
    hospital: list[str | None] = []
    department: list[str | None] = []
    customers: list[str] = []
    ambiguous: list[str] = []
    new_people: list[str] = []
    quotes: list[str] = []
    profile_updates: list[GoldUpdate] = []
    next_steps: list[AllowedStep] = []
    needs: list[GoldNeed] = []
    flags: list[str] = []


class Gold(_Value):
    """The note that is expected; `rep_words` are the rep's own, never to be quoted as a
    customer's."""

    visit_date: Day | None = None
    start_time: str | None = None
    duration_minutes: int | None = None
    channel: str | None = None
    hospital: str | None = None
    department: str | None = None
    customers: list[str] = []
    ambiguous: list[str] = []
    new_people: list[str] = []
    goal: Words | None = None
    key_points: list[Words] = []
    quotes: list[str] = []
    profile_updates: list[GoldUpdate] = []
    next_steps: list[GoldStep] = []
    needs: list[GoldNeed] = []
    flags: list[str] = []
    optional: Allowed = Allowed()
    rep_words: list[str] = []


class Case(_Value):
    """One message: who said it when, and what it is."""

    id: str
    login: str = Field(alias="as")
    at: Moment
    text: str
    kind: Literal["note", "not_note"]
    expect: Gold

    @property
    def is_note(self) -> bool:
        """Whether the message is a dictation at all."""
        return self.kind == "note"

    def as_input(self) -> dict[str, str]:
        """What an engine gets to see."""
        return {"id": self.id, "as": self.login, "at": self.at.isoformat(), "text": self.text}


def unknown_words(case: Case) -> list[str]:
    """Names of expectations that nobody scores: most often a slip of the pen."""
    expected: list[tuple[str, Any]] = [("", case.expect), ("optional.", case.expect.optional)]
    return [f"{prefix}{name}" for prefix, part in expected for name in part.model_extra or ()]
