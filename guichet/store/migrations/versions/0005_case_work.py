"""what agents do with a case: who works on it, its events, why it was closed; a mail for each reply"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    sa.Column("version", sa.Integer(), server_default="0", nullable=False),
    sa.Column("assignee", sa.String(length=60), nullable=True),
    sa.Column("closed_at", MOMENT, nullable=True),
    sa.Column("reason", sa.String(length=20), nullable=True),
    sa.Column("first_reply_at", MOMENT, nullable=True),
)
INDEXES = {
    "ix_cases_list": ["state", "assignee", "created_at", "caisse", "theme"],
    "ix_cases_created": ["created_at", "id", "caisse", "state"],
    "ix_cases_closed": ["state", "closed_at", "caisse", "theme", "assignee", "created_at"],
    "ix_cases_theme": ["theme", "created_at", "state", "caisse"],
}


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("cases", column)
    op.drop_index(op.f("ix_cases_created_at"), table_name="cases")
    for name, columns in INDEXES.items():
        op.create_index(name, "cases", columns, unique=False)
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint(op.f("uq_outbox_handoff_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_handoff_id"), ["handoff_id", "kind", "event"])
        batch_op.create_index(op.f("ix_outbox_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'reply'")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_outbox_case_id"))
        batch_op.drop_constraint(op.f("uq_outbox_handoff_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_handoff_id"), ["handoff_id", "kind"])
        batch_op.drop_column("event")
    op.drop_table("case_events")
    for name in INDEXES:
        op.drop_index(name, table_name="cases")
    op.create_index(op.f("ix_cases_created_at"), "cases", ["created_at"], unique=False)
    for column in reversed(COLUMNS):
        op.drop_column("cases", column.name)
