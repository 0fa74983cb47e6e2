"""What one mention of a person says about contact: met, missed, only talked about, or taken back.

The rules stand in the tables at the end, the first that fits decides. Words: `words/people.toml`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile

from bot.domain.people import PersonFound
from bot.understanding.rules.clauses import plain, within
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_NEAR = 6
_SOON = 6
_REACH = 80
_TAILS = 3
_LINKS = "和跟与及同、，还有 "


class Contact(IntEnum):
    """What a mention says about contact with the person, from least to most."""

    DROPPED = 0
    MENTIONED = 1
    ABSENT = 2
    MAYBE = 3
    MET = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """One mention with its clause, the clause after, and the whole dictation."""

    person: PersonFound
    turn: Turn
    following: Turn | None
    reading: Reading

    @property
    def before(self) -> str:
        """The clause up to the person, as far as it can bear on the person."""
        at = self.person.start - self.turn.clause.start
        return self.turn.text[max(0, at - _REACH) : at]

    @property
    def after(self) -> str:
        """The clause from the person on, as far as it can bear on the person."""
        at = self.person.end - self.turn.clause.start
        return self.turn.text[at : at + _REACH]

    @property
    def is_subject(self) -> bool:
        """Whether this very mention is the subject of its clause."""
        return self.turn.subject.person is self.person

    @property
    def tails(self) -> tuple[Turn, ...]:
        """The clauses after, while they go on about the same person."""
        number = self.turn.number + 1
        following = self.reading.turns[number : number + _TAILS]
        return tuple(takewhile(self._goes_on, following))

    def _goes_on(self, turn: Turn) -> bool:
        return not turn.people and turn.clause.sentence == self.turn.clause.sentence


def judge(scene: Scene) -> Contact:
    """The verdict of the first rule that fits; a mention without any is a MAYBE."""
    return next((verdict for fits, verdict in _RULES if fits(scene)), Contact.MAYBE)


def is_to_come(turn: Turn, reading: Reading) -> bool:
    """Whether the clause speaks of a later day, and of no day gone by."""
    gone = any(day.day <= reading.today for day in turn.past if not day.deadline)
    return not gone and any(day.day > reading.today for day in turn.days)


def _taken_back(scene: Scene) -> bool:
    """「孔医生，哦说错了是孙医生」, 「不是孔医生」."""
    if "不是" in scene.before[-_NEAR - 2 :]:
        return True
    end = (scene.following or scene.turn).clause.end
    marker = pattern("people.correction.markers").search(scene.reading.text, scene.person.end, end)
    return marker is not None and marker.start() - scene.person.end <= _NEAR


def _put_right(scene: Scene) -> bool:
    return scene.turn.says("people.correction.markers")


def _absent(scene: Scene) -> bool:
    """「陆主任不在」, 「没碰上陆主任」, 「找陆主任，他不在」."""
    if any(turn.says("people.met.talked") for turn in (scene.turn, *scene.tails[:1])):
        return False
    if has("people.met.absent", scene.after):
        return True
    if scene.turn.ours and has("people.met.absent", scene.before):
        return True
    if scene.turn.says("people.met.surely"):
        return False
    first, later = scene.tails[:1], scene.tails[1:]
    about = (*first, *(turn for turn in later if turn.subject.said and not turn.ours))
    return any(turn.says("people.met.absent") for turn in about)


def _passed(scene: Scene) -> bool:
    """「碰到陆院长，点了个头」: no more than a greeting in passing."""
    turns = (scene.turn, *scene.tails[:1])
    talked = any(turn.says("people.met.talked") for turn in turns)
    return not talked and any(turn.says("people.met.passing") for turn in turns)


def _is_topic(scene: Scene) -> bool:
    """「陆老师那边…」: his matter, perhaps he himself."""
    return scene.after.startswith(endings("speakers.subject.topic_marks"))


def _introduced(scene: Scene) -> bool:
    """A stranger whom somebody makes known to us in the same sentence (带我认识了一下)."""
    return scene.person.named and any(
        turn.says("people.met.introduced")
        for turn in scene.reading.turns[scene.turn.number : scene.turn.number + _SOON]
        if turn.clause.sentence == scene.turn.clause.sentence
    )


def _named_after(scene: Scene) -> bool:
    """「交给陆主任」, 「听说陆主任」."""
    return scene.before.endswith(endings("people.met.mentioned_after"))


def _told_of(scene: Scene) -> bool:
    """「孔医生说陆主任…」: somebody else tells about the person."""
    verb = pattern("speakers.speech.verbs").search(plain(scene.before))
    if verb is None:
        return False
    at = scene.person.start - len(scene.before) + verb.start()
    subject = scene.turn.subject
    customer = subject.actor is Actor.CUSTOMER and scene.turn.clause.start + subject.at < at
    others = (other for other in scene.turn.people if not other.colleague)
    return customer or any(other.end <= at for other in others)


def _is_planned(scene: Scene) -> bool:
    """The meeting is still to come, and nothing was arranged or asked by the person today."""
    asks = scene.is_subject and (scene.turn.speaks or scene.turn.says("speakers.speech.to_rep"))
    arranged = scene.turn.says("people.met.arranged")
    return is_to_come(scene.turn, scene.reading) and not asks and not arranged


def _is_owner(scene: Scene) -> bool:
    """「陆主任的秘书」, 「聊了陆主任的课题」: something of the person's."""
    if scene.after.startswith(endings("people.met.aides")):
        return True
    met = scene.before.endswith(endings("contact.met.verbs_before_person"))
    return scene.after.startswith("的") and (scene.is_subject or not met)


def _is_quoted(scene: Scene) -> bool:
    """Named within somebody's words."""
    return within(scene.person.start, scene.reading.quoted)


def _acts(scene: Scene) -> bool:
    return scene.is_subject or scene.turn.says("people.met.present")


def _reached(scene: Scene) -> bool:
    """Our side sees, calls or talks to the person."""
    if scene.turn.subject.said and not scene.turn.ours:
        return scene.turn.says("people.met.introduced")
    direct = scene.before.endswith(endings("contact.met.verbs_before_person"))
    return direct or scene.turn.says("contact.met.acts")


def _joins(scene: Scene) -> bool:
    """「小孔和孔医生都来了」: named together with the subject."""
    first = scene.turn.subject.person
    if first is None or not scene.turn.subject.said or first.start >= scene.person.start:
        return False
    start = scene.turn.clause.start
    between = scene.turn.text[first.end - start : scene.person.start - start]
    for other in scene.turn.people:
        between = between.replace(other.mention, "")
    return not between.strip(_LINKS)


def _is_in_others_words(scene: Scene) -> bool:
    return scene.turn.actor in (Actor.CUSTOMER, Actor.OTHER)


_RULES: tuple[tuple[Callable[[Scene], bool], Contact], ...] = (
    (_taken_back, Contact.DROPPED),
    (_put_right, Contact.MET),
    (_absent, Contact.ABSENT),
    (_is_topic, Contact.MAYBE),
    (_introduced, Contact.MET),
    (_passed, Contact.MENTIONED),
    (_is_quoted, Contact.MENTIONED),
    (_named_after, Contact.MENTIONED),
    (_told_of, Contact.MENTIONED),
    (_is_planned, Contact.MENTIONED),
    (_is_owner, Contact.MENTIONED),
    (_acts, Contact.MET),
    (_reached, Contact.MET),
    (_joins, Contact.MET),
    (_is_in_others_words, Contact.MENTIONED),
)
