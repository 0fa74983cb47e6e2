"""Who was met: people talked to count; absent, mentioned, passed or corrected-away ones do not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from bot.domain.people import PersonFound
from bot.understanding.rules.clauses import plain
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_NEAR = 6


class Contact(IntEnum):
    """What one mention says about contact with the person, from least to most."""

    DROPPED = 0
    MENTIONED = 1
    ABSENT = 2
    MAYBE = 3
    MET = 4


@dataclass(slots=True)
class Somebody:
    """One person of the dictation under all the names used for them, in order."""

    mentions: list[PersonFound]
    contacts: list[Contact] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The mention that tells most: the fewest candidates, then the longest."""
        kept = [m for m, c in zip(self.mentions, self.contacts, strict=True) if c > Contact.DROPPED]
        best = min(kept or self.mentions, key=lambda m: (len(m.candidates), -len(m.mention)))
        return best.mention

    @property
    def met(self) -> bool:
        """Met at some point, and not found absent after that."""
        return Contact.MET in self.contacts

    def is_named_by(self, person: PersonFound) -> bool:
        """Whether a further mention can mean this person."""
        known = {c.id for m in self.mentions for c in m.candidates}
        if known or person.candidates:
            return bool(known & {c.id for c in person.candidates})
        return self.mentions[0].mention[:1] == person.mention[:1]


def everybody(reading: Reading) -> list[Somebody]:
    """Every customer or stranger named, with what each mention says; colleagues are left out."""
    known: list[Somebody] = []
    for number, turn in enumerate(reading.turns):
        following = reading.turns[number + 1] if number + 1 < len(reading.turns) else None
        for person in turn.people:
            if person.colleague or not (person.candidates or person.named):
                continue
            somebody = next((one for one in known if one.is_named_by(person)), None)
            if somebody is None:
                somebody = Somebody([])
                known.append(somebody)
            somebody.mentions.append(person)
            somebody.contacts.append(_contact(turn, person, following, reading))
    return _with_default(known, acts=_someone_acts(reading))


def _with_default(known: list[Somebody], *, acts: bool) -> list[Somebody]:
    """Without a clear contact, the people whose part stayed open are taken as met; failing that, the
    one person talked about, when 他 goes on to act."""
    if any(one.met or Contact.ABSENT in one.contacts for one in known):
        return known
    level = max((contact for one in known for contact in one.contacts), default=Contact.DROPPED)
    if level == Contact.MAYBE or (level == Contact.MENTIONED and acts):
        for one in known:
            one.contacts = [Contact.MET if c == level else c for c in one.contacts]
    return known


def _someone_acts(reading: Reading) -> bool:
    """A customer acts who is only called 他."""
    return any(
        turn.actor is Actor.CUSTOMER and turn.subject.said and turn.subject.person is None
        for turn in reading.turns
    )


def _contact(turn: Turn, person: PersonFound, following: Turn | None, reading: Reading) -> Contact:
    if _corrected(turn, person, following, reading.text):
        return Contact.DROPPED
    if turn.says("people.correction.markers"):
        return Contact.MET
    if _absent(turn, person, following):
        return Contact.ABSENT
    if _passed(turn, following):
        return Contact.MENTIONED
    if _is_topic(turn, person):
        return Contact.MAYBE
    if person.named and _introduced(turn, person, reading):
        return Contact.MET
    if _only_mentioned(turn, person, reading):
        return Contact.MENTIONED
    if (
        turn.says("people.met.present")
        or turn.subject.person is person
        or _reached(turn, person)
        or _joined(turn, person)
    ):
        return Contact.MET
    return Contact.MAYBE


def _corrected(turn: Turn, person: PersonFound, following: Turn | None, text: str) -> bool:
    before = text[max(turn.clause.start, person.start - _NEAR - 2) : person.start]
    if "不是" in before:
        return True
    end = following.clause.end if following else turn.clause.end
    marker = pattern("people.correction.markers").search(text, person.end, end)
    return marker is not None and marker.start() - person.end <= _NEAR


def _passed(turn: Turn, following: Turn | None) -> bool:
    """「碰到刘院长，点了个头」: no more than a greeting in passing."""
    if following is None or following.people or following.clause.sentence != turn.clause.sentence:
        return False
    return following.says("people.met.passing")


