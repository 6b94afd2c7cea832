"""The shapes of answers, as the OpenAPI description has them."""

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


class NewKey(BaseModel):
    """A key to be made."""

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=100)
    role: Literal["hospital", "reviewer", "administrator", "auditor"]
    hospital: str = Field("", max_length=40)
    scopes: list[Literal["check", "read", "write"]] = Field(["check", "read", "write"], max_length=3)
    days: int = Field(365, ge=1, le=3650)


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
