"""Sentences and clauses of a dictation, and who does or says something in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.understanding.screening.data import pattern

_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_CLAUSE = re.compile(r"[^，,：:\s]+")
_SPEECH = (
    "(?:说|讲|问|提|告诉|反映|反馈|抱怨|觉得|认为|表示|强调|答应|念|怼|嫌|埋怨|吐槽"
    "|看不上|瞧不上|嘟囔|接(?:了?一句|了?话|茬)|插嘴|嘴[快欠碎]|来了?一?句|撂|甩|回了|感慨|叹)"
)
# A clause without punctuation can be a whole dictation: no more than this is looked at or shown.
_REACH = 24


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text by its position."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """The exact words."""
        return self.text[self.start : self.end]


def sentences(text: str) -> Iterator[Span]:
    """The sentences, in order, without their final punctuation."""
    for hit in _SENTENCE.finditer(text):
        yield Span(text, hit.start(), hit.end())


def clause_around(text: str, start: int, end: int) -> Span:
    """The clauses that hold `text[start:end]`, cut short when nothing is punctuated."""
    near = _CLAUSE.finditer(text, max(0, start - _REACH), end + _REACH)
    inside = [hit for hit in near if hit.end() > start and hit.start() < end]
    left = inside[0].start() if inside else start
    right = inside[-1].end() if inside else end
    edge = max(0, start - _REACH)
    sentence_left = max(text.rfind(mark, edge, start) for mark in "。！？!?；;\n") + 1
    stops = [p for mark in "。！？!?；;\n" if (p := text.find(mark, end, end + _REACH)) >= 0]
    left = max(left, sentence_left, start - _REACH)
    right = min(right, end + _REACH, *stops) if stops else min(right, end + _REACH)
    return Span(text, left, right)


def said_by_them(text: str, place: int) -> bool:
    """Whether the words at `place` are the customer's, by the last verb of speech before."""
    before = text[max(0, place - 40) : place]
    cues = list(re.finditer(_SPEECH, before))
    if not cues:
        return False
    # A clause of ours after their words: what follows is ours.
    if re.search("[，,。；][我咱]", before[cues[-1].end() :]):
        return False
    subject = re.split(r"[，,。！？；：:]", before[: cues[-1].start()])[-1][-14:]
    if re.search("[跟和对向给同][我咱]", subject):
        return True
    if re.search(pattern("{us}"), subject) or re.search("跟|对|向|和", subject):
        return False
    return bool(re.search(pattern("{doctor}"), subject))


def given_by_them(text: str, place: int) -> bool:
    """Whether the giver at `place` is the customer's side or another firm, not ours."""
    before = re.split(r"[，,。！？；：:]", text[max(0, place - 16) : place])[-1]
    if re.search("别家|对手|竞品|厂家", before) or re.match(
        "送?了?给?[我咱](?!们公司)", text[place + 1 :]
    ):
        return True
    if re.search(pattern("{us}"), before) or re.search("[给往为替帮向跟和陪请让]", before):
        return False
    # Without punctuation only a subject close by is the one that gives.
    return bool(pattern("{doctor}|患者|病人").search(before[-8:]))


def is_negated(text: str, place: int) -> bool:
    """Whether the word at `place` has a negation right before it."""
    return bool(
        re.search(pattern("{negation}[会想能敢去再有给要用让]?$"), text[max(0, place - 4) : place])
    )


def is_principle(clause: Span, place: int) -> bool:
    """Whether the clause states a principle rather than an act, up to and just after `place`."""
    return bool(re.search(pattern("{principle}"), clause.text[clause.start : place]))