def _absent(turn: Turn, person: PersonFound, following: Turn | None) -> bool:
    at = person.end - turn.clause.start
    if has("people.met.absent", turn.text[at:]) or _missed(turn, at):
        return True
    if following is None or following.people or turn.says("people.met.surely"):
        return False
    same = following.clause.sentence == turn.clause.sentence
    return same and following.says("people.met.absent")


def _is_topic(turn: Turn, person: PersonFound) -> bool:
    """「谭老师那边…」: his matter, perhaps he himself."""
    after = turn.text[person.end - turn.clause.start :]
    return after.startswith(endings("speakers.subject.topic_marks"))


def _introduced(turn: Turn, person: PersonFound, reading: Reading) -> bool:
    """A stranger whom somebody makes known to us in the same sentence (带我认识了一下)."""
    return any(
        has("people.met.introduced", other.text)
        for other in reading.turns
        if other.clause.sentence == turn.clause.sentence and other.clause.end > person.start
    )


def _missed(turn: Turn, at: int) -> bool:
    """「没碰上李主任」: the miss right before the name."""
    return has("people.met.absent", turn.text[:at]) and turn.ours


def _only_mentioned(turn: Turn, person: PersonFound, reading: Reading) -> bool:
    at = person.start - turn.clause.start
    before = turn.text[:at]
    if before.endswith(endings("people.met.mentioned_after")):
        return True
    if turn.says("people.met.passing") or _told_of(turn, person):
        return True
    if _is_future(turn, reading) and not _turns_to_us(turn, person):
        return not turn.says("people.met.arranged")
    after = reading.text[person.end : person.end + 4]
    if after.startswith(endings("people.met.aides")):
        return True
    if turn.subject.person is person:
        return after.startswith("的")
    if after.startswith("的") and not before.endswith(endings("contact.met.verbs_before_person")):
        return True
    if has("people.met.introduced", before) or _reached(turn, person) or _joined(turn, person):
        return False
    return turn.actor in (Actor.CUSTOMER, Actor.OTHER)


def _told_of(turn: Turn, person: PersonFound) -> bool:
    """「王伟说高远主任…」: somebody else tells about the person."""
    before = plain(turn.text[: person.start - turn.clause.start])
    verb = pattern("speakers.speech.verbs").search(before)
    if verb is None:
        return False
    at = turn.clause.start + verb.start()
    customer = turn.actor is Actor.CUSTOMER and turn.subject.at < verb.start()
    return customer or any(other.end <= at for other in turn.people if not other.colleague)


def _joined(turn: Turn, person: PersonFound) -> bool:
    """「小陈和王伟都来了」: named together with the subject."""
    first = turn.subject.person
    if first is None or not turn.subject.said or first.start >= person.start:
        return False
    between = turn.text[first.end - turn.clause.start : person.start - turn.clause.start]
    for other in turn.people:
        between = between.replace(other.mention, "")
    return not between.strip("和跟与及同、，还有 ")


def _turns_to_us(turn: Turn, person: PersonFound) -> bool:
    """「张主任让我三号前报名单」: the day is to come, the talk is not."""
    speaks = turn.speaks or turn.says("speakers.speech.to_rep")
    return turn.subject.person is person and speaks


def _is_future(turn: Turn, reading: Reading) -> bool:
    return any(day.day > reading.today for day in turn.days) and not any(
        day.day <= reading.today for day in turn.past if not day.deadline
    )


def _reached(turn: Turn, person: PersonFound) -> bool:
    """Our side sees, calls or talks to the person, or the clause only names them."""
    if turn.subject.person is not None and turn.subject.said:
        return False
    before = turn.text[: person.start - turn.clause.start]
    return before.endswith(endings("contact.met.verbs_before_person")) or turn.says(
        "contact.met.acts"
    )


def colleagues_along(reading: Reading) -> Iterator[str]:
    """Colleagues who came along (协访), as they were called."""
    seen: set[str] = set()
    for turn in reading.turns:
        for person in turn.people:
            if (
                person.colleague
                and person.mention not in seen
                and _came_along(turn, person, reading)
            ):
                seen.add(person.mention)
                yield person.mention


def _came_along(turn: Turn, person: PersonFound, reading: Reading) -> bool:
    return turn.says("people.covisitor.together") and not _is_future(turn, reading)
