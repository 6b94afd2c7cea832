"""Rounds of feedback and requests, the platform's results, keys that must not repeat, names of hospitals, who holds a job."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REVIEW = ("outcome", "reviewed", "reviewer")


def upgrade() -> None:
    """Make what the first ledger did not have."""
    op.add_column("job", sa.Column("holder", sa.String(), nullable=True))
    _table("hospital", *_texts("code", "name"), unique=["code"])
    _table("case_key", _of("version", "case_version"), *_texts("check_id", "digest"), index=["version", "digest"])
    _feedback()
    _platform()


def _feedback() -> None:
    _table(
        "feedback_round",
        *_texts("period", "at", "actor", "file", "sha256"),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("sent", "until")),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        unique=["period", "number"],
    )
    _table(
        "group_answer",
        _of("round", "feedback_round"),
        _of("version", "case_version"),
        *_texts("hospital", "case_id", "actor"),
        sa.Column("answered", sa.Date(), nullable=False),
        *_long("words", "reason"),
        *_texts("group_code", *_REVIEW, blank=True),
        index=["round", "version"],
    )
    op.create_index(op.f("ix_group_answer_hospital_case_id"), "group_answer", ["hospital", "case_id"])
    _table(
        "special_request",
        _of("version", "case_version"),
        *_texts("hospital", "case_id", "period", "actor"),
        sa.Column("asked", sa.Date(), nullable=False),
        *_long("words", "reason"),
        *_texts(*_REVIEW, blank=True),
        index=["version"],
        unique=["hospital", "case_id"],
    )


def _platform() -> None:
    _table(
        "platform_import",
        *_texts("digest", "at", "actor", "name", "file"),
        sa.Column("transport", sa.JSON(), nullable=False),
        unique=["digest"],
    )
    _table(
        "platform_list",
        _of("imported", "platform_import"),
        _of("version", "case_version", blank=True),
        *_texts("setl_id"),
        *_texts("hospital", "month", "result", "case_level", "case_returned", "qc_version", "group_state", blank=True),
        index=["imported", "version", "setl_id"],
    )
    _table(
        "platform_finding",
        _of("of_list", "platform_list"),
        *_texts("field", "level", "returned", "value", blank=True),
        sa.Column("text", sa.Text(), nullable=True),
        index=["of_list"],
    )


def _texts(*names: str, blank: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=blank) for name in names]


def _long(words: str, reason: str) -> list[sa.Column[Any]]:
    return [sa.Column(words, sa.Text(), nullable=False), sa.Column(reason, sa.Text(), nullable=True)]


def _of(name: str, table: str, *, blank: bool = False) -> sa.Column[Any]:
    """A column with the number of a row of another table."""
    return sa.Column(name, _ID, sa.ForeignKey(f"{table}.id"), nullable=blank)


def _table(
    name: str, *columns: sa.Column[Any], unique: list[str] | None = None, index: list[str] | None = None
) -> None:
    """Make a table; keys and indexes have the names that the models give them."""
    rules: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}"))]
    for column in columns:
        for key in list(column.foreign_keys):
            key.name = op.f(f"fk_{name}_{column.name}")
    if unique:
        rules.append(sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")))
    op.create_table(name, sa.Column("id", _ID, nullable=False), *columns, *rules)
    for each in index or ():
        op.create_index(op.f(f"ix_{name}_{each}"), name, [each])
