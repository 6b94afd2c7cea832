"""The tables of the ledger (docs/ledger.md says what each is for).

Times are texts in China's time, ``2026-07-03T09:15:00+08:00``: they sort as they follow, and both databases keep them alike.
Days are dates, amounts whole fen. A migration under ``migrations/versions`` makes each change of these tables.
"""

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

#: Grows past what 32 bits hold; SQLite numbers rows by itself only where the type is called INTEGER.
_ID = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Names of keys and indexes follow one pattern, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, str: String}  # noqa: RUF012 (SQLAlchemy's own way)


class Run(Base):
    """What a submission was judged by."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    at: Mapped[str]
    zhikong: Mapped[str]
    profile: Mapped[str]
    catalogue: Mapped[str]  #: digest of all rules, fields and value sets in use
    codebooks: Mapped[list[Any]]  #: code tables, ``name version``
    schemes: Mapped[list[Any]]  #: grouping schemes, ``name version``


class Submission(Base):
    """What was delivered at one time."""

    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)  #: of its lists in any order, and the hospital
    hospital: Mapped[str]  #: who sent it; blank where lists of several came together
    period: Mapped[str]  #: yyyymm; blank where the lists are of several months
    received: Mapped[str]
    names: Mapped[list[Any]]  #: of the files
    declared: Mapped[int | None]  #: how many lists the sender says there are
    whole: Mapped[bool]  #: whether the sender says that these are all lists of the period
    cases: Mapped[int]
    state: Mapped[str]  #: accepted, returned, held
    verdict: Mapped[dict[str, Any]]  #: of the gate (``validator.gate.Verdict.as_dict``)
    run: Mapped[int] = mapped_column(ForeignKey("run.id"))
    folder: Mapped[str] = mapped_column(unique=True)  #: of its frames, below ``frames``
    files: Mapped[dict[str, Any]]  #: file of that folder -> SHA-256


class CaseVersion(Base):
    """One delivery of a case with content of its own."""

    __tablename__ = "case_version"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    hospital: Mapped[str]
    document: Mapped[str]  #: list, record, fees
    case_id: Mapped[str]
    number: Mapped[int]  #: 1, 2, … of the case
    submission: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    digest: Mapped[str]
    parts: Mapped[str] = mapped_column(Text)  #: ``table:short digest`` each, to say what changed
    supersedes: Mapped[int | None] = mapped_column(_ID, ForeignKey("case_version.id"))
    changed: Mapped[list[Any]]  #: tables that differ from the version before
    standing: Mapped[str]  #: current, superseded, withdrawn, shadow, not_taken
    judged: Mapped[str]  #: what the checks make of it (``disposition`` of ``zhikong check``)
    disposition: Mapped[str]  #: the same after decisions and waivers
    errors: Mapped[int]
    warnings: Mapped[int]
    period: Mapped[str]  #: yyyymm of settlement, else of discharge, else of the submission
    discharged: Mapped[date | None] = mapped_column(Date)
    settled: Mapped[date | None] = mapped_column(Date)
    total_fen: Mapped[int | None] = mapped_column(BigInteger)
    group_status: Mapped[str | None]  #: null where no scheme is loaded
    group_code: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("hospital", "document", "case_id", "number"),
        Index(None, "hospital", "period", "standing"),
        Index(None, "case_id"),
        Index(None, "digest"),
    )


class CaseKey(Base):
    """What must not stand on two lists (rules of shape ``unique`` over a batch), of every version that such a rule can judge."""

    __tablename__ = "case_key"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("case_version.id"), index=True)
    check_id: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)  #: of check and values, keyed by the ledger's own secret


class Finding(Base):
    """One fault of one case through all versions of the case."""

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    hospital: Mapped[str]
    document: Mapped[str]
    case_id: Mapped[str]
    fingerprint: Mapped[str]
    check_id: Mapped[str] = mapped_column(index=True)
    level: Mapped[str]
    table_name: Mapped[str]
    field: Mapped[str | None]
    facts: Mapped[dict[str, Any]]  #: the values that its message names, masked as there
    state: Mapped[str]  #: open, corrected, justified, accepted, rejected, closed
    first_version: Mapped[int] = mapped_column(ForeignKey("case_version.id"))
    last_version: Mapped[int] = mapped_column(ForeignKey("case_version.id"), index=True)
    __table_args__ = (UniqueConstraint("hospital", "document", "fingerprint"), Index(None, "hospital", "case_id"))


class Waiver(Base):
    """A finding that is accepted as it is, in later deliveries too, while its facts stay and until it expires."""

    __tablename__ = "waiver"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    hospital: Mapped[str]
    document: Mapped[str]
    fingerprint: Mapped[str]
    check_id: Mapped[str]
    facts: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    approver: Mapped[str]
    at: Mapped[str]
    expires: Mapped[date | None] = mapped_column(Date)
    ended: Mapped[str | None]  #: when the finding was rejected after all
    __table_args__ = (Index(None, "hospital", "fingerprint"),)


class Decision(Base):
    """What a person decided, in words."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    at: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]  #: justify, accept, reject, return, withdraw
    reason: Mapped[str] = mapped_column(Text)
    finding: Mapped[int | None] = mapped_column(ForeignKey("finding.id"), index=True)
    version: Mapped[int | None] = mapped_column(ForeignKey("case_version.id"), index=True)
    submission: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)


