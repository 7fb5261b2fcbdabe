"""Whose word counts: voices, who vouches for whom, who asks to be let see.

Nothing is filled in: a firm without a voice of its own row counts as confirmed, so whoever had
joined before goes on as it was, and an administrator can put it to the question.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("firm_id"),
    )
    op.create_index("ix_voice_state", "voice", ["state"])
    op.create_table(
        "vouching",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "by_id", name="uq_vouching"),
    )
    op.create_index("ix_vouching_by_id", "vouching", ["by_id"])
    op.create_index("ix_vouching_firm_id", "vouching", ["firm_id"])
    op.create_table(
        "sightrequest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("via_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["via_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "by_id", name="uq_sightrequest"),
    )
    op.create_index("ix_sightrequest_by_id", "sightrequest", ["by_id"])
    op.create_index("ix_sightrequest_firm_id", "sightrequest", ["firm_id"])
    op.create_index("ix_sightrequest_state", "sightrequest", ["state"])
    op.create_index("ix_sightrequest_via_id", "sightrequest", ["via_id"])


def downgrade() -> None:
    op.drop_table("sightrequest")
    op.drop_table("vouching")
    op.drop_table("voice")
