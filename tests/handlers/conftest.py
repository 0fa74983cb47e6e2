"""A rep at their desk, on a database of their own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.handlers.people import Desk, hire


@pytest.fixture
def desk(sqlite: Engine) -> Iterator[Desk]:
    """A rep without customers yet; what they do is not committed."""
    with Session(sqlite, expire_on_commit=False) as session:
        yield Desk(session, hire(session, "zhou"))
