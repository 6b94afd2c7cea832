"""The first ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    _tables()
    op.execute("INSERT INTO audit_head (id, entry, hash) VALUES (1, 0, '')")
    _keep_audit()


def _tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "frozen_period",
        sa.Column("id", _ID, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_period")),
        sa.UniqueConstraint("period", "hospital", name=op.f("uq_frozen_period_period_hospital")),
    )
    op.create_table(
        "run",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("zhikong", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("codebooks", sa.JSON(), nullable=False),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "waiver",
        sa.Column("id", _ID, nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index(op.f("ix_waiver_hospital_fingerprint"), "waiver", ["hospital", "fingerprint"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("run", _ID, nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_submission_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("digest", name=op.f("uq_submission_digest")),
        sa.UniqueConstraint("folder", name=op.f("uq_submission_folder")),
    )
    op.create_table(
        "case_version",
        sa.Column("id", _ID, nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submission", _ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("supersedes", _ID, nullable=True),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("judged", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("discharged", sa.Date(), nullable=True),
        sa.Column("settled", sa.Date(), nullable=True),
        sa.Column("total_fen", sa.BigInteger(), nullable=True),
        sa.Column("group_status", sa.String(), nullable=True),
        sa.Column("group_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_case_version_submission")),
        sa.ForeignKeyConstraint(["supersedes"], ["case_version.id"], name=op.f("fk_case_version_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_version")),
        sa.UniqueConstraint(
            "hospital", "document", "case_id", "number", name=op.f("uq_case_version_hospital_document_case_id_number")
        ),
    )
    op.create_index(op.f("ix_case_version_case_id"), "case_version", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_version_digest"), "case_version", ["digest"], unique=False)
    op.create_index(
        op.f("ix_case_version_hospital_period_standing"),
        "case_version",
        ["hospital", "period", "standing"],
        unique=False,
    )
    op.create_index(op.f("ix_case_version_submission"), "case_version", ["submission"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created", sa.String(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.String(), nullable=True),
        sa.Column("submission", _ID, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_job_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("folder", name=op.f("uq_job_folder")),
    )
    op.create_index(op.f("ix_job_state"), "job", ["state"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", _ID, nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_version", _ID, nullable=False),
        sa.Column("last_version", _ID, nullable=False),
        sa.ForeignKeyConstraint(["first_version"], ["case_version.id"], name=op.f("fk_finding_first_version")),
        sa.ForeignKeyConstraint(["last_version"], ["case_version.id"], name=op.f("fk_finding_last_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "hospital", "document", "fingerprint", name=op.f("uq_finding_hospital_document_fingerprint")
        ),
    )
    op.create_index(op.f("ix_finding_check_id"), "finding", ["check_id"], unique=False)
    op.create_index(op.f("ix_finding_hospital_case_id"), "finding", ["hospital", "case_id"], unique=False)
    op.create_index(op.f("ix_finding_last_version"), "finding", ["last_version"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("finding", _ID, nullable=True),
        sa.Column("version", _ID, nullable=True),
        sa.Column("submission", _ID, nullable=True),
        sa.ForeignKeyConstraint(["finding"], ["finding.id"], name=op.f("fk_decision_finding")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_decision_submission")),
        sa.ForeignKeyConstraint(["version"], ["case_version.id"], name=op.f("fk_decision_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_finding"), "decision", ["finding"], unique=False)
    op.create_index(op.f("ix_decision_submission"), "decision", ["submission"], unique=False)
    op.create_index(op.f("ix_decision_version"), "decision", ["version"], unique=False)


def _keep_audit() -> None:
    """Refuse changes of the audit log in the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
    )
