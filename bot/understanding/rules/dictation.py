"""Dictation or not: a report of a contact that took place; greetings, questions to the assistant,
commands, chit-chat and plans are not. Words: `words/dictation.toml`."""

from bot.understanding.rules.people_met import Somebody
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_FEW = 3
_LONG = 40


def reports_contact(reading: Reading, people: list[Somebody]) -> bool:
    """Whether it tells of a contact that took place or was tried in vain: somebody or some place is
    named, and a clause that is no question, command or plan says that something happened."""
    if not reading.turns or _opens_otherwise(reading):
        return False
    told = [turn for turn in reading.turns if _tells(turn, reading)]
    if people:
        return any(_happened(turn) for turn in told)
    named = any(turn.places or turn.says("people.met.callings") for turn in told)
    return named and any(_meets_somebody(turn) for turn in told)


def _opens_otherwise(reading: Reading) -> bool:
    """It starts as a command, as a word about earlier records, or is nothing but a question."""
    first = reading.turns[0]
    if _is_command(first) or first.says("dictation.not.to_assistant"):
        return True
    if first.says("dictation.not.own_things") and not first.says("dictation.report.records"):
        return True
    if _is_imperative(reading) or _ends_asking(reading) or _is_news(reading):
        return True
    corrects = first.says("people.correction.markers") and len(reading.turns) < _FEW
    return corrects or (len(reading.turns) == 1 and len(first.text) < _LONG and _only_asks(first))


def _is_imperative(reading: Reading) -> bool:
    """「给陆主任发个消息」: told to do it, nothing took place."""
    opens = pattern("dictation.not.imperatives").match(reading.turns[0].text)
    return opens is not None and not has("dictation.not.took_place", reading.text)


def _is_news(reading: Reading) -> bool:
    """「科室会方案已经给张颖了」, 「邱国栋不去了」: how things stand; no contact is told."""
    told = reading.turns
    ordered = told[-1].says("dictation.not.orders") and len(told) <= _FEW
    if told[0].says("dictation.not.announces") or (ordered and not _customer_acts(told[-1])):
        return not any(turn.says("contact.met.acts") for turn in told)
    if len(told) > _FEW or any(turn.says("dictation.report.contact") for turn in told):
        return False
    if any(turn.places or turn.lengths or turn.clocks or turn.speaks for turn in told):
        return False
    done = len(told) == 1 and pattern("dictation.not.delivered").search(told[0].text) is not None
    return done or (len(told) == 1 and _is_owned(told[0]))


def _ends_asking(reading: Reading) -> bool:
    """「陆主任问的那件事，医学部回了没有」: a short text that ends in a question of our own."""
    last = reading.turns[-1]
    asks = last.text.endswith(_open_ends()) or reading.text.rstrip().endswith(("？", "?"))
    met = any(turn.says("contact.met.acts") for turn in reading.turns)
    return (
        asks and not met and len(reading.turns) <= _FEW and not last.says("dictation.report.asked")
    )


def _only_asks(turn: Turn) -> bool:
    asks = turn.says("dictation.not.questions") or turn.text.endswith(_open_ends())
    return asks and not turn.says("dictation.report.asked")


def _open_ends() -> tuple[str, ...]:
    return endings("dictation.not.ends")


def _happened(turn: Turn) -> bool:
    return turn.says("dictation.report.happened") or _customer_acts(turn)


def _tells(turn: Turn, reading: Reading) -> bool:
    return not (
        _is_command(turn)
        or _is_plan(turn, reading)
        or _is_question(turn)
        or turn.says("dictation.not.own_things")
    )


def _meets_somebody(turn: Turn) -> bool:
    """Without a name there must be a talk or a miss, besides a place or a 主任, 医生 …"""
    return turn.says("people.met.surely") or turn.says("people.met.absent")


def _customer_acts(turn: Turn) -> bool:
    return turn.actor is Actor.CUSTOMER and turn.subject.said and not _is_owned(turn)


def _is_owned(turn: Turn) -> bool:
    """「陆主任的标签」: something of a person's, nobody who acts."""
    person = turn.subject.person
    return person is not None and turn.text.startswith("的", person.end - turn.clause.start)


def _is_command(turn: Turn) -> bool:
    if turn.says("dictation.report.records"):
        return False
    if _customer_acts(turn) and turn.subject.at == 0:
        return False
    order = pattern("dictation.not.commands").match(turn.text)
    told = order is not None and not turn.text.startswith(("了", "到"), order.end())
    return told or (turn.says("dictation.not.orders") and not _customer_acts(turn))


def _is_plan(turn: Turn, reading: Reading) -> bool:
    if turn.says("dictation.report.promised") and turn is not reading.turns[0]:
        return False
    if _customer_acts(turn) and (turn.speaks or turn.says("speakers.speech.to_rep")):
        return False
    coming = any(day.day > reading.today for day in turn.days)
    gone = any(day.day <= reading.today for day in turn.past)
    return (coming and not gone) or turn.says("dictation.not.plans")


def _is_question(turn: Turn) -> bool:
    """A question to the assistant, not one that somebody is said to have asked."""
    reported = turn.speaks or turn.says("dictation.report.embedded")
    asks = has("dictation.not.questions", turn.text) and not reported
    return asks or (turn.text.endswith(_open_ends()) and not _customer_acts(turn))
