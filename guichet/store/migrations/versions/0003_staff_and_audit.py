"""caisses and second factor of staff; the audit table, which only grows"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A row younger than 180 days stays, whatever the service or its operator runs. `REPLACE INTO` fires no DELETE trigger
# on SQLite, hence the third one there; PostgreSQL has TRUNCATE instead.
SQLITE = (
    """
    CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-180 days')
    BEGIN SELECT RAISE(ABORT, 'audit: a row is kept for 180 days'); END
    """,
    """
    CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: a row is never changed'); END
    """,
    """
    CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit: a row is never changed'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '180 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit: a row is never changed, and kept for 180 days'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
)


def upgrade() -> None:
    op.add_column("staff", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("staff", sa.Column("totp_failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("staff_sessions", sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("staff_sessions", sa.Column("enrolment", sa.Text(), nullable=True))
    op.create_table(
        "staff_caisses",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("caisse", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_caisses_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "caisse", name=op.f("pk_staff_caisses")),
    )
    # Until now an agent saw every case: an upgrade takes nothing away.
    op.execute("INSERT INTO staff_caisses (staff_id, caisse) SELECT id, 'toutes' FROM staff WHERE role = 'agent'")
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index("ix_audit_who", "audit", ["who", "id"], unique=False)
    op.create_index("ix_audit_target", "audit", ["target", "id"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard()")
    op.drop_table("recovery_codes")
    op.drop_table("staff_caisses")
    op.drop_column("staff_sessions", "enrolment")
    op.drop_column("staff_sessions", "second_factor")
    op.drop_column("staff", "totp_failures")
    op.drop_column("staff", "totp_step")
    op.drop_column("staff", "totp_secret")
