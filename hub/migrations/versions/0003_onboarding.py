"""Onboarding: who tells what of whom, standing of links, merges, invitations, consents, mails."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What earlier sheets told of firms stood on the firms alone.
_TOLD_BEFORE = """
INSERT INTO description (firm_id, told_firm_id, by_id, sheet_id, row, name, name_key, brn,
    country, region, sector, sector_revision, process, employees, email, contact, actor, at)
SELECT firm.id, firm.id, declaration.firm_id, declaration.sheet_id, MIN(declaration.row),
    firm.name, firm.name_key, firm.brn, firm.country, firm.region, firm.sector,
    firm.sector_revision, firm.process, firm.employees, '', '', '', MIN(declaration.at)
FROM declaration JOIN link ON link.id = declaration.link_id
    JOIN firm ON firm.id IN (link.supplier_id, link.buyer_id) AND firm.id <> declaration.firm_id
WHERE declaration.sheet_id IS NOT NULL
GROUP BY firm.id, declaration.firm_id, declaration.sheet_id
"""

# Whose people use the hub already has joined.
_JOINED_BEFORE = """
UPDATE firm SET joined_at = CURRENT_TIMESTAMP
WHERE id IN (SELECT firm_id FROM membership WHERE firm_id IS NOT NULL)
"""


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_due", ["state", "due_at", "id"], unique=False)

    op.create_table(
        "mailrefusal",
        sa.Column("email_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_hash"),
    )

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=60), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_to_id"), ["to_id"], unique=False)
        batch_op.create_index(
            "uq_consent",
            ["firm_id", "to_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("told_firm_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("accepted_by", sa.String(length=60), nullable=False),
        sa.Column("asks_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asks_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["invitation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["told_firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("by_id", "told_firm_id", "email", name="uq_invitation"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invitation_accepted_by"), ["accepted_by"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invitation_asks_id"), ["asks_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_state"), ["state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_invitation_told_firm_id"), ["told_firm_id"], unique=False
        )

    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("firm_ids", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("split_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("split_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["into_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_into_id"), ["into_id"], unique=False)

    op.create_table(
        "matchingweights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coefficients", sa.JSON(), nullable=False),
        sa.Column("least", sa.Float(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "likenesslook",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("description_id", sa.Integer(), nullable=False),
        sa.Column("weights_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["weights_id"],
            ["matchingweights.id"],
        ),
        sa.PrimaryKeyConstraint("firm_id"),
    )
    op.create_table(
        "likeness",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merge_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["for_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["high_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["low_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["merge.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("for_id", "low_id", "high_id", name="uq_likeness"),
    )
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_likeness_high_id"), ["high_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_likeness_low_id"), ["low_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_likeness_merge_id"), ["merge_id"], unique=False)
        batch_op.create_index("ix_likeness_queue", ["for_id", "state", "score"], unique=False)

    op.create_table(
        "sheetlayout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "key", name="uq_sheet_layout"),
    )
    with op.batch_alter_table("sheetlayout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheetlayout_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "description",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("told_firm_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("brn", sa.String(length=10), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("sector", sa.String(length=10), nullable=False),
        sa.Column("sector_revision", sa.Integer(), nullable=True),
        sa.Column("process", sa.String(length=40), nullable=False),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("lei", sa.String(length=20), nullable=True),
        sa.Column("duns", sa.String(length=9), nullable=True),
        sa.Column("corporate", sa.String(length=13), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firm.id"],
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["sheet.id"],
        ),
        sa.ForeignKeyConstraint(
            ["told_firm_id"],
            ["firm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("description", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_description_brn"), ["brn"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_lei"), ["lei"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_duns"), ["duns"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_corporate"), ["corporate"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_description_sheet_id"), ["sheet_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_description_told_firm_id"), ["told_firm_id"], unique=False
        )
        batch_op.create_index(
            "uq_description_hand",
            ["told_firm_id", "by_id"],
            unique=True,
            sqlite_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
        )
        batch_op.create_index(
            "uq_description_sheet",
            ["told_firm_id", "by_id", "sheet_id"],
            unique=True,
            sqlite_where=sa.text("sheet_id IS NOT NULL"),
            postgresql_where=sa.text("sheet_id IS NOT NULL"),
        )

    with op.batch_alter_table("declaration", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("stance", sa.String(length=10), nullable=False, server_default="holds")
        )
        batch_op.add_column(
            sa.Column("note", sa.String(length=400), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("actor", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("ended", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_by_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_declaration"), type_="unique")
        batch_op.create_index(
            "uq_declaration_hand",
            ["link_id", "firm_id"],
            unique=True,
            sqlite_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
        )
        batch_op.create_index(
            "uq_declaration_sheet",
            ["link_id", "firm_id", "sheet_id"],
            unique=True,
            sqlite_where=sa.text("sheet_id IS NOT NULL"),
            postgresql_where=sa.text("sheet_id IS NOT NULL"),
        )
        batch_op.create_foreign_key("fk_declaration_ended_by", "sheet", ["ended_by_id"], ["id"])

    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_firm_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_foreign_key("fk_firm_merged_into", "firm", ["merged_into_id"], ["id"])

    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_supplier_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("told_buyer_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("standing", sa.String(length=12), nullable=False, server_default="open")
        )
    op.execute("UPDATE link SET told_supplier_id = supplier_id, told_buyer_id = buyer_id")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.alter_column("told_supplier_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("told_buyer_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_constraint(batch_op.f("uq_link"), type_="unique")
        batch_op.create_unique_constraint("uq_link", ["told_supplier_id", "told_buyer_id", "item"])
        batch_op.create_index(batch_op.f("ix_link_told_buyer_id"), ["told_buyer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_link_told_supplier_id"), ["told_supplier_id"], unique=False
        )
        batch_op.create_foreign_key("fk_link_told_buyer", "firm", ["told_buyer_id"], ["id"])
        batch_op.create_foreign_key("fk_link_told_supplier", "firm", ["told_supplier_id"], ["id"])

    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("layout_key", sa.String(length=64), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("step", sa.String(length=20), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("rows_done", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("problem", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("links_gone", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("withdrawn_by", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.drop_constraint(batch_op.f("uq_sheet"), type_="unique")
        batch_op.create_unique_constraint("uq_sheet", ["lead_id", "sha256", "tab"])
        batch_op.create_index(batch_op.f("ix_sheet_layout_key"), ["layout_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_state"), ["state"], unique=False)
        batch_op.create_foreign_key("fk_sheet_replaces", "sheet", ["replaces_id"], ["id"])

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_firm_id", sa.Integer(), nullable=True))
    op.execute("UPDATE site SET told_firm_id = firm_id")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.alter_column("told_firm_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_index(batch_op.f("ix_site_told_firm_id"), ["told_firm_id"], unique=False)
        batch_op.create_foreign_key("fk_site_told_firm", "firm", ["told_firm_id"], ["id"])
    op.execute(_TOLD_BEFORE)
    op.execute(_JOINED_BEFORE)


def downgrade() -> None:
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_constraint("fk_site_told_firm", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_site_told_firm_id"))
        batch_op.drop_column("told_firm_id")

    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.drop_constraint("fk_sheet_replaces", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_sheet_state"))
        batch_op.drop_index(batch_op.f("ix_sheet_layout_key"))
        batch_op.drop_constraint("uq_sheet", type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_sheet"), ["lead_id", "sha256"])
        batch_op.drop_column("withdrawn_by")
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("links_gone")
        batch_op.drop_column("problem")
        batch_op.drop_column("rows_done")
        batch_op.drop_column("step")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("layout_key")

    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_constraint("fk_link_told_supplier", type_="foreignkey")
        batch_op.drop_constraint("fk_link_told_buyer", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_link_told_supplier_id"))
        batch_op.drop_index(batch_op.f("ix_link_told_buyer_id"))
        batch_op.drop_constraint("uq_link", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_link"), ["supplier_id", "buyer_id", "item"]
        )
        batch_op.drop_column("standing")
        batch_op.drop_column("told_buyer_id")
        batch_op.drop_column("told_supplier_id")

    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.drop_constraint("fk_firm_merged_into", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_firm_merged_into_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("joined_at")

    with op.batch_alter_table("declaration", schema=None) as batch_op:
        batch_op.drop_constraint("fk_declaration_ended_by", type_="foreignkey")
        batch_op.drop_index(
            "uq_declaration_sheet",
            sqlite_where=sa.text("sheet_id IS NOT NULL"),
            postgresql_where=sa.text("sheet_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_declaration_hand",
            sqlite_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
        )
        batch_op.create_unique_constraint(batch_op.f("uq_declaration"), ["link_id", "firm_id"])
        batch_op.drop_column("ended_by_id")
        batch_op.drop_column("ended")
        batch_op.drop_column("actor")
        batch_op.drop_column("note")
        batch_op.drop_column("stance")

    with op.batch_alter_table("description", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_description_sheet",
            sqlite_where=sa.text("sheet_id IS NOT NULL"),
            postgresql_where=sa.text("sheet_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_description_hand",
            sqlite_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=sa.text("sheet_id IS NULL AND ended IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_description_told_firm_id"))
        batch_op.drop_index(batch_op.f("ix_description_sheet_id"))
        batch_op.drop_index(batch_op.f("ix_description_firm_id"))
        batch_op.drop_index(batch_op.f("ix_description_name_key"))
        batch_op.drop_index(batch_op.f("ix_description_by_id"))
        batch_op.drop_index(batch_op.f("ix_description_brn"))
        batch_op.drop_index(batch_op.f("ix_description_lei"))
        batch_op.drop_index(batch_op.f("ix_description_duns"))
        batch_op.drop_index(batch_op.f("ix_description_corporate"))

    op.drop_table("description")
    with op.batch_alter_table("sheetlayout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheetlayout_firm_id"))

    op.drop_table("sheetlayout")
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.drop_index("ix_likeness_queue")
        batch_op.drop_index(batch_op.f("ix_likeness_merge_id"))
        batch_op.drop_index(batch_op.f("ix_likeness_low_id"))
        batch_op.drop_index(batch_op.f("ix_likeness_high_id"))

    op.drop_table("likeness")
    op.drop_table("likenesslook")
    op.drop_table("matchingweights")
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_into_id"))
        batch_op.drop_index(batch_op.f("ix_merge_by_id"))

    op.drop_table("merge")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_told_firm_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_state"))
        batch_op.drop_index(batch_op.f("ix_invitation_parent_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_lead_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_firm_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_by_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consent",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_consent_to_id"))
        batch_op.drop_index(batch_op.f("ix_consent_firm_id"))

    op.drop_table("consent")
    op.drop_table("mailrefusal")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_due")

    op.drop_table("mail")
