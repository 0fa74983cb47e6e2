"""Dictation or not: a report of a contact that took place; greetings, questions to the assistant,
commands, chit-chat and plans are not. Words: `words/dictation.toml`."""

from bot.understanding.rules.people_met import Contact, Somebody
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.vocabulary import has, pattern


def reports_contact(reading: Reading, people: list[Somebody]) -> bool:
    """Whether some clause tells that a contact took place or was tried in vain."""
    if not people and not any(turn.places for turn in reading.turns):
        return False
    return any(_reports(turn, reading, people) for turn in reading.turns)


def _reports(turn: Turn, reading: Reading, people: list[Somebody]) -> bool:
    if _is_command(turn) or _is_plan(turn, reading) or _is_question(turn, reading):
        return False
    return turn.says("contact.met.acts") or _involves(turn, people)


def _involves(turn: Turn, people: list[Somebody]) -> bool:
    """Somebody met or missed is named, together with something that happened."""
    told = any(
        mention is person and contact > Contact.MENTIONED
        for one in people
        for mention, contact in zip(one.mentions, one.contacts, strict=True)
        for person in turn.people
    )
    return told and (turn.says("dictation.report.happened") or turn.clause.sentence > 0)


def _is_command(turn: Turn) -> bool:
    return pattern("dictation.not.commands").match(turn.text) is not None


def _is_plan(turn: Turn, reading: Reading) -> bool:
    coming = any(day.day > reading.today for day in turn.days) and not turn.past
    return coming or turn.says("dictation.not.plans")


def _is_question(turn: Turn, reading: Reading) -> bool:
    """A question to the assistant, not a question that somebody reports."""
    if turn.speaks:
        return False
    return has("dictation.not.questions", turn.text) or reading.text.rstrip().endswith(("？", "?"))
