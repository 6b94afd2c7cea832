"""The shapes of what callers send, as the OpenAPI description has them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class NewKey(BaseModel):
    """A key to be made."""

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=100)
    role: Literal["hospital", "reviewer", "administrator", "auditor"]
    hospital: str = Field("", max_length=40)
    scopes: list[Literal["check", "read", "write"]] = Field(["check", "read", "write"], max_length=3)
    days: int = Field(365, ge=1, le=3650)


class GivenReason(BaseModel):
    """Why something is decided."""

    model_config = {"extra": "forbid"}
    reason: str = Field(min_length=1, max_length=2000)


_Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=1000)]


class ChosenFindings(GivenReason):
    """Findings that fit every part that is given."""

    fingerprints: _Names = []
    cases: _Names = []
    checks: _Names = []
    hospital: str = Field("", max_length=40)


class Acceptance(ChosenFindings):
    """Findings that are accepted, until a day."""

    expires: date | None = None


class ChosenCases(GivenReason):
    """Cases of one hospital, or of all."""

    cases: _Names = Field(min_length=1)
    hospital: str = Field("", max_length=40)


class GroupReview(ChosenCases):
    """What the bureau makes of answers or requests; ``group``: that a changed case is moved to."""

    outcome: Literal["changed", "kept", "granted", "refused"]
    group: str = Field("", max_length=40)
