"""Who works here, as a question may name them: colleagues, teams, and the tags that are in use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of our company; `is_rep` when they have customers of their own."""

    login: str
    name: str
    team: str | None
    is_rep: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """What a question may refer to besides customers and places. `tags` are those that the
    customers within the asker's scope carry."""

    asker: Colleague
    colleagues: tuple[Colleague, ...]
    teams: tuple[str, ...]
    tags: tuple[str, ...] = ()
