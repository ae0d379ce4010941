"""Test drives, brochures to be mailed, and what an unfinished form holds of a visitor."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_bookings()
    _create_mailings()
    _create_contacts()


def _dialog(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_session_id")
    return sa.ForeignKeyConstraint(["session_id"], ["dialogs.session_id"], name=name, ondelete="CASCADE")


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("stock_id", sa.Text(), nullable=False),
        sa.Column("car", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _dialog("bookings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_session_id"), "bookings", ["session_id"])
    op.create_table(
        "booked_times",
        sa.Column("stock_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        _dialog("booked_times"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_booked_times_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stock_id", "at", name=op.f("pk_booked_times")),
        sa.UniqueConstraint("session_id", "at", name=op.f("uq_booked_times_session_id_at")),
    )
    op.create_index(op.f("ix_booked_times_booking_id"), "booked_times", ["booking_id"])


def _create_mailings() -> None:
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        _dialog("mailings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings")),
    )
    op.create_index(op.f("ix_mailings_session_id"), "mailings", ["session_id"])
    op.create_index(op.f("ix_mailings_status_due_at"), "mailings", ["status", "due_at"])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _dialog("contacts"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_contacts")),
    )


def downgrade() -> None:
    for table in ("contacts", "mailings", "booked_times", "bookings"):
        op.drop_table(table)
