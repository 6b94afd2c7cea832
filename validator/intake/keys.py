"""Keys of those who call over HTTP: shown once when they are made, kept as a hash, each for one role and one institution.

A key is ``zk_<number>_<secret>``. The secret has 256 random bits, so that a salted SHA-256 protects it as well as a slow hash would.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.base import clock
from validator.base.errors import InputError, MissingError
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import ApiKey
from validator.intake.ledger.store import now, written

Role = Literal["hospital", "reviewer", "administrator", "auditor"]
Scope = Literal["check", "read", "write"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Caller:
    """Who calls."""

    key: int
    name: str
    role: Role
    hospital: str  #: of the role hospital; blank for the others
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """Who did it, for the ledger and its log."""
        return f"{self.name} (key {self.key})"


def add(
    ledger: Ledger, name: str, role: Role, actor: str, *, hospital: str = "", scopes: Sequence[Scope] = SCOPES,
    life: timedelta = timedelta(days=365),
) -> tuple[int, str]:  # fmt: skip
    """Make a key; gives its number and its text, which nobody can read again.

    Raises :class:`~validator.base.errors.InputError` where a hospital's key names no hospital, or another key names one.
    """
    if (role == "hospital") != bool(hospital):
        raise InputError(
            "医疗机构的密钥要写明机构编号，其他角色的不写",
            "a hospital's key names its hospital, a key of another role none",
        )
    secret, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
    with ledger.writing() as session:
        made = ApiKey(
            name=name, role=role, hospital=hospital, scopes=sorted(scopes), salt=salt, hash=_hash(salt, secret), created=now(),
            created_by=actor, expires=written(clock.now() + life),
        )  # fmt: skip
        session.add(made)
        session.flush()
        detail = {"name": name, "role": role, "hospital": hospital, "scopes": made.scopes, "expires": made.expires}
        audit.add(session, actor, "add key", f"key {made.id}", detail)
        return made.id, f"zk_{made.id}_{secret}"


def find(session: Session, text: str) -> Caller | None:
    """Whose key it is; None for what is none, has expired or was revoked."""
    head, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if head != "zk" or not (number.isascii() and number.isdigit() and len(number) <= 15):
        return None
    found = session.get(ApiKey, int(number))
    if found is None or not compare_digest(found.hash, _hash(found.salt, secret)):
        return None
    if found.revoked or found.expires <= now():
        return None
    return Caller(found.id, found.name, _role(found.role), found.hospital, frozenset(found.scopes))


def revoke(ledger: Ledger, number: int, actor: str) -> None:
    """End a key; :class:`~validator.base.errors.MissingError` where there is none that is in use."""
    with ledger.writing() as session:
        found = session.get(ApiKey, number)
        if found is None or found.revoked:
            raise MissingError(f"没有在用的密钥 {number}", f"there is no key {number} in use")
        found.revoked = now()
        audit.add(session, actor, "revoke key", f"key {number}")


def in_use(session: Session) -> bool:
    """Whether there is a key that works."""
    wanted = select(ApiKey.id).where(ApiKey.revoked.is_(None), ApiKey.expires > now())
    return session.execute(wanted.limit(1)).first() is not None


def rows(session: Session) -> list[dict[str, Any]]:
    """Every key without its secret, the newest first."""
    names = ("id", "name", "role", "hospital", "scopes", "created", "created_by", "expires", "revoked")
    found = session.execute(select(ApiKey).order_by(ApiKey.id.desc())).scalars()
    return [{name: getattr(each, name) for name in names} for each in found]


def _role(text: str) -> Role:
    return next(role for role in ROLES if role == text)


def _hash(salt: str, secret: str) -> str:
    return sha256(f"{salt}{secret}".encode()).hexdigest()
