"""The shapes of answers, as the OpenAPI description has them."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from validator.intake.http.problems import documented

#: Refusals that any route with a key may give.
ALWAYS = documented("bad-request", "no-key", "not-allowed", "invalid", "too-many", "busy")
#: And those of routes that read a body.
WITH_BODY = {**ALWAYS, **documented("too-slow", "too-large")}
MISSING = documented("not-found")

Disposition = Literal["accept", "accept_with_warnings", "return", "cannot_be_judged"]
Level = Literal["error", "warning", "info"]


class Alive(BaseModel):
    """A process that answers."""

    status: Literal["ok"]


class CheckedFinding(BaseModel):
    """One fault of a list; the columns of the JSON Lines report (docs/outcomes.md)."""

    check: str
    level: Level
    case_id: str | None
    table: str | None
    row: int | None
    field: str | None
    value: str | None
    message: str
    fix: str | None
    suggested: str | None = Field(description="what to write instead, where that is known")
    applicability: str | None = Field(description="safe, judge")
    fingerprint: str


class ListGroup(BaseModel):
    """The group of a list by the loaded scheme."""

    status: Literal["grouped", "ambiguous", "failed", "excluded"]
    group: str | None
    mdc: str | None = None
    adrg: str | None = None
    reason: str | None
    reason_text: str | None


class ListCorrection(BaseModel):
    """A single change that would group a list; a question to the coder, never applied."""

    kind: str
    field: str
    before: str | None
    after: str | None
    text: str
    group: str | None
    cautions: str
    applicability: str


class CheckedList(BaseModel):
    """What checking one list gave."""

    position: int = Field(description="of the list in the body, from 0")
    case_id: str | None
    interface: str | None
    disposition: Disposition
    errors: int
    warnings: int
    infos: int
    findings: list[CheckedFinding]
    unread: str | None = Field(description="why the list could not be read")
    group: ListGroup | None
    ungrouped: str | None = Field(description="why the list could not be grouped")
    corrections: list[ListCorrection] | None


class Checked(BaseModel):
    """What checking gave, list by list."""

    profile: str
    zhikong: str
    lists: list[CheckedList]


class PlatformAnswer(BaseModel):
    """The same in the shape of an answer to 4104."""

    infcode: Literal["0"]
    err_msg: str
    output: dict[str, Any]


class KeyShown(BaseModel):
    """A key, without its secret."""

    id: int
    name: str
    role: str
    hospital: str
    scopes: list[str]
    created: str
    created_by: str
    expires: str
    revoked: str | None


class MadeKey(BaseModel):
    """A key that was made; ``key`` cannot be read again."""

    id: int
    key: str


class Decided(BaseModel):
    """The fingerprints or case ids that were decided on."""

    done: list[str]


class Arrived(BaseModel):
    """A submission on its way: its job where it is whole, else how many bytes have come."""

    job: int | None
    received: int | None = None


class JobShown(BaseModel):
    """How far a submission is; ``error`` is why it could not be read."""

    job: int
    state: Literal["waiting", "done", "failed"]
    created: str
    progress: dict[str, Any] | None = Field(description="step, done, total")
    submission: int | None
    outcome: Literal["accepted", "returned", "held"] | None
    error: str | None


class SubmissionRow(BaseModel):
    """What was delivered at one time."""

    id: int
    hospital: str
    period: str
    received: str
    names: list[str]
    declared: int | None
    whole: bool
    cases: int
    state: Literal["accepted", "returned", "held"]


class SubmissionShown(SubmissionRow):
    """The same with the gate's verdict, what it was judged by, and the versions that it brought."""

    verdict: dict[str, Any]
    digest: str
    judged_by: dict[str, Any]
    new_versions: list[dict[str, Any]]


class SubmissionPage(BaseModel):
    """Submissions; ``next`` asks for the page behind."""

    items: list[SubmissionRow]
    next: int | None


class CaseShown(BaseModel):
    """The version of a case that counts."""

    id: int
    hospital: str
    document: str
    case_id: str
    number: int
    submission: int
    disposition: Disposition
    errors: int
    warnings: int
    period: str
    group_status: str | None
    group_code: str | None


class CasePage(BaseModel):
    """Cases; ``next`` asks for the page behind."""

    items: list[CaseShown]
    next: int | None


class CaseHistory(BaseModel):
    """All that the ledger knows of a case."""

    case_id: str
    versions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    waivers: list[dict[str, Any]]
    answers: list[dict[str, Any]] = Field(description="of the hospital to its group")
    requests: list[dict[str, Any]] = Field(description="特例单议")


class FindingRow(BaseModel):
    """A finding through all versions of its case."""

    id: int
    hospital: str
    case_id: str
    fingerprint: str
    check_id: str
    level: Level
    table_name: str
    field: str | None
    state: Literal["open", "corrected", "justified", "accepted", "rejected", "closed"]
    value: str | None
    message: str | None
    fix: str | None
    suggested: str | None


class FindingPage(BaseModel):
    """Findings; ``next`` asks for the page behind."""

    items: list[FindingRow]
    next: int | None


class MonthShown(BaseModel):
    """The figures of a month and hospital: cases by what becomes of them, findings that wait."""

    period: str
    hospital: str
    cases: int
    accept: int
    accept_with_warnings: int
    returned: int
    cannot_be_judged: int
    open: int = Field(description="errors that wait for the hospital")
    justified: int = Field(description="words of the hospital that wait for the bureau")
    frozen: bool


class Double(BaseModel):
    """Two lists that count and are of one settlement or stay."""

    check: str
    hospital: str
    case_id: str
    submission: int
    other_hospital: str
    other_case: str
    other_submission: int


class Frozen(BaseModel):
    """A month that was frozen."""

    period: str
    hospital: str
    at: str
    cases: int
    sha256: str


class Imported(BaseModel):
    """Whether a file was imported now; false: it had been before."""

    imported: bool


class RoundShown(BaseModel):
    """A round in which groups were sent."""

    period: str
    number: int
    sent: date
    until: date
    is_final: bool


class GroupSent(BaseModel):
    """The group of a case as a round sent it."""

    hospital: str
    case_id: str
    group: str | None
    status: str
    moved: bool = Field(description="by the bureau, after an answer")


class GroupsSent(BaseModel):
    """Groups; ``next`` asks for the page behind."""

    items: list[GroupSent]
    next: int | None


class Agreement(BaseModel):
    """A check, and in how many cases both found it, we alone, they alone."""

    check: str | None
    field: str | None
    both: int
    ours_alone: int
    theirs_alone: int
    confirmed: float | None
    sentence: str | None


class CodeShown(BaseModel):
    """A code taken apart."""

    code: str
    valid: bool
    readings: list[dict[str, Any]]


class RuleShown(BaseModel):
    """A rule of the catalogue."""

    id: str
    level: Level
    kind: str
    table: str
    field: str | None
    title: str
    message: str
    fix: str | None
    why: str | None
    basis: str
    sure: str
    withdrawn: str | None


class CatalogueShown(BaseModel):
    """By what the service judges."""

    zhikong: str
    profile: str
    interfaces: list[str]
    rules: int
    tables: list[dict[str, Any]]
    note: str


class AuditRow(BaseModel):
    """A change."""

    id: int
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """Changes; ``next`` asks for the page behind."""

    items: list[AuditRow]
    next: int | None
