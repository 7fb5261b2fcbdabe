"""The audit trail is append-only: the database itself refuses to change or delete its lines."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER auditentry_no_{name} BEFORE {name} ON auditentry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_FUNCTION = """
CREATE FUNCTION auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER auditentry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auditentry
FOR EACH STATEMENT EXECUTE FUNCTION auditentry_refuse()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(name=name))
    else:
        op.execute(_FUNCTION)
        op.execute(_POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER auditentry_no_{name}")
    else:
        op.execute("DROP TRIGGER auditentry_append_only ON auditentry")
        op.execute("DROP FUNCTION auditentry_refuse")
