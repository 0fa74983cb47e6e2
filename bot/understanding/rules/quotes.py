"""原话: the customer's own words, marked by quote marks or announced (原话是, 撂下一句 …).

What our side said, and terms or titles in quote marks, are no quotes. Words: `words/quotes.toml`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from bot.domain.note import Quote
from bot.understanding.rules.clauses import Span
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor, last_subject
from bot.understanding.rules.vocabulary import endings, has, pattern

_TERM = 4
_PAUSES = ("：", ":", "，", "。")
_LEAD = "：:，,、 的是"


def quotes_of(turns: Sequence[Turn], reading: Reading, focus: Focus) -> list[Quote]:
    """The customer's words during these turns, verbatim, with who said them."""
    spans = reading.quoted
    found: list[Quote] = []
    for turn in turns:
        first = bisect_left(spans, (turn.clause.start,))
        marked = spans[first : bisect_left(spans, (turn.clause.end,))]
        found.extend(
            Quote(speaker=_speaker(turn, focus), text=_inner(reading.text, span))
            for span in marked
            if _is_speech(span, reading.text) and _customer_speaks(turn, span[0])
        )
        if not marked:
            found.extend(_announced(turn, reading, focus))
    return found


def _inner(text: str, span: Span) -> str:
    return text[span[0] + 1 : span[1] - 1].strip()


def _is_speech(span: Span, text: str) -> bool:
    """Speech is introduced by a word or a pause, or talks to somebody; a term is neither."""
    before, after = text[max(0, span[0] - 12) : span[0]], text[span[1] : span[1] + 8]
    introduced = before.rstrip(_LEAD)
    if introduced.endswith(endings("quotes.marks.term_before")):
        return False
    if introduced.endswith(endings("quotes.marks.right_before")) or before.endswith(_PAUSES):
        return True
    spoken = has("quotes.marks.speech", introduced) or has("quotes.marks.speech", after)
    return span[1] - span[0] - 2 > _TERM and (
        spoken or has("quotes.marks.talk", _inner(text, span))
    )


def _customer_speaks(turn: Turn, at: int) -> bool:
    """The subject named last before the words is a customer; with none, 原话 is always theirs."""
    before = turn.text[: at - turn.clause.start]
    speaker = last_subject(before, turn.people, turn.clause.start)
    if speaker is None:
        return turn.actor is Actor.CUSTOMER or has("quotes.marks.theirs", turn.text)
    return speaker is Actor.CUSTOMER


def _customer_announces(turn: Turn, at: int) -> bool:
    """「末了来了句…」: without any subject it is not us who are quoted."""
    return _customer_speaks(turn, at) or (not turn.subject.said and turn.actor is Actor.REP)


def _announced(turn: Turn, reading: Reading, focus: Focus) -> Iterator[Quote]:
    mark = pattern("quotes.marks.announced").search(turn.text)
    if mark is None or not _customer_announces(turn, turn.clause.start + mark.start()):
        return
    start = turn.clause.start + mark.end()
    end = _sentence_end(turn, reading)
    if bisect_left(reading.quoted, (start,)) < bisect_left(reading.quoted, (end,)):
        return
    text = reading.text[start:end].lstrip(_LEAD).rstrip("，。 ")
    if len(text) >= 3:
        yield Quote(speaker=_speaker(turn, focus), text=text)


def _sentence_end(opening: Turn, reading: Reading) -> int:
    """The quote runs to the end of its sentence, or to where our side takes over."""
    end = opening.clause.end
    for turn in reading.turns[opening.number + 1 :]:
        if turn.clause.sentence != opening.clause.sentence or _takes_over(turn):
            break
        end = turn.clause.end
    return end


def _takes_over(turn: Turn) -> bool:
    """Whether somebody else acts again: our side, or a person by name."""
    named = turn.subject.said and turn.subject.at == 0 and turn.subject.person is not None
    return named or pattern("quotes.marks.ours_again").match(turn.text) is not None


def _speaker(turn: Turn, focus: Focus) -> str | None:
    if turn.subject.person is not None:
        return turn.subject.person.mention
    return focus.last_named(turn.clause.end)
