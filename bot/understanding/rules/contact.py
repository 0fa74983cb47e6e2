"""The contact itself: day, start, duration, channel and place, each in the words that were said.

A day, a clock time or a length counts when the clause is about the contact: our side acts, or the
clause only lists facts, and nothing in it is still to come. Words: `words/contact.toml`.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.domain.note import Channel
from bot.domain.when import ClockFound, DayFound, LengthFound
from bot.understanding.rules.clauses import plain
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_LEADING = 3
_NEAR = 5
_PAUSES = "，,。、 …"


def day_phrase(turns: Sequence[Turn], reading: Reading) -> str | None:
    """When it happened, as said; None when not said, which means the day of speaking."""
    met = False
    for number, turn in enumerate(turns):
        found = _contact_days(turn, reading, leading=number < _LEADING and not met)
        if found:
            return found[0].phrase
        met = met or (turn.ours and turn.says("people.met.seen"))
    return None


def contact_day(turn: Turn, reading: Reading) -> date | None:
    """The day of a contact that this very clause reports."""
    if not turn.says("contact.met.acts"):
        return None
    found = _contact_days(turn, reading, leading=False)
    return found[0].day if found else None


def _contact_days(turn: Turn, reading: Reading, *, leading: bool) -> list[DayFound]:
    if not (turn.says("contact.met.acts") or turn.says("contact.channel.wechat") or leading):
        return []
    return [day for day in turn.past if _tells_contact(turn, day, reading)]


def _tells_contact(turn: Turn, day: DayFound, reading: Reading) -> bool:
    if (
        day.deadline
        or day.day > reading.today
        or not (_surely_past(turn, day) or _acts_after(turn, day))
    ):
        return False
    before = turn.text[: day.start - turn.clause.start]
    if has("speakers.speech.verbs", plain(before)):
        return False
    return turn.actor is not Actor.OTHER and not _by_pronoun(turn)


def _surely_past(turn: Turn, day: DayFound) -> bool:
    """「昨天」 says by itself that it is past; a bare 「周五」 does not."""
    return any(other.start == day.start and other.day == day.day for other in turn.days)


def _acts_after(turn: Turn, day: DayFound) -> bool:
    """「周五去见了…」: what we did follows the day."""
    after = turn.text[day.end - turn.clause.start :]
    late = pattern("contact.met.recorded").match(turn.text) is not None
    return late or (turn.ours and has("contact.met.acts", after))


def _by_pronoun(turn: Turn) -> bool:
    """「他昨天…」 is the customer's day, not the day of the visit."""
    return turn.actor is Actor.CUSTOMER and turn.subject.said and turn.subject.person is None


def start_phrase(turns: Sequence[Turn], reading: Reading) -> str | None:
    """The clock time of the contact, as said; vague ones (前后, 左右) do not count."""
    clock = next(_clocks(turns, reading), None)
    return clock.phrase if clock else None


def _clocks(turns: Sequence[Turn], reading: Reading) -> Iterator[ClockFound]:
    for number, turn in enumerate(turns):
        if number < _LEADING + 2 or turn.says("contact.start.arrives") or turn.clause.sentence == 0:
            for clock in turn.clocks:
                if not (clock.vague or _waited_until(turn, clock)) and _about_contact(
                    turn, clock, reading
                ):
                    yield clock


def _waited_until(turn: Turn, clock: ClockFound) -> bool:
    """「等到五点也没下来」 is no start; 「等到四点才见到」 is."""
    before = turn.text[: clock.start - turn.clause.start]
    after = turn.text[clock.end - turn.clause.start :]
    return before.endswith(endings("contact.start.until")) and not after.startswith("才")


def _about_contact(turn: Turn, found: ClockFound | LengthFound, reading: Reading) -> bool:
    before = turn.text[: found.start - turn.clause.start]
    if has("speakers.speech.verbs", plain(before)):
        return False
    if turn.actor is Actor.OTHER or _by_pronoun(turn) or turn.says("steps.steps.requests"):
        return False
    return not any(day.day > reading.today for day in turn.days if not _gone(day, turn))


def _gone(day: DayFound, turn: Turn) -> bool:
    return any(past.start == day.start and past.day < day.day for past in turn.past)


def duration_phrase(turns: Sequence[Turn], reading: Reading) -> str | None:
    """How long it took, as said: a length, or a start with an end."""
    spent = [length for turn in turns for length in turn.lengths if _spent(turn, length)]
    if spent:
        return _put_right(spent, reading.text).phrase
    ranges = (clock.phrase for clock in _clocks(turns, reading) if clock.until)
    return next(ranges, None) or _from_to(turns, reading)


def _put_right(spent: Sequence[LengthFound], text: str) -> LengthFound:
    """The length said first, or what it was corrected to (「二十分钟，不，半小时」)."""
    chosen = spent[0]
    for length in spent[1:]:
        between = text[chosen.end : length.start].strip(_PAUSES)
        if not f"{between}，".startswith(endings("contact.duration.corrects")):
            break
        chosen = length
    return chosen


def _from_to(turns: Sequence[Turn], reading: Reading) -> str | None:
    """「九点零五进的…九点半出来的」: the words from the start to the end."""
    start = next(_clocks(turns, reading), None)
    clocks = (clock for turn in turns for clock in turn.clocks if not clock.vague)
    for clock in clocks if start else ():
        after = reading.text[clock.end : clock.end + _NEAR]
        lasted = reading.text.endswith(endings("contact.duration.lasts"), 0, clock.start)
        ends = lasted or has("contact.duration.ends", after)
        if start and clock.start > start.end and ends:
            return reading.text[start.start : clock.end]
    return None


def _spent(turn: Turn, length: LengthFound) -> bool:
    before = turn.text[: length.start - turn.clause.start]
    if _last("contact.duration.waste", before) > _last("contact.duration.spent", before):
        return False
    others = turn.actor is Actor.OTHER and not turn.says("speakers.speech.to_rep")
    if others or has("contact.duration.maybe", before):
        return False
    after = turn.text[length.end - turn.clause.start :]
    if after.startswith(endings("contact.duration.relative")):
        return False
    alone = len(turn.text) - len(length.phrase) <= 4
    return (
        alone
        or turn.says("contact.duration.spent")
        or (turn.clause.sentence < 2 and not turn.speaks)
    )


def _last(path: str, text: str) -> int:
    """Where the last word of a list stands in the text; -1 without one."""
    return max((match.start() for match in pattern(path).finditer(text)), default=-1)


def channel_of(turns: Sequence[Turn], reading: Reading) -> Channel | None:
    """The channel that the contact clauses tell; the earliest cue wins, plans do not count."""
    for number, turn in enumerate(turns):
        if any(day.day > reading.today for day in turn.days if not _gone(day, turn)):
            continue
        if turn.says("contact.channel.internal") or turn.says("contact.channel.habit"):
            continue
        if number > _LEADING and turn.clause.sentence and not turn.people:
            continue
        cues = [(match, kind) for kind, match in _cues(turn)]
        if cues:
            return min(cues, key=lambda cue: cue[0])[1]
    if any(turn.places for turn in turns):
        return Channel.FACE
    return None


def _cues(turn: Turn) -> Iterator[tuple[Channel, int]]:
    lists = {
        Channel.PHONE: "contact.channel.phone",
        Channel.WECHAT: "contact.channel.wechat",
        Channel.ONLINE: "contact.channel.online",
        Channel.FACE: "contact.channel.face",
    }
    for kind, path in lists.items():
        match = pattern(path).search(turn.text)
        if match:
            yield kind, match.start()
