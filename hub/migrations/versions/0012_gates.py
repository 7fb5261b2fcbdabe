"""Waves by size, approval by a second person, gates of figures; deliveries are counted fast."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("rollout") as batch_op:
        for name in ("submitted_by", "approved_by"):
            batch_op.add_column(sa.Column(name, sa.String(60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("approved_at", _WHEN, nullable=True))
    with op.batch_alter_table("wave") as batch_op:
        batch_op.add_column(sa.Column("forgiven", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("enough_since", _WHEN, nullable=True))
    # Copied on SQLite, so that a number is never given twice there either.
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("delivery", recreate="auto", table_kwargs=kept) as batch_op:
        batch_op.add_column(sa.Column("ordered_at", _WHEN, nullable=True))
        batch_op.add_column(sa.Column("arrive_by", _WHEN, nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.alter_column("tier", existing_type=sa.Integer(), nullable=False)
        batch_op.create_index("ix_delivery_counted", ["rollout_id", "state", "wave_id"])
        batch_op.create_index("ix_delivery_due", ["rollout_id", "deadline"])
    op.execute(
        "UPDATE delivery SET ordered_at = changed_at"
        " WHERE state = 'accepted' OR metadata_version > 0"
    )
    with op.batch_alter_table("deployment") as batch_op:
        batch_op.add_column(sa.Column("figures", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "rolloutsetting",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("ends_by", sa.String(length=60), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("firm_id"),
    )


def downgrade() -> None:
    op.drop_table("rolloutsetting")
    with op.batch_alter_table("deployment") as batch_op:
        batch_op.drop_column("figures")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index("ix_delivery_due")
        batch_op.drop_index("ix_delivery_counted")
        batch_op.drop_column("tries")
        batch_op.drop_column("arrive_by")
        batch_op.drop_column("ordered_at")
    with op.batch_alter_table("wave") as batch_op:
        batch_op.drop_column("enough_since")
        batch_op.drop_column("forgiven")
    with op.batch_alter_table("rollout") as batch_op:
        for name in ("approved_at", "approved_by", "submitted_by"):
            batch_op.drop_column(name)
