"""what operators stopped, with the message that people read meanwhile; what became of each turn, for figures"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TURN = {"intent": 60, "outcome": 12, "theme": 60, "verdict": 4}  # column: length


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_by", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switches")),
    )
    for name, length in TURN.items():
        op.add_column("turns", sa.Column(name, sa.String(length=length), nullable=True))
    op.create_index("ix_turns_figures", "turns", ["created_at", "outcome", "verdict", "theme"], unique=False)
    op.create_index(op.f("ix_clicks_created_at"), "clicks", ["created_at"], unique=False)
    op.create_index(op.f("ix_feedback_created_at"), "feedback", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_feedback_created_at"), table_name="feedback")
    op.drop_index(op.f("ix_clicks_created_at"), table_name="clicks")
    op.drop_index("ix_turns_figures", table_name="turns")
    for name in TURN:
        op.drop_column("turns", name)
    op.drop_table("switches")
