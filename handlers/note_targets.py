"""Which note words are about: 「把昨天丁素云那条…」, 「第二张…」, or else the newest."""

import re

from bot.domain.errors import NotFoundError
from bot.domain.numerals import parse_int
from bot.domain.people import find_people
from bot.domain.when import Tense, find_days
from bot.turn import Turn
from handlers.visit_notes import waiting_drafts
from storage.notebook import last_confirmed, last_visits, visit_of
from storage.notes import VisitNote
from storage.rosters import roster_of

_NAMED = re.compile(
    r"^(?:请|帮我)?(?:把|将)?(?P<who>.{2,14}?)的?(?:上次|上回|那天)?"
    r"(?:(?:那|这)一?(?:条|次|个|张|回)(?:记录|拜访|卡片)?|的?(?:记录|拜访|卡片))的?"
)
_PLACE = re.compile(
    r"^(?:请|帮我)?(?:把|将)?第(?P<place>[一二两三四五\d])(?:张|个)(?:卡片|拜访)?的?(?!待办|要点)"
)
_LAST = re.compile(r"^(?:刚才|上一?条|上一?次|最后|最近|前面|刚刚|这条|那条)")
_LOOKED_BACK = 5


def split_target(text: str) -> tuple[str, str]:
    """The words that name a note, and the words that say what to change."""
    for pattern in (_PLACE, _NAMED):
        match = pattern.search(text)
        if match:
            return match[0], text[match.end() :] or text
    return "", text


def find_target(turn: Turn, words: str) -> VisitNote:
    """The note that the words name.

    Raises:
        NotFoundError: there is none like that, or none at all.
    """
    place = _PLACE.search(words)
    if place:
        return _by_place(turn, parse_int(place["place"]) or 1)
    named = _NAMED.search(words)
    if named and not _LAST.search(named["who"]):
        return _by_name(turn, named["who"])
    return newest(turn)


def newest(turn: Turn) -> VisitNote:
    """The newest open card; without one, the note that was confirmed last."""
    waiting = waiting_drafts(turn)
    note = waiting[0] if waiting else last_confirmed(turn.session, turn.me)
    if note is None:
        raise NotFoundError("还没有记录可以改。拜访完直接说经过就行。")
    return note


def _by_place(turn: Turn, place: int) -> VisitNote:
    """Cards of the newest dictation are counted as they were shown."""
    waiting = waiting_drafts(turn)
    cards = [note for note in reversed(waiting) if note.message_id == waiting[0].message_id]
    if not 1 <= place <= len(cards):
        raise NotFoundError(f"现在等确认的卡片有 {len(cards)} 张，没有第 {place} 张。")
    return cards[place - 1]


def _by_name(turn: Turn, words: str) -> VisitNote:
    roster = roster_of(turn.session, turn.person)
    people = find_people(words, roster)
    ids = [customer.id for person in people for customer in person.candidates]
    days = find_days(words, now=turn.now, calendar=turn.calendar, tense=Tense.PAST)
    if not ids and not days:
        return newest(turn)
    found = [
        note
        for note in _recent(turn, ids)
        if (not ids or {c.id for c in visit_of(note).customers} & set(ids))
        and (not days or note.visit_date == days[0].day)
    ]
    if not found:
        raise NotFoundError(f"没有找到「{words.strip()}」的记录。发「没确认的记录」看还在等的。")
    return found[0]


def _recent(turn: Turn, customer_ids: list[int]) -> list[VisitNote]:
    """Open cards first, then what was confirmed, the newest first, all the person's own."""
    confirmed = [
        note
        for customer_id in customer_ids
        for note in last_visits(turn.session, customer_id, _LOOKED_BACK)
        if note.author_id == turn.me
    ]
    last = last_confirmed(turn.session, turn.me)
    return [*waiting_drafts(turn), *confirmed, *([last] if last and not customer_ids else [])]
