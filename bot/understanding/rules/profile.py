"""档案更新: lasting facts about a customer (post, place of work, clinic hours, interests, preferences,
prescribing habits, leave), never one-off requests. One section per field in `words/profile.toml`."""

from collections.abc import Iterator, Sequence

from bot.domain.note import ProposedUpdate
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.vocabulary import has, load

_LONGEST = 40
_EDGES = " ，,。；;：:、"


def profile_updates(turns: Sequence[Turn], reading: Reading, focus: Focus) -> list[ProposedUpdate]:
    """The facts in order; neighbouring clauses on one field of one person are one fact."""
    updates: list[ProposedUpdate] = []
    for turn in turns:
        customer = focus.about(turn)
        field = _field(turn)
        if customer is None or field is None or not _lasting(turn):
            continue
        update = ProposedUpdate(
            customer=customer, field=field, value=turn.text.strip(_EDGES), evidence=turn.text
        )
        updates = [*_but_joined(updates, update, reading.text)]
    return updates


def _but_joined(
    updates: list[ProposedUpdate], update: ProposedUpdate, text: str
) -> Iterator[ProposedUpdate]:
    if not updates:
        yield update
        return
    *rest, last = updates
    joined = _spanning(last, update, text)
    yield from rest
    if joined is None or (last.customer, last.field) != (update.customer, update.field):
        yield last
        yield update
    else:
        yield joined


def _spanning(last: ProposedUpdate, update: ProposedUpdate, text: str) -> ProposedUpdate | None:
    start, end = text.find(last.evidence), text.find(update.evidence)
    whole = text[start : end + len(update.evidence)]
    if "。" in whole or len(whole) > _LONGEST:
        return None
    return update.model_copy(update={"value": whole.strip(_EDGES), "evidence": whole})


def _field(turn: Turn) -> str | None:
    fields = (name for name in load("profile") if name != "not")
    return next((name for name in fields if has(f"profile.{name}.words", turn.text)), None)


def _lasting(turn: Turn) -> bool:
    return not (turn.ours or turn.says("profile.not.patients") or turn.says("profile.not.once"))
