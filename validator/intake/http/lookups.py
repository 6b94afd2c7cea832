"""What codes and rules mean, and by what the service judges."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath

from validator import __version__
from validator.base.errors import MissingError
from validator.base.language import current, say
from validator.codes.explain import explain
from validator.codes.explain.model import Reading
from validator.codes.tables import Store
from validator.grouping.role import roles
from validator.intake.http.access import service_of
from validator.intake.http.answers import ALWAYS, MISSING, CatalogueShown, CodeShown, RuleShown
from validator.intake.http.submissions import Reader
from validator.spec.catalogue import Check

router = APIRouter(tags=["lookups"])


@router.get("/v1/codes/{code}", responses=ALWAYS, response_model=CodeShown)
def show_code(
    request: Request,
    _: Reader,
    code: Annotated[str, InPath(max_length=100)],
    name: Annotated[str, Query(max_length=200)] = "",
    day: Annotated[date | None, Query(description="哪一天有效")] = None,
) -> dict[str, Any]:
    """A code of any of the standards taken apart, as ``zhikong code`` does."""
    store = Store(service_of(request).codebooks)
    found = explain(code, name=name, day=day, roles=roles, store=store)
    return {"code": found.text, "valid": found.valid, "readings": [_reading(each) for each in found.readings]}


def _reading(reading: Reading) -> dict[str, Any]:
    lang = current()
    return {
        "form": reading.form.title(lang), "standard": reading.form.standard, "code": reading.code, "valid": reading.valid,
        "remarks": [each.text(lang) for each in (*reading.remarks, *(part.remark for part in reading.parts if part.remark))],
        "entries": [
            {
                "table": each.table, "version": each.version, "name": each.name, "since": each.since, "until": each.until,
                "in_force": each.in_force, "grey": each.grey,
            }
            for each in reading.entries
        ],
    }  # fmt: skip


@router.get("/v1/rules", responses=ALWAYS, response_model=list[RuleShown])
def list_rules(
    request: Request, _: Reader, topic: Annotated[str, Query(max_length=20, description="编号的开头，如 DX")] = ""
) -> list[dict[str, Any]]:
    """The rules in use."""
    known = service_of(request).catalogue
    chosen = (rule for rule in known.rules.values() if rule.id.startswith(topic.upper()))
    return [_rule(known.rule_check(rule)) for rule in chosen]


@router.get("/v1/rules/{number}", responses={**ALWAYS, **MISSING}, response_model=RuleShown)
def show_rule(request: Request, _: Reader, number: Annotated[str, InPath(max_length=100)]) -> dict[str, Any]:
    """One rule."""
    known = service_of(request).catalogue
    if (rule := known.rules.get(number.upper())) is None:
        raise MissingError("没有这条规则", "there is no such rule")
    return _rule(known.rule_check(rule))


def _rule(check: Check) -> dict[str, Any]:
    rule, lang = check.rule, current()
    assert rule
    return {
        "id": check.id, "level": check.level, "kind": check.kind, "table": check.table, "field": rule.field,
        "title": check.title(lang), "message": check.message(lang), "fix": rule.text("fix", lang), "why": rule.text("why", lang),
        "basis": rule.basis.doc, "sure": rule.basis.sure, "withdrawn": rule.withdrawn,
    }  # fmt: skip


@router.get("/v1/catalogue", responses=ALWAYS, response_model=CatalogueShown)
def show_catalogue(request: Request, _: Reader) -> dict[str, Any]:
    """By what the service judges: its version, interfaces, code tables and grouping schemes."""
    service = service_of(request)
    tables = [
        {"table": each.table, "version": each.version, "since": each.since, "until": each.until}
        for each in Store(service.codebooks).versions()
    ]
    note = (
        ""
        if tables
        else say("没有装载全国码表：编码只按写法检查", "no national tables are loaded: codes are checked by their form")
    )
    return {
        "zhikong": __version__, "profile": service.settings.profile, "interfaces": list(service.catalogue.layouts),
        "rules": len(service.catalogue.rules), "tables": tables, "note": note,
    }  # fmt: skip