class HospitalName(Base):
    """What a hospital is called in receipts and notices."""

    __tablename__ = "hospital"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Round(Base):
    """Groups sent to the hospitals, which may answer until a day."""

    __tablename__ = "feedback_round"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    period: Mapped[str]
    number: Mapped[int]  #: 1, 2, … of the period
    sent: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    is_final: Mapped[bool]
    at: Mapped[str]
    actor: Mapped[str]
    cases: Mapped[int]
    file: Mapped[str]  #: what was sent, below the ledger's folder
    sha256: Mapped[str]
    __table_args__ = (UniqueConstraint("period", "number"),)


class GroupAnswer(Base):
    """What a hospital says of the group of a case, and what the bureau makes of it."""

    __tablename__ = "group_answer"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    round: Mapped[int] = mapped_column(ForeignKey("feedback_round.id"), index=True)
    version: Mapped[int] = mapped_column(ForeignKey("case_version.id"), index=True)
    hospital: Mapped[str]
    case_id: Mapped[str]
    answered: Mapped[date] = mapped_column(Date)
    actor: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None]  #: changed, kept; null: not reviewed yet
    group_code: Mapped[str | None]  #: that the bureau moved the case to
    reviewed: Mapped[str | None]
    reviewer: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index(None, "hospital", "case_id"),)


class SpecialRequest(Base):
    """A hospital asks that a case be paid by itself (特例单议), and what the bureau makes of it."""

    __tablename__ = "special_request"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("case_version.id"), index=True)
    hospital: Mapped[str]
    case_id: Mapped[str]
    period: Mapped[str]
    asked: Mapped[date] = mapped_column(Date)
    actor: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None]  #: granted, refused; null: not decided yet
    reviewed: Mapped[str | None]
    reviewer: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("hospital", "case_id"),)


class PlatformImport(Base):
    """A file of the platform's results (4104, 3607) that was imported."""

    __tablename__ = "platform_import"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)  #: SHA-256 of the file: the same one counts once
    at: Mapped[str]
    actor: Mapped[str]
    name: Mapped[str]
    file: Mapped[str]  #: as it came, below the ledger's folder
    transport: Mapped[list[Any]]  #: of each message ``infcode``, ``inf_refmsgid``, ``err_msg``: no verdict on a list


class PlatformList(Base):
    """The platform's verdict on a list, raw; the last one of a list counts."""

    __tablename__ = "platform_list"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    imported: Mapped[int] = mapped_column(ForeignKey("platform_import.id"), index=True)
    version: Mapped[int | None] = mapped_column(_ID, ForeignKey("case_version.id"), index=True)  #: that counted then
    setl_id: Mapped[str] = mapped_column(index=True)
    hospital: Mapped[str | None]
    month: Mapped[str | None]
    result: Mapped[str | None]  #: ``qltctrl_rslt``
    case_level: Mapped[str | None]  #: ``err_lv``
    case_returned: Mapped[str | None]  #: ``retn_flag``
    qc_version: Mapped[str | None]  #: ``qltctrl_ver``
    group_state: Mapped[str | None]  #: ``grp_stas``


class PlatformFinding(Base):
    """A fault that the platform found in a list, raw, persons hidden."""

    __tablename__ = "platform_finding"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    of_list: Mapped[int] = mapped_column(ForeignKey("platform_list.id"), index=True)
    field: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Text)
    level: Mapped[str | None]
    returned: Mapped[str | None]
    value: Mapped[str | None]


class Freeze(Base):
    """A period that is closed: what counted then, signed."""

    __tablename__ = "frozen_period"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    period: Mapped[str]
    hospital: Mapped[str]  #: blank: all
    at: Mapped[str]
    manifest: Mapped[str] = mapped_column(Text)  #: JSON, as it was signed
    signature: Mapped[str]
    key: Mapped[str]  #: the public key
    __table_args__ = (UniqueConstraint("period", "hospital"),)


class Job(Base):
    """Work that a crash must not lose."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str]
    about: Mapped[dict[str, Any]]  #: all that the work needs to be done again
    folder: Mapped[str] = mapped_column(
        unique=True
    )  #: below ``inbox`` (what came), ``staging`` and ``frames`` (what is made)
    state: Mapped[str] = mapped_column(index=True)  #: waiting, done, failed
    created: Mapped[str]
    token: Mapped[int]  #: grows with each lease: who holds an older one may not write any more
    leased_until: Mapped[str | None]
    holder: Mapped[str | None]  #: host and process that hold the lease
    submission: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    error: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None]  #: who sent it over HTTP: the hospital, else the key
    request: Mapped[str | None]  #: the sender's own name of the request: the same again is the same job
    digest: Mapped[str | None]  #: SHA-256 of what came over HTTP
    progress: Mapped[dict[str, Any] | None]  #: step, done, total
    __table_args__ = (UniqueConstraint("sender", "request"),)


class ApiKey(Base):
    """A key for calls over HTTP; its secret is kept as a salted hash."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    name: Mapped[str]  #: who has it, in words
    role: Mapped[str]  #: hospital, reviewer, administrator, auditor
    hospital: Mapped[str]  #: blank unless the role is hospital
    scopes: Mapped[list[Any]]  #: check, read, write
    salt: Mapped[str]
    hash: Mapped[str]
    created: Mapped[str]
    created_by: Mapped[str]
    expires: Mapped[str]
    revoked: Mapped[str | None]


class Audit(Base):
    """Who changed what, each entry with the hash of the one before; triggers refuse changes."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    at: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]  #: ``submission 12``, ``finding 0f3a…``
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The last entry of the log, in one row that a writer locks."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
