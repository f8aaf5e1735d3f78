"""whose mailbox a hand-off names, as a keyed fingerprint: how many it has had can be counted"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("mailbox", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_handoffs_mailbox"), "handoffs", ["mailbox"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_handoffs_mailbox"), table_name="handoffs")
    op.drop_column("handoffs", "mailbox")
