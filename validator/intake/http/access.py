"""Who may call: the key of a request, its role and scope, and how often in a minute."""

import asyncio
import time

from fastapi import Request
from fastapi.security import HTTPBearer

from validator.base import limits
from validator.intake import keys
from validator.intake.http.problems import ProblemError
from validator.intake.http.service import Service, of
from validator.intake.keys import Caller, Role, Scope

_KNOWN = 1.0  #: seconds for which a key is not looked up again: a revoked one may work so long
_MOST_KNOWN = 10_000


class Callers:
    """The keys that called lately, and how much of its minute each has left."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, tuple[float, Caller]] = {}
        self._left: dict[int, tuple[float, float]] = {}

    async def caller(self, text: str) -> Caller | None:
        """Whose key it is; None for no valid one."""
        now = time.monotonic()
        until, caller = self._known.get(text, (0.0, None))
        if caller is not None and until > now:
            return caller
        caller = await asyncio.to_thread(self._find, text)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        if caller is None:
            self._known.pop(text, None)
        else:
            self._known[text] = now + _KNOWN, caller
        return caller

    def _find(self, text: str) -> Caller | None:
        with self._service.ledger.reading() as session:
            return keys.find(session, text)

    def count(self, caller: Caller) -> None:
        """Take one request off what the key may ask for; raises where nothing is left."""
        a_minute = limits.most("http-requests") / self._service.settings.workers
        now = time.monotonic()
        left, since = self._left.get(caller.key, (a_minute, now))
        left = min(a_minute, left + (now - since) * a_minute / 60)
        self._left[caller.key] = (max(left - 1, 0.0), now)
        if left < 1:
            wait = {"Retry-After": str(1 + int((1 - left) * 60 / a_minute))}
            raise ProblemError(
                "too-many", "这个密钥一分钟内的请求太多", "too many requests of this key in a minute", wait
            )


class Allowed(HTTPBearer):
    """Lets only keys of these roles with this scope through; gives the caller."""

    def __init__(self, scope: Scope, *roles: Role) -> None:
        super().__init__(scheme_name="HTTPBearer", auto_error=False, description="zhikong intake keys add")
        self._scope, self._roles = scope, roles

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        """Return the caller; raises where it may not call."""
        callers: Callers = request.app.state.callers
        bearer = await super().__call__(request)
        caller = await callers.caller(bearer.credentials) if bearer else None
        if caller is None:
            zh, en = "请求头要有 Authorization: Bearer 密钥", "the header Authorization: Bearer KEY is needed"
            raise ProblemError("no-key", zh, en, {"WWW-Authenticate": "Bearer"})
        request.scope["caller"] = caller
        callers.count(caller)
        if caller.role not in self._roles or self._scope not in caller.scopes:
            raise ProblemError("not-allowed", "密钥的角色或范围不够", "the key's role or scope does not allow it")
        return caller


def hospital_of(caller: Caller, wanted: str = "") -> str:
    """The hospital that a caller may see: a hospital its own alone, the bureau any; blank stands for all.

    A hospital that asks for another is answered as if there were none.
    """
    if caller.role != "hospital":
        return wanted
    if wanted not in ("", caller.hospital):
        raise ProblemError("not-found", "没有这家机构", "there is no such hospital")
    return caller.hospital


def service_of(request: Request) -> Service:
    """The service, for routes."""
    return of(request.app)
