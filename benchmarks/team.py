"""A sales team for measuring: reps with chat accounts, customers, and what is said of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.sample.territory import Territory, plant
from storage.people import Account, Person

SINCE = date(2026, 8, 1)
FIRST_ACCOUNT = 1001
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻"
GIVEN = ("怀远", "若水", "明澈", "书宁", "亦凡", "景行", "知夏", "云舒", "清和", "望舒", "子衿")


@dataclass(frozen=True, slots=True)
class Rep:
    """One rep: the login, the account at Telegram (the UserID in WeCom is the login) and the names
    of the own customers."""

    login: str
    account: int
    customers: tuple[str, ...]

    def account_at(self, channel: str) -> str:
        """Who they are on a platform."""
        return str(self.account) if channel == "telegram" else self.login

    def dictation(self, number: int) -> str:
        """What this rep says of the visit of that number; every one is about somebody else, so
        none belongs to another, and its minutes tell it apart."""
        customer = self.customers[number % len(self.customers)]
        return f"刚见了{customer}主任，聊了{minutes_of(number)}分钟，讲了舒络宁的随访数据。"


def minutes_of(number: int) -> int:
    """How long the visit of that number took."""
    return 10 + number


def build_team(size: int, *, customers: int = 20) -> list[Rep]:
    """So many reps, each with customers of the own."""
    return [
        Rep(f"rep{number:03d}", FIRST_ACCOUNT + number, tuple(_names(number, customers)))
        for number in range(size)
    ]


def plant_team(database: Engine, team: list[Rep], channel: str = "telegram") -> None:
    """Put the team with its accounts on one platform into an empty database."""
    with Session(database) as session:
        plant(session, _territory(team), since=SINCE)
        people = {person.login: person for person in session.exec(select(Person)).all()}
        now = datetime.now(UTC)
        session.add_all(
            Account(
                channel=channel,
                account=rep.account_at(channel),
                chat=rep.account_at(channel),
                person_id=people[rep.login].id or 0,
                bound_at=now,
            )
            for rep in team
        )
        session.commit()


def _names(rep: int, count: int) -> list[str]:
    """Names that sound different within one rep's portfolio."""
    return [
        SURNAMES[(rep + number) % len(SURNAMES)] + GIVEN[(rep * 3 + number) % len(GIVEN)]
        for number in range(count)
    ]


def _hospital(rep: Rep) -> str:
    return f"云岭市第{rep.login[3:]}医院"


def _territory(team: list[Rep]) -> Territory:
    return Territory.model_validate(
        {
            "person": [
                {"login": rep.login, "name": f"代表{rep.login[3:]}", "role": "代表", "team": "一组"}
                for rep in team
            ],
            "hospital": [{"name": _hospital(rep), "city": "云岭市"} for rep in team],
            "product": [{"name": "舒络宁", "indication": "成人原发性高血压"}],
            "customer": [
                {
                    "name": name,
                    "hospital": _hospital(rep),
                    "department": "心内科",
                    "post": "科主任",
                    "title": "主任医师",
                    "tier": "kol",
                    "par": (4, 4, 4),
                    "rep": rep.login,
                }
                for rep in team
                for name in rep.customers
            ],
        }
    )
