"""档案更新: lasting facts about a customer, never one-off requests.

Post, place of work, clinic hours, interests, preferences, prescribing habits, leave: one section
per field in `words/profile.toml`.
"""

from collections.abc import Sequence

from bot.domain.note import ProposedUpdate
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, pattern

FIELDS = ("进修退休", "职务职称", "任职", "门诊时间", "课题兴趣", "沟通偏好", "处方习惯")
# Without a subject these are the customer's, even after what we did: 「见了小孔，刚升了副高」.
_NEVER_OURS = ("职务职称", "任职", "门诊时间", "进修退休")
_LONGEST = 40
_BACK = 8
_CONTENT = 2
_WHOLE = 6
_EDGES = " ，,。；;：:、"


def profile_updates(turns: Sequence[Turn], reading: Reading, focus: Focus) -> list[ProposedUpdate]:
    """The facts in order; neighbouring clauses on one field of one person are one fact."""
    updates: list[ProposedUpdate] = []
    for number, turn in enumerate(turns):
        field, at = _field(turn)
        customer = focus.about(turn, at)
        before = turns[max(0, number - _BACK) : number]
        if customer is None or field is None or not _lasting(turn, field, before):
            continue
        update = ProposedUpdate(
            customer=customer, field=field, value=turn.text.strip(_EDGES), evidence=turn.text
        )
        joined = _joined(updates[-1], update, reading.text) if updates else None
        updates[-1 if joined else len(updates) :] = [joined or update]
    return updates


def _joined(last: ProposedUpdate, update: ProposedUpdate, text: str) -> ProposedUpdate | None:
    """Both as one fact, when they are on one field of one person and stand close."""
    if (last.customer, last.field) != (update.customer, update.field):
        return None
    start, end = text.find(last.evidence), text.find(update.evidence)
    whole = text[start : end + len(update.evidence)]
    if "。" in whole or len(whole) > _LONGEST:
        return None
    return update.model_copy(update={"value": whole.strip(_EDGES), "evidence": whole})


def _field(turn: Turn) -> tuple[str | None, int]:
    """The field that the clause tells, and where in the clause it does."""
    for name in FIELDS:
        match = pattern(f"profile.{name}.words").search(turn.text)
        if match and _qualifies(turn, match.end()):
            continue
        if match and _tells(turn, match.group()):
            return name, match.start()
    return None, 0


def _tells(turn: Turn, words: str) -> bool:
    """A bare 首选 tells nothing; 「以后找他要提前发微信」 does by itself."""
    whole = len(words) >= _WHOLE and turn.says("profile.standing.words")
    return whole or len(turn.text) - len(words) - _named(turn) >= _CONTENT


def _qualifies(turn: Turn, end: int) -> bool:
    """「进修医生」, 「新任的护士长」: the word only tells which person."""
    return turn.text.startswith(endings("profile.not.qualified"), end)


def _is_standing(turn: Turn) -> bool:
    """「以后先给他发微信」: a wish for every time."""
    return turn.says("profile.standing.words") and not turn.subject.said


def _customer_spoke(turn: Turn, turns: Sequence[Turn]) -> bool:
    for before in reversed(turns):
        if before.clause.sentence < turn.clause.sentence:
            break
        if before.subject.said and before.clause.start < turn.clause.start:
            return before.actor is Actor.CUSTOMER
    return False


def _named(turn: Turn) -> int:
    return sum(person.end - person.start for person in turn.people)


def _lasting(turn: Turn, field: str, turns: Sequence[Turn]) -> bool:
    if turn.text.startswith(endings("profile.not.houses")):
        return False
    own = field in _NEVER_OURS and not turn.subject.said
    ours = turn.ours and not own and not (_is_standing(turn) and _customer_spoke(turn, turns))
    return not (ours or turn.says("profile.not.patients") or turn.says("profile.not.once"))
