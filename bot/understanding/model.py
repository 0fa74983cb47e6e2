"""Asks a model for the visits of a dictation, or for the capability that a question means."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.clock import say_day, to_local
from bot.domain.note import ProposedNote
from bot.domain.roster import Roster
from bot.llm.answers import fit, json_of, text_of
from bot.llm.calls import ModelAnswerError
from bot.llm.client import Answered, ModelClient, Task
from bot.llm.exchange import Body
from bot.llm.formats import structured
from bot.prompting import Prompt, load_prompt
from bot.understanding.candidates import customer_lines, product_words
from bot.understanding.pseudonyms import Pseudonyms, pseudonyms
from bot.understanding.screening import mask

STRUCTURE_NOTE = "structure_note"

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def propose(
    text: str, roster: Roster, *, now: datetime, client: ModelClient, sends_names: bool
) -> Answered[ProposedNote]:
    """What the model makes of a dictation, in the words of the dictation.

    The text is masked once more, in case a caller forgot; names become tokens unless `sends_names`.

    Raises:
        ModelUnavailableError, ModelAnswerError: there is no usable answer.
    """
    safe = mask(text, roster).text
    names = None if sends_names else pseudonyms(safe, roster)
    prompt = note_prompt(safe, roster, now=now, names=names)
    answered = client.ask(Task(prompt, structured(ProposedNote), _read_note))
    return answered if names is None else replace(answered, value=_named(answered.value, names))


def note_prompt(text: str, roster: Roster, *, now: datetime, names: Pseudonyms | None) -> Prompt:
    """The prompt for one dictation: candidates, products and the moment, never the territory."""
    return load_prompt(STRUCTURE_NOTE).render(
        now=moment(now),
        customers=customer_lines(text, roster, names),
        products=product_words(text, roster),
        dictation=names.hide(text) if names else text,
        fence=fence(text),
    )


def moment(now: datetime) -> str:
    """The local time with weekday and offset, which every call carries (SY-22)."""
    local = to_local(now)
    return f"{local.year}年{say_day(local.date())}{local:%H:%M %z}"


def fence(text: str) -> str:
    """A line that the text cannot contain by intent, to tell data from instructions (SY-13)."""
    return f"==={hashlib.sha256(text.encode()).hexdigest()[:8]}==="


def _read_note(message: Body) -> ProposedNote:
    note = fit(json_of(text_of(message)), ProposedNote)
    words = list(_own_words(note))
    if words and not any(map(_CHINESE.search, words)):
        raise ModelAnswerError("wrong_language", "请用中文，并照抄口述里的原话。")
    return note


def _own_words(note: ProposedNote) -> Iterator[str]:
    """What the model words itself: the fields in which another language would show."""
    for visit in note.visits:
        yield from visit.key_points
        yield from visit.objections
        yield from (step.action for step in visit.next_steps)
        yield from (update.value for update in visit.profile_updates)


def _named(note: ProposedNote, names: Pseudonyms) -> ProposedNote:
    return ProposedNote.model_validate(with_names(note.model_dump(mode="json"), names))


def with_names(value: Any, names: Pseudonyms) -> Any:
    """Any JSON value with the names back in its strings."""
    if isinstance(value, str):
        return names.show(value)
    if isinstance(value, list):
        return [with_names(item, names) for item in value]
    if isinstance(value, dict):
        return {key: with_names(item, names) for key, item in value.items()}
    return value
