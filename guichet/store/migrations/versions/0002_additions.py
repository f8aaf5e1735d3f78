"""what a person adds to a case already open; a mail knows the form it tells"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "additions",
        sa.Column("handoff_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_additions_handoff_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_additions_case_id")),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_additions")),
    )
    op.create_index(op.f("ix_additions_case_id"), "additions", ["case_id"], unique=False)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handoff_id", sa.String(length=36), nullable=True))
    op.execute("UPDATE outbox SET handoff_id = (SELECT handoff_id FROM cases WHERE cases.id = outbox.case_id)")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.alter_column("handoff_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.drop_constraint(op.f("uq_outbox_case_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_handoff_id"), ["handoff_id", "kind"])
        batch_op.create_foreign_key(op.f("fk_outbox_handoff_id"), "handoffs", ["handoff_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE handoff_id IN (SELECT handoff_id FROM additions)")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_outbox_handoff_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_outbox_handoff_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_case_id"), ["case_id", "kind"])
        batch_op.drop_column("handoff_id")
    op.drop_index(op.f("ix_additions_case_id"), table_name="additions")
    op.drop_table("additions")
