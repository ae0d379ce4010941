"""The guard's benchmark: its runs, the table of what was judged, and the figures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "benchmark_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("guard_version", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("losses", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_runs")),
    )
    op.create_index(op.f("ix_benchmark_runs_fingerprint"), "benchmark_runs", ["fingerprint"])
    _create_rows()
    _create_scores()


def _create_rows() -> None:
    op.create_table(
        "benchmark_llm_monitoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("prompt_label", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("response_label", sa.Text(), nullable=True),
        sa.Column("response_refusal_label", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("prompt_length", sa.Integer(), nullable=True),
        sa.Column("response_length", sa.Integer(), nullable=True),
        sa.Column("look_alike", sa.Boolean(), nullable=False),
        sa.Column("guard_prompt_label", sa.Text(), nullable=True),
        sa.Column("guard_response_label", sa.Text(), nullable=True),
        sa.Column("guard_response_refusal_label", sa.Text(), nullable=True),
        sa.Column("guard_reason", sa.Text(), nullable=True),
        sa.Column("guard_evidence", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("turn_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["benchmark_runs.id"],
            name=op.f("fk_benchmark_llm_monitoring_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["turns.turn_id"],
            name=op.f("fk_benchmark_llm_monitoring_turn_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_llm_monitoring")),
        sa.UniqueConstraint("run_id", "place", name=op.f("uq_benchmark_llm_monitoring_run_id_place")),
    )
    op.create_index(op.f("ix_benchmark_llm_monitoring_turn_id"), "benchmark_llm_monitoring", ["turn_id"])


def _create_scores() -> None:
    op.create_table(
        "benchmark_scores",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("tp", sa.Integer(), nullable=False),
        sa.Column("fp", sa.Integer(), nullable=False),
        sa.Column("fn", sa.Integer(), nullable=False),
        sa.Column("tn", sa.Integer(), nullable=False),
        sa.Column("precision", sa.Float(), nullable=True),
        sa.Column("recall", sa.Float(), nullable=True),
        sa.Column("f1", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("false_alarm_rate", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["benchmark_runs.id"], name=op.f("fk_benchmark_scores_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "label", "part", "name", name=op.f("pk_benchmark_scores")),
    )


def downgrade() -> None:
    for table in ("benchmark_scores", "benchmark_llm_monitoring", "benchmark_runs"):
        op.drop_table(table)
