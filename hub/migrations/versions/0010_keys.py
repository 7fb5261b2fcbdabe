"""Publishers' keys, and statements that wait for their signatures."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _time(name: str, *, empty: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def upgrade() -> None:
    op.create_table(
        "keyset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        _time("created_at"),
        _time("active_at", empty=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_keyset_firm_id", "keyset", ["firm_id"])
    op.create_table(
        "keystatement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=True),
        sa.Column("key_set_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _time("expires_at"),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        _time("made_at"),
        _time("ended_at", empty=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["key_set_id"], ["keyset.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("role", "number", name="uq_keystatement"),
    )
    for name in ("role", "firm_id", "key_set_id", "state"):
        op.create_index(f"ix_keystatement_{name}", "keystatement", [name])
    op.create_table(
        "keysignature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("keyid", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        _time("given_at"),
        sa.ForeignKeyConstraint(["statement_id"], ["keystatement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("statement_id", "keyid", name="uq_keysignature"),
    )
    op.create_index("ix_keysignature_statement_id", "keysignature", ["statement_id"])


def downgrade() -> None:
    for table in ("keysignature", "keystatement", "keyset"):
        op.drop_table(table)
