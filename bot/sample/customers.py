"""The customers of the sample: the ones written out, and generated ones with a fixed seed."""

import random
import tomllib
from itertools import product
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.domain.tiers import Tier
from bot.sample.territory import CustomerEntry, Territory

SEED = 20261101
SAMPLE_REP = "luwanqing"
"""Who the chat speaks as when nobody is named."""
TERRITORY = Path(__file__).with_name("territory.toml")

_TIERS = [Tier.KEY, Tier.POTENTIAL, Tier.POTENTIAL, Tier.POTENTIAL]
_TITLES = {Tier.KEY: ["副主任医师", "主任医师"], Tier.POTENTIAL: ["主治医师", "住院医师"]}


class Ingredients(BaseModel):
    """What generated customers are made of: the [generated] part of territory.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    surnames: str
    given: list[str]
    styles: list[str]
    clinics: list[str]
    tags: list[str]
    places: dict[str, list[str]]
    interests: dict[str, list[str]]
    branches: dict[str, list[str]]


def sample_territory() -> Territory:
    """The sample territory; the same on every machine and day."""
    written = tomllib.loads(TERRITORY.read_text(encoding="utf-8"))
    ingredients = Ingredients.model_validate(written.pop("generated"))
    named = {customer["name"] for customer in written["customer"]}
    written["customer"] += make_customers(ingredients, named)
    return Territory.model_validate(written)


def make_customers(ingredients: Ingredients, taken: set[str]) -> list[CustomerEntry]:
    """Customers that share no name with each other or with `taken`, spread over the reps."""
    rng = random.Random(SEED)  # noqa: S311
    names = ["".join(parts) for parts in product(ingredients.surnames, ingredients.given)]
    chosen = rng.sample([name for name in names if name not in taken], ingredients.count)
    reps = list(ingredients.places)
    return [
        _customer(rng, ingredients, name, reps[number % len(reps)])
        for number, name in enumerate(chosen)
    ]


def _customer(rng: random.Random, ingredients: Ingredients, name: str, rep: str) -> CustomerEntry:
    hospital = rng.choice(ingredients.places[rep])
    if hospital in ingredients.branches:
        return _pharmacist(rng, ingredients, name, rep, hospital)
    department = rng.choice(list(ingredients.interests))
    tier = rng.choice(_TIERS)
    return CustomerEntry(
        name=name,
        gender=rng.choice("男女"),
        hospital=hospital,
        department=department,
        title=rng.choice(_TITLES[tier]),
        tier=tier,
        par=_par(rng, tier),
        rep=rep,
        tags=sorted(rng.sample(ingredients.tags, rng.randint(1, 2))),
        interests=[rng.choice(ingredients.interests[department])],
        style=rng.choice(ingredients.styles),
        clinic=";".join(sorted(rng.sample(ingredients.clinics, rng.randint(1, 2)))),
    )


def _pharmacist(
    rng: random.Random, ingredients: Ingredients, name: str, rep: str, chain: str
) -> CustomerEntry:
    return CustomerEntry(
        name=name,
        gender=rng.choice("男女"),
        hospital=chain,
        department=rng.choice(ingredients.branches[chain]),
        post="店长",
        kind="药店",
        tier=Tier.POTENTIAL,
        par=_par(rng, Tier.POTENTIAL),
        rep=rep,
        style=rng.choice(ingredients.styles),
    )


def _par(rng: random.Random, tier: Tier) -> tuple[int, int, int]:
    potential = rng.choice([4, 5]) if tier is Tier.KEY else rng.choice([1, 2, 3])
    return potential, rng.randint(1, 5), rng.randint(1, 5)
