"""How people are called in Chinese: surnames, titles and words around a name (`names.toml`)."""

import functools
import re
import tomllib
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, computed_field

SURNAMED = re.compile(r"姓(?P<surname>\w{1,2}?)的")
"""Somebody who is introduced by surname alone, before a title."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Data):
    """What is said after a name, and whom it fits.

    `fits` are parts of a post or academic title, `kinds` customer kinds. A strict title fits nobody
    else. `not_post` are posts whose holder would be called by the post instead. `known_only` titles
    (哥, 院) never introduce a stranger; `colleague` ones are used among ourselves too.
    """

    said: tuple[str, ...]
    fits: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    not_post: tuple[str, ...] = ()
    strict: bool = False
    known_only: bool = False
    colleague: bool = False


class NameContext(_Data):
    """The words around a name that tell whether it is one."""

    before: tuple[str, ...]
    introduces: tuple[str, ...]
    newcomer: tuple[str, ...]
    posts: tuple[str, ...]
    function: frozenset[str]
    pronouns: tuple[str, ...]
    private: tuple[str, ...]
    private_links: tuple[str, ...]
    speaks: tuple[str, ...]
    verbal: tuple[str, ...]
    roles: frozenset[str]
    not_titles: tuple[str, ...]
    not_names: frozenset[str]


class Names(_Data):
    """The whole of `names.toml`."""

    surnames: frozenset[str]
    weak_surnames: frozenset[str]
    particles: frozenset[str]
    compound_surnames: frozenset[str]
    given_like: frozenset[str]
    readings: dict[str, str]
    polyphones: dict[str, str]
    titles: tuple[Title, ...]
    context: NameContext

    @computed_field  # type: ignore[prop-decorator]
    @functools.cached_property
    def by_title(self) -> dict[str, Title]:
        """Each word said after a name, longest first."""
        pairs = [(word, title) for title in self.titles for word in title.said]
        return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


@functools.cache
def load_names() -> Names:
    """The name data; raises `pydantic.ValidationError` when the file is wrong."""
    raw = tomllib.loads(files("bot.domain").joinpath("names.toml").read_text(encoding="utf-8"))
    for key in ("surnames", "weak_surnames", "particles", "given_like"):
        raw[key] = frozenset("".join(raw[key].split()))
    for key in ("function", "roles"):
        raw["context"][key] = frozenset(raw["context"][key])
    return Names.model_validate(raw)


def split_surname(name: str) -> tuple[str, str]:
    """The surname and the given name; a compound surname counts when a given name is left."""
    cut = 2 if name[:2] in load_names().compound_surnames and len(name) > 2 else 1
    return name[:cut], name[cut:]


def title_at(text: str, start: int) -> str:
    """The longest title that is said at `text[start:]`, or an empty string."""
    match = _title_pattern().match(text, start)
    return match.group() if match else ""


@functools.cache
def _title_pattern() -> re.Pattern[str]:
    names = load_names()
    barred, titles = (
        "|".join(map(re.escape, w)) for w in (names.context.not_titles, names.by_title)
    )
    return re.compile(f"(?!{barred})(?:{titles})")


def split_title(mention: str) -> tuple[str, str]:
    """What is called and by which title: 「李主任」 and 「姓李的主任」 are (李, 主任); the
    title may be empty."""
    for start in range(1, len(mention)):
        if mention[start:] in load_names().by_title:
            core = mention[:start]
            called = SURNAMED.fullmatch(core)
            return called["surname"] if called else core, mention[start:]
    return mention, ""


def surname_at(text: str, start: int) -> str:
    """The longest surname at `text[start:]`, compound ones first, or an empty string."""
    names = load_names()
    if text[start : start + 2] in names.compound_surnames:
        return text[start : start + 2]
    single = text[start : start + 1]
    known = (names.surnames, names.weak_surnames, names.particles)
    return single if any(single in group for group in known) else ""
