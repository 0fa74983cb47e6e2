"""A stage of its own for the sample day: a throw-away database with the sample until the eve."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session

from bot.app import App, open_app
from bot.config import Settings
from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI, local_day
from bot.sample.history import seed_sample

MORNING = time(8, 0)


@contextmanager
def staged(settings: Settings, morning: datetime) -> Iterator[App]:
    """The program with these settings but another database, gone at the end. Whatever was said
    before, the same day is the same each time."""
    with TemporaryDirectory(prefix="repmate-sample-") as name:
        folder = Path(name)
        apart = {"database_url": f"sqlite:///{folder / 'sample.db'}", "data_dir": folder}
        program = open_app(settings.model_copy(update=apart))
        try:
            with Session(program.engine) as session:
                seed_sample(session, program.policy, now=morning)
                session.commit()
            yield program
        finally:
            program.close()


def workday_morning(now: datetime, calendar: WorkCalendar) -> datetime:
    """Today's morning, or that of the last working day: nobody visits doctors on a holiday."""
    today = local_day(now)
    day = today if calendar.is_workday(today) else calendar.add_workdays(today, -1)
    return datetime.combine(day, MORNING, SHANGHAI)
