"""What must outlive every change of mind is kept by triggers: the audit trail and the versions of
notes can only grow; flags, messages and notes stay, with the words they came from."""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

START = "0" * 64
APPEND_ONLY = ("audit_entry", "note_version")
SAME_ROW = {
    "audit_entry": "id = NEW.id",
    "note_version": "note_id = NEW.note_id AND version = NEW.version",
    "compliance_flag": "id = NEW.id",
    "message": "id = NEW.id OR (channel = NEW.channel AND platform_id = NEW.platform_id)",
    "visit_note": "id = NEW.id",
}
KEPT: dict[str, tuple[str, ...]] = {
    "compliance_flag": ("id", "code", "evidence", "raised_at", "day_zero", "person_id"),
    "message": ("id", "body"),
    "visit_note": ("id",),
}
"""Rows that are never deleted, with the columns that never change."""


def upgrade() -> None:
    """Go to this schema."""
    op.execute(f"INSERT INTO audit_head (id, count, hash) VALUES (1, 0, '{START}')")  # noqa: S608
    if op.get_bind().dialect.name == "sqlite":
        _protect_on_sqlite()
    else:
        _protect_on_postgresql()


def downgrade() -> None:
    """Go back to the schema before."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in (*APPEND_ONLY, *KEPT, "audit_head"):
        for what in ("update", "delete", "replace") if sqlite else ("change", "update", "truncate"):
            on = "" if sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{what}{on}")
    if not sqlite:
        for function in ("refuse_change", "refuse_backward", *map(_keeper, KEPT)):
            op.execute(f"DROP FUNCTION {function}()")
    op.execute("DELETE FROM audit_head")


def _protect_on_sqlite() -> None:
    for table in APPEND_ONLY:
        _refuse_on_sqlite(table, "update", "UPDATE", "1", "append-only")
    for table in KEPT:
        _refuse_on_sqlite(table, "update", "UPDATE", _is_changed(table, "IS NOT"), "kept")
    for table in (*APPEND_ONLY, *KEPT):
        word = "append-only" if table in APPEND_ONLY else "kept"
        _refuse_on_sqlite(table, "delete", "DELETE", "1", word)
        # INSERT OR REPLACE deletes the old row without asking the trigger for DELETE.
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {SAME_ROW[table]})"  # noqa: S608
        _refuse_on_sqlite(table, "replace", "INSERT", taken, word)
    _refuse_on_sqlite("audit_head", "delete", "DELETE", "1", "append-only")
    _refuse_on_sqlite("audit_head", "replace", "INSERT", "1", "append-only")
    backward = "NEW.count < OLD.count OR NEW.id <> 1"
    _refuse_on_sqlite("audit_head", "update", "UPDATE", backward, "append-only")


def _refuse_on_sqlite(table: str, what: str, event: str, when: str, word: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{what} BEFORE {event} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is {word}'); END"
    )


def _protect_on_postgresql() -> None:
    _refusing_function("refuse_change", "TRUE", "append-only")
    _refusing_function("refuse_backward", "NEW.count < OLD.count OR NEW.id <> 1", "append-only")
    for table in APPEND_ONLY:
        _refuse_on_postgresql(table, "change", "UPDATE OR DELETE", "ROW", "refuse_change")
        _refuse_on_postgresql(table, "truncate", "TRUNCATE", "STATEMENT", "refuse_change")
    _refuse_on_postgresql("audit_head", "change", "INSERT OR DELETE", "ROW", "refuse_change")
    _refuse_on_postgresql("audit_head", "update", "UPDATE", "ROW", "refuse_backward")
    _refuse_on_postgresql("audit_head", "truncate", "TRUNCATE", "STATEMENT", "refuse_change")
    for table in KEPT:
        gone_or_changed = f"TG_OP <> 'UPDATE' OR {_is_changed(table, 'IS DISTINCT FROM')}"
        _refusing_function(_keeper(table), gone_or_changed, "kept")
        _refuse_on_postgresql(table, "change", "UPDATE OR DELETE", "ROW", _keeper(table))
        _refuse_on_postgresql(table, "truncate", "TRUNCATE", "STATEMENT", "refuse_change")


def _refusing_function(name: str, when: str, word: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '% is {word}', TG_TABLE_NAME; END IF; "
        "RETURN NEW; END $$"
    )


def _refuse_on_postgresql(table: str, what: str, events: str, level: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{what} BEFORE {events} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION {function}()"
    )


def _keeper(table: str) -> str:
    return f"keep_{table}"


def _is_changed(table: str, differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in KEPT[table])
