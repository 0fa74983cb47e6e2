"""Measures 「下一个该见谁」 for one rep while the table of visits grows a hundredfold.

Run `python -m benchmarks.who_next`. PostgreSQL is measured too when TEST_POSTGRES_URL (default
`postgresql:///test`) answers. The rep's own 300 customers and 6,000 visits are the same in the
small and in the large database, so the ratio shows what the rest of the company costs this rep.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, insert, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.domain.ranking import Asked, rank
from bot.policy import Policy, load_policy
from storage.candidates import candidates_of
from storage.customers import Customer
from storage.database import open_engine
from storage.migrate import migrate
from storage.needs import Need
from storage.next_steps import NextStep
from storage.notes import NoteCustomer, VisitNote
from storage.people import Person, Role
from storage.places import Department, Hospital

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
OWN_CUSTOMERS = 300
OWN_VISITS = 6_000
CHUNK = 20_000
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql:///test")
SCHEMA = "repmate_who_next"


def table(model: Any) -> Table:
    found: Table = model.__table__
    return found


def load(connection: Connection, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Insert in chunks; a column that a row does not name gets the model's default."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required() and name != "id"
    }
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(defaults | row)
        if len(chunk) == CHUNK:
            connection.execute(insert(table(model)), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table(model)), chunk)


def people(customers: int) -> Iterator[dict[str, Any]]:
    for number in range(1, customers // OWN_CUSTOMERS + 2):
        yield {
            "id": number,
            "login": f"r{number}",
            "name": f"代表{number}",
            "role": Role.REP,
            "active": True,
        }


def customer_rows(customers: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Customers 1 to 300 belong to rep 1, the next 300 to rep 2, and so on."""
    hours = ("周二上午;周四上午", "周一至周五上午", "周三下午", None)
    for number in range(1, customers + 1):
        hospital = 1 + number % 200
        yield {
            "id": number,
            "name": f"客户{number}",
            "hospital_id": hospital,
            "department_id": hospital,
            "kind": "医生",
            "owner_id": 1 + (number - 1) // OWN_CUSTOMERS,
            "tier": dice.choice(("kol", "key", "potential", "potential")),
            "potential": dice.randint(1, 5),
            "attitude": dice.randint(1, 5),
            "relationship": dice.randint(1, 5),
            "interests": ["难治性高血压"],
            "clinic_hours": dice.choice(hours),
            "aliases": [],
        }


def visits(count: int, customers: int, dice: random.Random) -> Iterator[tuple[int, int, int, date]]:
    """Note id, author, customer and day; the first ones are the measured rep's own."""
    for number in range(1, count + 1):
        own = number <= OWN_VISITS
        customer = (
            dice.randint(1, OWN_CUSTOMERS) if own else dice.randint(OWN_CUSTOMERS + 1, customers)
        )
        day = TODAY - timedelta(days=dice.randint(1, 720))
        yield number, 1 + (customer - 1) // OWN_CUSTOMERS, customer, day


def note_row(note: int, author: int, day: date) -> dict[str, Any]:
    return {
        "id": note,
        "author_id": author,
        "status": "confirmed",
        "visit_date": day,
        "timeliness": "on_time",
        "content": {},
        "version": 1,
        "dictation": "刚见了主任，聊了二十分钟，下周三前把文献发他。",
        "engine": "rules",
        "said_at": NOW,
        "saved_at": NOW,
    }


def promises(customers: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, customers + 1):
        if dice.random() < 0.3:
            yield {
                "owner_id": 1 + (number - 1) // OWN_CUSTOMERS,
                "customer_id": number,
                "action": "送文献",
                "evidence": "把文献发他",
                "due_on": TODAY + timedelta(days=dice.randint(-10, 20)),
                "status": "open",
                "created_at": NOW,
            }


