"""What a message means: a button, a command, an answer, an edit, a dictation or a question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bot.domain.directory import Directory
from bot.domain.note import Flag, FlagCode
from bot.domain.people import find_people
from bot.domain.roster import Roster
from bot.policy import Policy
from bot.reading import read_slots
from bot.registry import Capability, Registry
from bot.turn import Dictation
from bot.understanding import rules, screening
from bot.understanding.choice import Choosable
from bot.understanding.joining import goes_on, joined
from bot.understanding.pipeline import structure
from bot.understanding.proposer import Proposer
from bot.understanding.questions import Question, load_topics, read_question, title_of
from storage.people import Role

_TELLS_A_VISIT = re.compile(
    r"见了|见到|碰到|遇到|拜访了|[聊谈讲][了到过]|打了个?电话|通了?电话|去了"
)
NEVER_LOST = {FlagCode.ADVERSE_EVENT, FlagCode.PRODUCT_COMPLAINT}


class Understanding(BaseModel):
    """What a message means. `target` names a capability, a question, a button, the words of a
    refusal or a topic that is not answered yet, by `kind`. It is plain data, so that a durable
    engine can keep it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["press", "file", "call", "answer", "dictation", "refusal", "not_yet", "unclear"]
    target: str = ""
    slots: dict[str, Any] = {}
    dictation: Dictation | None = None


@dataclass(frozen=True, slots=True)
class Recent:
    """The one card that was just shown and still waits for 确认: its note, and the dictation."""

    note_id: int
    text: str


@dataclass(frozen=True)
class Heard:
    """Words to understand: masked, with what the masking flagged, the open question if any, whom
    a question may name, which is looked up when it is one, and the dictation that they may go on
    with."""

    text: str
    flags: tuple[Flag, ...]
    role: Role
    question: str | None
    now: datetime
    find_directory: Callable[[], Directory]
    recent: Recent | None = None

    @cached_property
    def directory(self) -> Directory:
        """Everybody by name, and the words that this person's questions may hold."""
        return self.find_directory()


