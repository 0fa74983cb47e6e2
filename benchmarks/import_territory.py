"""How long importing a large territory takes, and how much memory, on the database of DATABASE_URL.

    python -m benchmarks.import_territory [CUSTOMERS]

Makes the file, imports it into an empty database twice (all new, then all the same), exports it,
and prints seconds and the peak of resident memory after each.
"""

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlmodel import Session

from bot.territory import export_territory, import_territory
from bot.territory.layout import Layout, layouts
from storage.database import open_engine
from storage.migrate import migrate

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "建国志明海燕文博思远佳宁晓东雨桐子涵浩然欣怡俊杰雅静"
HOSPITALS = 500
REPS = 400


def make_file(path: Path, customers: int) -> None:
    """A territory of `customers`, the same on every run."""
    dice = random.Random(20261123)
    book = Workbook(write_only=True)
    people, hospitals, sheet, products = layouts()
    _write(book, people, [[f"rep{n:04}", f"代表{n}", "代表", "一组", None] for n in range(REPS)])
    _write(book, hospitals, [[f"第{n}人民医院", f"{n}院"] for n in range(HOSPITALS)])
    _write(book, sheet, (_customer(dice, number) for number in range(customers)))
    _write(book, products, [["样品安", "样品", "成人高血压", None]])
    book.save(path)


def _write(book: Workbook, layout: Layout, rows: Iterable[list[Any]]) -> None:
    sheet = book.create_sheet(layout.name)
    sheet.append([column.header for column in layout.columns])
    for row in rows:
        sheet.append(row)


def _customer(dice: random.Random, number: int) -> list[Any]:
    name = dice.choice(SURNAMES) + dice.choice(GIVEN) + dice.choice(GIVEN) + str(number)
    place = [
        f"第{dice.randrange(HOSPITALS)}人民医院",
        dice.choice(["心内科", "内分泌科", "呼吸科"]),
    ]
    rank = [dice.choice(["KOL", "重点", "潜力"]), *(dice.randint(1, 5) for _ in range(3))]
    words = ["青年医师;关注新药", f"课题{dice.randrange(99)};随访", "爽快", "周二上午;周四下午"]
    owner = f"rep{dice.randrange(REPS):04}"
    return [name, "男", *place, None, "主治医师", "医生", *rank, owner, *words, "科里叫小张"]


def main() -> None:
    """Print a line per step."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "territory.xlsx"
        _measure("make the file", lambda: make_file(path, customers))
        print(f"{customers} customers, {path.stat().st_size / 1e6:.1f} MB")
        engine = open_engine(os.environ.get("DATABASE_URL", f"sqlite:///{folder}/repmate.db"))
        migrate(engine)
        for step in ("import, all new", "import, all the same"):
            with Session(engine) as session:
                _measure(step, lambda: import_territory(session, path, now=NOW, actor_id=None))
                session.commit()
        with Session(engine) as session:
            target = Path(folder) / "export.xlsx"
            _measure("export", lambda: export_territory(session, target, now=NOW, actor_id=None))
        engine.dispose()


def _measure(step: str, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{step}: {seconds:.1f} s, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