def build(engine: Engine, *, customers: int, count: int) -> None:
    migrate(engine)
    with engine.begin() as connection:
        places = [{"id": n, "name": f"第{n}医院", "aliases": []} for n in range(1, 201)]
        connection.execute(insert(table(Hospital)), places)
        wards = [{"id": n, "hospital_id": n, "name": "心内科"} for n in range(1, 201)]
        connection.execute(insert(table(Department)), wards)
        load(connection, Person, people(customers))
        load(connection, Customer, customer_rows(customers, random.Random(1)))
        load(connection, NextStep, promises(customers, random.Random(2)))
        needs = (
            {
                "owner_id": 1 + n % 60,
                "customer_id": n,
                "level": 2,
                "text": "会议名额",
                "raised_at": NOW,
                "respond_by": NOW,
                "status": "open",
            }
            for n in range(1, customers, 40)
        )
        load(connection, Need, needs)
        notes = (
            note_row(n, author, day)
            for n, author, _, day in visits(count, customers, random.Random(3))
        )
        load(connection, VisitNote, notes)
        met = (
            {"note_id": n, "customer_id": customer, "visit_date": day}
            for n, _, customer, day in visits(count, customers, random.Random(3))
        )
        load(connection, NoteCustomer, met)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def ask(engine: Engine, policy: Policy) -> list[str]:
    with Session(engine) as session:
        rep = session.get_one(Person, 1)
        cut = policy.par
        candidates = candidates_of(session, rep, TODAY, high=cut.high, low=cut.low)
    assert len(candidates) == OWN_CUSTOMERS
    ranked = rank(candidates, Asked(TODAY), policy.cadences(), policy.ranking)
    return [f"{each.candidate.name} {each.line}" for each in ranked]


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def explain(engine: Engine, statements: list[tuple[str, Any]]) -> None:
    prefix = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        for statement, parameters in statements:
            print("   ", " ".join(statement.split())[:76], "…")
            for row in connection.exec_driver_sql(prefix + statement, parameters):
                line = str(row[-1])
                if any(word in line.upper() for word in ("SCAN", "SEARCH", "INDEX")):
                    print("       ", line.strip()[:110])


def measure(engines: dict[int, Engine], policy: Policy, asks: int) -> dict[int, list[float]]:
    """Milliseconds of each ask; the databases take turns, so that a busy machine slows both."""
    expected = {count: ask(engine, policy) for count, engine in engines.items()}
    taken: dict[int, list[float]] = {count: [] for count in engines}
    for _ in range(asks):
        for count, engine in engines.items():
            started = time.perf_counter()
            assert ask(engine, policy) == expected[count]
            taken[count].append((time.perf_counter() - started) * 1000)
    return taken


def compare(name: str, engines: dict[int, Engine], customers: int, asks: int) -> None:
    policy = load_policy()
    for count, engine in engines.items():
        started = time.perf_counter()
        build(engine, customers=customers, count=count)
        seconds = time.perf_counter() - started
        print(f"{name}: {customers:,} customers, {count:,} visits, built in {seconds:.0f} s")
    taken = measure(engines, policy, asks)
    for count, times in taken.items():
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"  {count:>9,} visits: {asks} asks, p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    small, large = (statistics.median(times) for times in taken.values())
    print(f"  large / small p50 = {large / small:.2f}")
    show_queries(engines[max(engines)], policy)
    for engine in engines.values():
        engine.dispose()


def show_queries(engine: Engine, policy: Policy) -> None:
    with recorded(engine) as statements:
        first, *_ = ask(engine, policy)
    print(f"  {len(statements)} queries each (one of them reads the rep); first: {first}")
    explain(engine, statements)
    print()


def postgres_engine(number: int) -> Engine:
    schema = f"{SCHEMA}_{number}"
    admin = open_engine(POSTGRES)
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    admin.dispose()
    joined = "&" if "?" in POSTGRES else "?"
    return open_engine(f"{POSTGRES}{joined}options=-csearch_path%3D{schema}")


def drop_schemas(counts: list[int]) -> None:
    admin = open_engine(POSTGRES)
    with admin.begin() as connection:
        for count in counts:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA}_{count} CASCADE"))
    admin.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--asks", type=int, default=200)
    given = parser.parse_args()
    counts = [10_000, given.visits]
    with tempfile.TemporaryDirectory() as folder:
        files = {n: open_engine(f"sqlite:///{Path(folder) / f'{n}.db'}") for n in counts}
        compare("SQLite", files, given.customers, given.asks)
    try:
        schemas = {n: postgres_engine(n) for n in counts}
    except OperationalError:
        sys.exit("PostgreSQL is not running here (TEST_POSTGRES_URL): not measured")
    try:
        compare("PostgreSQL", schemas, given.customers, given.asks)
    finally:
        drop_schemas(counts)


if __name__ == "__main__":
    main()