class Understander:
    """Reads words against the registry and the roster; may wait for a model, writes nothing."""

    def __init__(self, registry: Registry, policy: Policy, proposer: Proposer) -> None:
        self._registry = registry
        self._calendar = policy.work_calendar()
        self._proposer = proposer

    def understand(self, heard: Heard, roster: Roster) -> Understanding:
        """The first reading that fits, from the most certain to the least."""
        readings = (
            self._command,
            self._answer,
            self._edit,
            self._rest_of_dictation,
            self._dictation,
            self._question,
        )
        for read in readings:
            meant = read(heard, roster)
            if meant is not None:
                return meant
        return Understanding(kind="unclear")

    def reread(self, draft: Recent, heard: Heard, roster: Roster) -> Understanding | None:
        """The dictation of a draft once more; None when the model is still out of reach, or sees
        another number of visits than the draft's one."""
        made = self._structured(replace(heard, text=draft.text), roster)
        if made.offline or len(made.visits) != 1:
            return None
        again = made.model_copy(update={"joins": draft.note_id, "flags": ()})
        return Understanding(kind="dictation", dictation=again)

    def reword(self, draft: Recent, heard: Heard, roster: Roster) -> Understanding | None:
        """The words of a draft after the person changed them; None when they are no longer about
        one visit."""
        if not rules.is_dictation(heard.text, roster, now=heard.now):
            return None
        made = self._structured(heard, roster)
        if len(made.visits) != 1:
            return None
        again = made.model_copy(update={"joins": draft.note_id, "reworded": True})
        return Understanding(kind="dictation", dictation=again)

    def _command(self, heard: Heard, roster: Roster) -> Understanding | None:
        said = self._registry.said(heard.text)
        return self._call(said, heard, roster) if said else None

    def _answer(self, heard: Heard, roster: Roster) -> Understanding | None:
        """The answer to the open question; a visit or a side effect told meanwhile is none."""
        handler = self._registry.answers.get(heard.question or "")
        if handler is None or not handler.accepts(heard.text):
            return None
        if not handler.over_dictation and self._is_told(heard, roster):
            return None
        return Understanding(kind="answer", target=handler.question)

    def _is_told(self, heard: Heard, roster: Roster) -> bool:
        if flags_alone(heard.text, heard.flags, roster) is not None:
            return True
        tells = _TELLS_A_VISIT.search(heard.text) is not None
        return tells and rules.is_dictation(heard.text, roster, now=heard.now)

    def _edit(self, heard: Heard, roster: Roster) -> Understanding | None:
        wanted = self._registry.matched(heard.text, heard.role, over_dictation=True)
        return self._call(wanted, heard, roster) if wanted else None

    def _rest_of_dictation(self, heard: Heard, roster: Roster) -> Understanding | None:
        """Several messages within a few minutes about one visit are one note."""
        recent = heard.recent
        if recent is None or not goes_on(
            heard.text, recent.text, roster, now=heard.now, calendar=self._calendar
        ):
            return None
        made = self._structured(replace(heard, text=joined(recent.text, heard.text)), roster)
        if len(made.visits) != 1:
            return None
        new = _distinct([*heard.flags, *screening.screen(heard.text, roster)])
        whole = made.model_copy(update={"joins": recent.note_id, "flags": new})
        return Understanding(kind="dictation", dictation=whole)

    def _dictation(self, heard: Heard, roster: Roster) -> Understanding | None:
        """A dictation, or flags that must not be lost though no visit was told (SY-01)."""
        if not self._registry.takes_dictation(heard.role):
            return None
        if _is_name_alone(heard.text, roster):
            return None
        refusal = screening.refuse_question(heard.text)
        if refusal is not None and refusal.code == FlagCode.FABRICATED_VISIT:
            return Understanding(kind="refusal", target=refusal.reply)
        if rules.is_dictation(heard.text, roster, now=heard.now):
            return Understanding(kind="dictation", dictation=self._structured(heard, roster))
        return flags_alone(heard.text, heard.flags, roster)

    def _structured(self, heard: Heard, roster: Roster) -> Dictation:
        made = structure(
            heard.text, roster, now=heard.now, calendar=self._calendar, proposer=self._proposer
        )
        return Dictation(
            text=heard.text,
            visits=made.visits,
            flags=_distinct([*heard.flags, *(f for v in made.visits for f in v.flags)]),
            engine=made.engine,
            offline=made.offline,
            spent=made.spent,
        )

    def _question(self, heard: Heard, roster: Roster) -> Understanding | None:
        refusal = screening.refuse_question(heard.text)
        if refusal is not None:
            return Understanding(kind="refusal", target=refusal.reply)
        matched = self._registry.matched(heard.text, heard.role, over_dictation=False)
        if matched is not None:
            return self._call(matched, heard, roster)
        return self._topic(heard, roster) or self._chosen(heard, roster)

    def _topic(self, heard: Heard, roster: Roster) -> Understanding | None:
        """What the rules make of a question: never an answer to another one than was asked."""
        asked = read_question(
            heard.text, roster, heard.directory, now=heard.now, calendar=self._calendar
        )
        title = title_of(asked.intent)
        if title is None:
            return None
        answering = self._registry.answering(asked.intent)
        if answering is None or not _is_own(asked, heard):
            return Understanding(kind="not_yet", target=title)
        return self._call(answering, heard, roster)

    def _chosen(self, heard: Heard, roster: Roster) -> Understanding | None:
        """What a model makes of it, when there is one."""
        unanswered = [t for t in load_topics() if self._registry.answering(t.name) is None]
        offered: list[Choosable] = [*self._registry.for_role(heard.role), *unanswered]
        chosen = self._proposer.choose(heard.text, roster, offered, now=heard.now)
        if chosen is None:
            return None
        title = next((topic.title for topic in unanswered if topic.name == chosen.name), None)
        if title is not None:
            return Understanding(kind="not_yet", target=title)
        return Understanding(kind="call", target=chosen.name, slots=chosen.arguments)

    def _call(self, said: Capability, heard: Heard, roster: Roster) -> Understanding:
        slots = read_slots(said, heard.text, roster, now=heard.now, calendar=self._calendar)
        return Understanding(kind="call", target=said.name, slots=slots.model_dump())


def _is_name_alone(text: str, roster: Roster) -> bool:
    """「李主任」 asks for a file; nothing is told of a visit."""
    words = text.strip()
    return any(person.mention == words for person in find_people(words, roster))


def _is_own(asked: Question, heard: Heard) -> bool:
    """Whether a question is about the asker's own work, or for a manager about one rep's: a whole
    team or a comparison is more than a list."""
    whose = asked.slots.get("rep", heard.directory.asker.login)
    if whose != heard.directory.asker.login and heard.role is not Role.MANAGER:
        return False
    return not (asked.is_status and {"team", "group_by"} & asked.slots.keys())


def _distinct(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    return tuple(dict.fromkeys(flags))


def flags_alone(text: str, masked: Sequence[Flag], roster: Roster) -> Understanding | None:
    """What must not be lost though no visit was told of, or none could be read (SY-01)."""
    told = [flag for flag in screening.screen(text, roster) if flag.code in NEVER_LOST]
    if not told:
        return None
    alone = Dictation(text=text, visits=(), flags=_distinct([*masked, *told]), engine="rules")
    return Understanding(kind="dictation", dictation=alone)
