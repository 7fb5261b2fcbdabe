"""Alerts: what was raised, whom it reached by whom, what each answered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("process", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=6), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["over_by_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("by_id", "key", name="uq_alert"),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_state"), ["state"], unique=False)

    op.create_table(
        "alertsetting",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("firm_id"),
    )
    op.create_table(
        "alertevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alertevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alertevent_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alertevent_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "alertpassing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "from_id", "to_id", name="uq_alert_passing"),
    )
    with op.batch_alter_table("alertpassing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alertpassing_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alertpassing_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alertpassing_to_id"), ["to_id"], unique=False)

    op.create_table(
        "alertreceipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("link_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivers", sa.String(length=10), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("affected", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("cause", sa.Boolean(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "firm_id", name="uq_alert_receipt"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("alertreceipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alertreceipt_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alertreceipt_firm_id"), ["firm_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("alertreceipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alertreceipt_firm_id"))
        batch_op.drop_index(batch_op.f("ix_alertreceipt_alert_id"))

    op.drop_table("alertreceipt")
    with op.batch_alter_table("alertpassing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alertpassing_to_id"))
        batch_op.drop_index(batch_op.f("ix_alertpassing_from_id"))
        batch_op.drop_index(batch_op.f("ix_alertpassing_alert_id"))

    op.drop_table("alertpassing")
    with op.batch_alter_table("alertevent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alertevent_firm_id"))
        batch_op.drop_index(batch_op.f("ix_alertevent_alert_id"))

    op.drop_table("alertevent")
    op.drop_table("alertsetting")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_state"))
        batch_op.drop_index(batch_op.f("ix_alert_by_id"))

    op.drop_table("alert")
