"""How long finding and resolving people takes: `python -m benchmarks.people` (p50, p99 in ms)."""

import random
import statistics
import time
from collections.abc import Callable
from functools import partial

from bot.domain.names import load_names
from bot.domain.people import find_people, resolve
from bot.domain.places import find_places
from bot.domain.roster import Roster, RosterCustomer, RosterHospital

_GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰红飞鹏鑫波斌宇浩凯健俊帆雪思远"
_DEPARTMENTS = ("心内科", "内分泌科", "肾内科", "神经内科", "药学部", "急诊科", "呼吸内科", "骨科")
_FILLER = "今天下午过去聊了二十分钟，主要讲了夜间血压的数据，他说样本量太小，下周三前把文献发过去。"


def build_roster(size: int, seed: int = 7) -> Roster:
    """A made-up portfolio of `size` customers in twenty hospitals."""
    pick = random.Random(seed)
    surnames = sorted(load_names().surnames)
    hospitals = tuple(
        RosterHospital(f"第{number}人民医院", (f"{number}院",), _DEPARTMENTS)
        for number in range(20)
    )
    customers = tuple(
        RosterCustomer(
            id=number,
            name=pick.choice(surnames) + "".join(pick.choices(_GIVEN, k=pick.choice((1, 2, 2)))),
            hospital=pick.choice(hospitals).name,
            department=pick.choice(_DEPARTMENTS),
            post=pick.choice(("科主任", None, None)),
            title=pick.choice(("主任医师", "主治医师", "副主任医师")),
            kind="医生",
        )
        for number in range(size)
    )
    return Roster(
        customers=customers, hospitals=hospitals, products=(), colleagues=("何俊", "唐雯")
    )


def build_text(roster: Roster, seed: int) -> str:
    """A dictation of about 400 characters that names a few customers."""
    pick = random.Random(seed)
    names = [pick.choice(roster.customers).name + "主任" for _ in range(4)]
    places = [pick.choice(roster.hospitals).aliases[0] + "心内" for _ in range(4)]
    return "".join(
        f"去{place}见了{name}，{_FILLER * 2}" for place, name in zip(places, names, strict=True)
    )


def measure(run: Callable[[int], object], rounds: int) -> str:
    """The times of `rounds` calls as one line, in milliseconds."""
    times = []
    for number in range(rounds):
        start = time.perf_counter()
        run(number)
        times.append((time.perf_counter() - start) * 1000)
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    return f"p50 {p50:7.3f} ms   p99 {p99:7.3f} ms"


def main() -> None:
    """Print one line per measure."""
    mine, all_customers = build_roster(300), build_roster(10_000)
    texts = [build_text(mine, seed) for seed in range(50)]
    for roster, size in ((mine, "  300"), (all_customers, "10000")):
        print(f"index of    {size} customers  {measure(partial(_index, len(roster.customers)), 5)}")
        print(f"find_people {size} customers  {measure(partial(_find, roster, texts), 200)}")
    print(
        f"find_places    20 hospitals  {measure(lambda n: find_places(texts[n % 50], mine), 200)}"
    )
    print(f"resolve     10000 customers  {measure(lambda n: _lookup(all_customers, n), 2000)}")


def _find(roster: Roster, texts: list[str], number: int) -> object:
    return find_people(texts[number % len(texts)], roster)


def _index(size: int, seed: int) -> object:
    return resolve("李主任", build_roster(size, seed))


def _lookup(roster: Roster, number: int) -> object:
    customer = roster.customers[number % len(roster.customers)]
    name = customer.name
    mentions = (name, f"{name[0]}主任", f"{name}医生", f"{name[0]}璃嘉主任")
    mention = mentions[number % len(mentions)]
    return resolve(mention, roster, hospital=customer.hospital, department=customer.department)


if __name__ == "__main__":
    main()
