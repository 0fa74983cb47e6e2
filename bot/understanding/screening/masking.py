"""Takes prescription counts and patient identity out of a text, before storage and model."""

from bot.domain.note import Flag, FlagCode
from bot.domain.roster import Roster
from bot.understanding.screening.counts import MASK, find_counts
from bot.understanding.screening.identity import find_identities
from bot.understanding.screening.model import Masked
from bot.understanding.screening.spans import clause_around

_Cut = tuple[int, int, str, FlagCode]


def mask(text: str, roster: Roster) -> Masked:
    """Prescription counts of named doctors and patient identity, masked. Idempotent.

    The flags carry words of the masked text."""
    done = _mask_once(text, roster)
    # A mask can bring words together that identify somebody: again, until nothing changes.
    while (more := _mask_once(done.text, roster)).text != done.text:
        flags = [
            Flag(code=flag.code, evidence=_mask_once(flag.evidence, roster).text)
            for flag in done.flags
        ]
        done = Masked(more.text, tuple(dict.fromkeys([*flags, *more.flags])))
    return done


def _mask_once(text: str, roster: Roster) -> Masked:
    return _apply(text, _cuts(text, roster))


def _cuts(text: str, roster: Roster) -> list[_Cut]:
    people = [(i.start, i.end, i.mask, FlagCode.PATIENT_PII) for i in find_identities(text, roster)]
    counts = [
        (c.start, c.end, MASK, FlagCode.PRESCRIPTION_COUNT) for c in find_counts(text, roster)
    ]
    chosen: list[_Cut] = []
    for cut in sorted([*people, *counts], key=lambda c: (c[0], -c[1])):
        if not chosen or cut[0] >= chosen[-1][1]:
            chosen.append(cut)
    return chosen


def _apply(text: str, cuts: list[_Cut]) -> Masked:
    parts: list[str] = []
    places: list[tuple[int, int, FlagCode]] = []
    done = length = 0
    for start, end, word, code in cuts:
        parts += [text[done:start], word]
        length += start - done
        places.append((length, length + len(word), code))
        length, done = length + len(word), end
    masked = "".join([*parts, text[done:]])
    return Masked(text=masked, flags=_flags(masked, places))


def _flags(masked: str, places: list[tuple[int, int, FlagCode]]) -> tuple[Flag, ...]:
    found = (
        Flag(
            code=code,
            evidence=clause_around(masked, start if end > start else max(0, start - 1), end).words,
        )
        for start, end, code in places
    )
    return tuple(dict.fromkeys(found))
