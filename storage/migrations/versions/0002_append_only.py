"""The audit trail and the versions of notes can only grow: triggers refuse everything else."""

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
}


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
    for table in (*APPEND_ONLY, "audit_head"):
        for what in ("update", "delete", "replace") if sqlite else ("change", "update", "truncate"):
            on = "" if sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{what}{on}")
    if not sqlite:
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_backward()")
    op.execute("DELETE FROM audit_head")


def _protect_on_sqlite() -> None:
    for table in APPEND_ONLY:
        _refuse_on_sqlite(table, "update", "UPDATE", "1")
        _refuse_on_sqlite(table, "delete", "DELETE", "1")
        # INSERT OR REPLACE deletes the old row without asking the trigger for DELETE.
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {SAME_ROW[table]})"  # noqa: S608
        _refuse_on_sqlite(table, "replace", "INSERT", taken)
    _refuse_on_sqlite("audit_head", "delete", "DELETE", "1")
    _refuse_on_sqlite("audit_head", "replace", "INSERT", "1")
    _refuse_on_sqlite("audit_head", "update", "UPDATE", "NEW.count < OLD.count OR NEW.id <> 1")


def _refuse_on_sqlite(table: str, what: str, event: str, when: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{what} BEFORE {event} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _protect_on_postgresql() -> None:
    _refusing_function("refuse_change", "TRUE")
    _refusing_function("refuse_backward", "NEW.count < OLD.count OR NEW.id <> 1")
    for table in APPEND_ONLY:
        _refuse_on_postgresql(table, "change", "UPDATE OR DELETE", "ROW", "refuse_change")
        _refuse_on_postgresql(table, "truncate", "TRUNCATE", "STATEMENT", "refuse_change")
    _refuse_on_postgresql("audit_head", "change", "INSERT OR DELETE", "ROW", "refuse_change")
    _refuse_on_postgresql("audit_head", "update", "UPDATE", "ROW", "refuse_backward")
    _refuse_on_postgresql("audit_head", "truncate", "TRUNCATE", "STATEMENT", "refuse_change")


def _refusing_function(name: str, when: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; "
        "RETURN NEW; END $$"
    )


def _refuse_on_postgresql(table: str, what: str, events: str, level: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{what} BEFORE {events} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION {function}()"
    )
