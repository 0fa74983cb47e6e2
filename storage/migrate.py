"""Brings a database up to the schema this program expects."""

from sqlalchemy import Engine

from storage.tables import metadata


def migrate(engine: Engine) -> None:
    """Make the schema current; nothing happens when it already is."""
    metadata.create_all(engine)
