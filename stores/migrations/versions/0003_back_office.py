"""The back office: accounts, the audit log, the work of staff, the clock, and what is kept of dialogs that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_accounts()
    _create_logs()
    _create_work_of_staff()
    _create_knowledge()
    _create_clock_and_past()
    _add_columns()


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_staff_sessions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index(op.f("ix_staff_sessions_account_id"), "staff_sessions", ["account_id"])
    op.create_table(
        "setup_links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_setup_links_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_links")),
    )
    op.create_index(op.f("ix_setup_links_account_id"), "setup_links", ["account_id"])


def _create_logs() -> None:
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_address_at"), "login_attempts", ["address", "at"])
    op.create_index(op.f("ix_login_attempts_name_at"), "login_attempts", ["name", "at"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"])


def _create_work_of_staff() -> None:
    op.create_table(
        "turn_reviews",
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("right_answer", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.turn_id"], name=op.f("fk_turn_reviews_turn_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_turn_reviews")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("kind", "ref_id", "channel", name=op.f("uq_alerts_kind_ref_id_channel")),
    )
    op.create_index(op.f("ix_alerts_status_due_at"), "alerts", ["status", "due_at"])


def _create_knowledge() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_table(
        "gap_turns",
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gap_id"], ["gaps.id"], name=op.f("fk_gap_turns_gap_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.turn_id"], name=op.f("fk_gap_turns_turn_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gap_id", "turn_id", name=op.f("pk_gap_turns")),
    )
    op.create_index(op.f("ix_gap_turns_turn_id"), "gap_turns", ["turn_id"])
    op.create_table(
        "knowledge_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["gap_id"], ["gaps.id"], name=op.f("fk_knowledge_entries_gap_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_entries")),
    )
    op.create_index(op.f("ix_knowledge_entries_gap_id"), "knowledge_entries", ["gap_id"])
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", "language", name=op.f("pk_consent_texts")),
    )


def _create_clock_and_past() -> None:
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("tick", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "tick", name=op.f("uq_job_runs_job_tick")),
    )
    op.create_index(op.f("ix_job_runs_status"), "job_runs", ["status"])
    op.create_table(
        "dialog_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialog_facts")),
    )
    op.create_index(op.f("ix_dialog_facts_opened_at"), "dialog_facts", ["opened_at"])
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("dialogs", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )


def _add_columns() -> None:
    op.add_column("bookings", sa.Column("phone_hash", sa.Text(), nullable=True))
    op.add_column("bookings", sa.Column("handling", sa.Text(), server_default="new", nullable=False))
    op.add_column("bookings", sa.Column("taken_by", sa.Text(), nullable=True))
    op.add_column("bookings", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("note", sa.Text(), nullable=True))
    op.create_index(op.f("ix_bookings_phone_hash"), "bookings", ["phone_hash"])
    op.add_column("callbacks", sa.Column("phone_hash", sa.Text(), nullable=True))
    op.add_column("callbacks", sa.Column("taken_by", sa.Text(), nullable=True))
    op.add_column("callbacks", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("callbacks", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("callbacks", sa.Column("note", sa.Text(), nullable=True))
    op.create_index(op.f("ix_callbacks_status"), "callbacks", ["status"])
    op.create_index(op.f("ix_dialogs_last_at"), "dialogs", ["last_at"])
    op.create_index(op.f("ix_dialogs_opened_at"), "dialogs", ["opened_at"])
    op.add_column("mailings", sa.Column("email_hash", sa.Text(), nullable=True))
    op.add_column("topic_versions", sa.Column("author", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("facts", sa.JSON(), nullable=True))
    op.add_column("turns", sa.Column("prompt_tokens", sa.Integer(), nullable=True))
    op.add_column("turns", sa.Column("completion_tokens", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_turns_asked_at"), "turns", ["asked_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_bookings_phone_hash"), "bookings")
    op.drop_index(op.f("ix_callbacks_status"), "callbacks")
    op.drop_index(op.f("ix_dialogs_last_at"), "dialogs")
    op.drop_index(op.f("ix_dialogs_opened_at"), "dialogs")
    op.drop_index(op.f("ix_turns_asked_at"), "turns")
    op.drop_column("turns", "completion_tokens")
    op.drop_column("turns", "prompt_tokens")
    op.drop_column("turns", "facts")
    op.drop_column("topic_versions", "author")
    op.drop_column("mailings", "email_hash")
    op.drop_column("callbacks", "note")
    op.drop_column("callbacks", "closed_at")
    op.drop_column("callbacks", "taken_at")
    op.drop_column("callbacks", "taken_by")
    op.drop_column("callbacks", "phone_hash")
    op.drop_column("bookings", "note")
    op.drop_column("bookings", "closed_at")
    op.drop_column("bookings", "taken_at")
    op.drop_column("bookings", "taken_by")
    op.drop_column("bookings", "handling")
    op.drop_column("bookings", "phone_hash")
    for table in (
        "exports",
        "receipts",
        "dialog_facts",
        "job_runs",
        "consent_texts",
        "knowledge_entries",
        "gap_turns",
        "gaps",
        "alerts",
        "turn_reviews",
        "audit_log",
        "login_attempts",
        "setup_links",
        "staff_sessions",
        "accounts",
    ):
        op.drop_table(table)
