"""Which hospital or department is meant: names, aliases and short forms."""

import functools
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from bot.domain.names import surname_at, title_at
from bot.domain.roster import Roster, RosterHospital

_NUMERAL = "[一二三四五六七八九十\\d]"
_WARD = re.compile(f"(?<=科){_NUMERAL}*(?:病区|区|组)|{_NUMERAL}+(?=科|病区|区|病房|组)")
_CITY = re.compile(r"^.{2,6}?[省市县区州]")
_FORM = re.compile(r"(?:连锁)?(?:股份|责任)?(?:有限(?:责任)?公司|集团)$")
_TOO_SHORT = 3
_LINK = re.compile(r"[的\s]*")


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A hospital or department named at `text[start:end]`, canonical as the master data spells it.

    A department that several hospitals have, named without one, has `hospital` None.
    """

    start: int
    end: int
    phrase: str
    hospital: str | None
    department: str | None


class Specialties(BaseModel):
    """The words of `specialties.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    same: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    after: tuple[str, ...]
    before: tuple[str, ...]
    not_after: tuple[str, ...]
    suffixes: tuple[str, ...]


@functools.cache
def load_specialties() -> Specialties:
    """The department names; raises `pydantic.ValidationError` when the file is wrong."""
    raw = tomllib.loads(files("bot.domain").joinpath("specialties.toml").read_text("utf-8"))
    return Specialties.model_validate(raw)


@functools.cache
def _groups() -> dict[str, tuple[str, ...]]:
    return {word: row for row in load_specialties().same for word in row}


@functools.lru_cache(maxsize=20_000)
def department_forms(department: str) -> tuple[str, ...]:
    """Every way in which a department may be said, the file's own spelling first."""
    plain = _WARD.sub("", department)
    forms = [department, plain]
    for name in (department, plain):
        forms += _groups().get(name, ())
        forms += [name.removesuffix(end) for end in load_specialties().suffixes]
    return tuple(dict.fromkeys(form for form in forms if len(form) > 1))


def same_department(one: str | None, other: str | None) -> bool:
    """Whether two names mean the same department (心内 and 心血管内科)."""
    if one is None or other is None:
        return False
    return one == other or not set(department_forms(one)).isdisjoint(department_forms(other))


@dataclass(frozen=True, slots=True)
class _Map:
    """Hospitals by every name, and (hospital, department) by every form."""

    hospitals: dict[str, str]
    departments: dict[str, tuple[tuple[str, str], ...]]
    hospital_pattern: re.Pattern[str]
    department_pattern: re.Pattern[str]


@functools.lru_cache(maxsize=64)
def _map_of(hospitals: tuple[RosterHospital, ...]) -> _Map:
    names = _derived_names(hospitals)
    names |= {alias: h.name for h in hospitals for alias in (*h.aliases, h.name) if alias}
    departments: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for hospital in hospitals:
        for department in hospital.departments:
            for form in department_forms(department):
                departments[form].append((hospital.name, department))
    return _Map(
        hospitals=names,
        departments={form: tuple(places) for form, places in departments.items()},
        hospital_pattern=_any_of(names),
        department_pattern=_any_of(departments),
    )


def _derived_names(hospitals: tuple[RosterHospital, ...]) -> dict[str, str]:
    """Official names without city and legal form (第一人民医院), where only one is meant."""
    derived = [(_FORM.sub("", _CITY.sub("", h.name)), h.name) for h in hospitals]
    short = Counter(word for word, _ in derived)
    return {word: name for word, name in derived if short[word] == 1 and len(word) > _TOO_SHORT}


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted((word for word in words if word), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")


def find_places(text: str, roster: Roster) -> list[PlaceFound]:
    """Every hospital and department named in the text, in order, not overlapping; 「市一心内」
    gives one place with both."""
    places = _map_of(roster.hospitals)
    said: str | None = None
    found: list[PlaceFound] = []
    for place in _scan(text, places):
        said = place.hospital or said
        found.append(_within(place, said, places) if place.hospital is None else place)
    return found


def _scan(text: str, places: _Map) -> Iterator[PlaceFound]:
    at = 0
    while at < len(text):
        place = _hospital_at(text, at, places) or _department_at(text, at, places)
        if place is None:
            at += 1
        else:
            yield place
            at = place.end


def _hospital_at(text: str, at: int, places: _Map) -> PlaceFound | None:
    match = places.hospital_pattern.match(text, at)
    if match is None:
        return None
    hospital = places.hospitals[match.group()]
    end, department = _attached(text, match.end(), hospital, places)
    return PlaceFound(at, end, text[at:end], hospital, department)


def _attached(text: str, end: int, hospital: str, places: _Map) -> tuple[int, str | None]:
    link = _LINK.match(text, end)
    match = places.department_pattern.match(text, link.end() if link else end)
    if match is None:
        return end, None
    own = [d for name, d in places.departments[match.group()] if name == hospital]
    return (match.end(), own[0]) if own else (end, None)


def _department_at(text: str, at: int, places: _Map) -> PlaceFound | None:
    match = places.department_pattern.match(text, at)
    if match is None or not _stands_alone(text, match):
        return None
    own = places.departments[match.group()]
    return PlaceFound(at, match.end(), match.group(), None, _spelling(match.group(), own))


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """An everyday word is a department only before a title or a room, or after 去."""
    words = load_specialties()
    rest = text[match.end() :]
    if rest.startswith(words.not_after):
        return False
    if match.group() not in words.words:
        return True
    surname = surname_at(text, match.end())
    titled = bool(surname and title_at(text, match.end() + len(surname)))
    return titled or rest.startswith(words.after) or text[: match.start()].endswith(words.before)


def _spelling(form: str, own: tuple[tuple[str, str], ...]) -> str:
    departments = list(dict.fromkeys(department for _, department in own))
    return next((d for d in departments if d.startswith(form)), departments[0])


def _within(place: PlaceFound, said: str | None, places: _Map) -> PlaceFound:
    """The department in the hospital said last, or in the only one that has it."""
    own = places.departments[place.phrase]
    here = [pair for pair in own if pair[0] == said] or list(own)
    if len({hospital for hospital, _ in here}) > 1:
        return place
    hospital, department = here[0]
    return PlaceFound(place.start, place.end, place.phrase, hospital, department)


def canonical_hospital(words: str | None, roster: Roster) -> str | None:
    """The hospital that these words name, or None when they name none or several."""
    named = {
        match.group() for match in _map_of(roster.hospitals).hospital_pattern.finditer(words or "")
    }
    hospitals = {_map_of(roster.hospitals).hospitals[name] for name in named}
    return hospitals.pop() if len(hospitals) == 1 else None


def canonical_department(words: str | None, roster: Roster, hospital: str | None) -> str | None:
    """The department that these words name, in this hospital when one is known; None when they
    name none or several."""
    places = _map_of(roster.hospitals)
    rest = places.hospital_pattern.sub("", words or "")
    forms = [match.group() for match in places.department_pattern.finditer(rest)]
    named = {_spelling(form, _inside(places.departments[form], hospital)) for form in forms}
    return named.pop() if len(named) == 1 else None


def _inside(own: tuple[tuple[str, str], ...], hospital: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in own if pair[0] == hospital) or own
