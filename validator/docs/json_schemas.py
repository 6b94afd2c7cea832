"""``schemas/json``: what rule pages, profiles, interfaces and layouts may hold, for editors that complete and check.

Keys, which of them are needed and what values they take come from the loaders; here are the words that an editor shows. A
key of a loader without words stops the generation.
"""

import json
import re
from collections.abc import Collection, Iterable
from typing import Any

from validator.base.certainty import SURE
from validator.codes.editions import EDITIONS
from validator.spec import intake, interfaces, layouts, profiles, rule_pages
from validator.spec.catalogue import Catalogue, code_tables

Schema = dict[str, Any]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string", "minLength": 1}
BLANK_TEXT: Schema = {"type": ["string", "null"]}
_CONDITION: Schema = {"type": ["string", "boolean", "null"]}
DATE: Schema = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
TEXTS: Schema = {"type": "array", "items": TEXT}
_ANYTHING: Schema = {"type": "object"}


def rule(catalogue: Catalogue) -> str:
    """The schema of the project's own rule pages."""
    return _rule(catalogue, house=False)


def house_rule(catalogue: Catalogue) -> str:
    """The schema of pages given with ``--rules``."""
    return _rule(catalogue, house=True)


def _rule(catalogue: Catalogue, *, house: bool) -> str:
    required, optional = rule_pages.keys(house)
    tables = sorted({table for layout in catalogue.layouts.values() for table in layout.tables})
    words = {
        "id": (_pattern(rule_pages.ID.pattern), "编号：两字母三数字，也是文件名", "Two letters and three digits; the file's name"),
        "name": (TEXT, "英文短名，用连字符", "english-words-with-hyphens: what the fault is about"),
        "title": (TEXT, "应当怎样，一句话", "One line"),
        "message": (TEXT, "报告里说什么；{列名} 显示所见的值", "What is seen; {column} shows a value"),
        "fix": (TEXT, "编码员该做什么", "What the coder should do"),
        "why": (TEXT, "为什么查", "Why it matters"),
        "kind": (one_of(rule_pages.KINDS), "类别", "Kind"),
        "level": (one_of(rule_pages.LEVELS), "级别；依据未证实的最多 warning", "Level; at most warning where the basis is unconfirmed"),
        "blocks": (
            {"type": ["array", "null"], "items": one_of(rule_pages.BLOCKS), "uniqueItems": True},
            "不改就不能入组的：drg、dip", "What the case cannot be grouped by while the fault stands",
        ),
        "on": (
            {"anyOf": [one_of(tables), {"type": "array", "items": one_of(tables), "minItems": 2}]},
            "查哪张表：一行一个发现；几份文书各有其表的写成一列",
            "The table whose rows are judged; a list where each document has one of its own",
        ),
        "field": (BLANK_TEXT, "发现指向哪一列；不写则是 expect 读到的第一列", "The field a finding points at"),
        "instead_of": (BLANK_TEXT, "代替哪一项字段检查，如 diseinfo.diag_code/grey", "The field check that says less"),
        "when": (_CONDITION, "哪些行适用（SQL）；不写则全部", "For which rows (SQL); without it, all"),
        "expect": (_CONDITION, "应当成立的条件（SQL）", "What must hold (SQL)"),
        "unique": (_spec("unique"), "keys 在一例（case）或一批（batch）里不重复", "Keys occur once in a case or batch"),
        "pairs": (_spec("pairs"), "一例里不应同时有的两个编码", "Two codes that one case must not have together"),
        "requires": (_spec("requires"), "有此编码，就应有另一编码", "A code that needs another"),
        "excess": (_excess(), "多收了多少：quantity 数量、amount 金额（元）", "How much is charged too much: quantity, amount in yuan"),
        "basis": (_basis(catalogue, house), "依据", "What the rule rests on"),
        "since": (DATE, "从清单的哪一天起适用", "The first list date"),
        "until": (DATE, "到清单的哪一天为止", "The last list date"),
        "document": (
            one_of(interfaces.DOCUMENTS),
            "只查哪一种文书",
            "The one document that it judges, where others have its table too",
        ),
        "withdrawn": (BLANK_TEXT, "为什么停用", "Why the rule no longer runs"),
        "cases": (_cases(catalogue, tables), "例子：至少一个 pass、一个 fail", "Examples: at least one pass and one fail"),
        "tables": ({"type": ["object", "null"]}, "例子所用的码表行", "Rows of code tables for the examples"),
    }  # fmt: skip
    words |= {f"{key}_en": (TEXT, f"{key} 的英文", f"{key} in English") for key in rule_pages.TEXTS}
    made = page("zhikong 本地规则 / house rule" if house else "zhikong 规则 / rule page", words, required, optional)
    made["oneOf"] = [{"required": [shape]} for shape in rule_pages.SHAPES]
    made["allOf"] = [
        {
            "if": {"properties": {"basis": {"properties": {"sure": {"const": "unconfirmed"}}}}},
            "then": {"properties": {"level": {"not": {"const": "error"}}}},
        }
    ]
    return written(made)


def profile(catalogue: Catalogue) -> str:
    """The schema of profiles."""
    known = catalogue.profile.parameters
    number = {"type": "number"}
    value = {"anyOf": [number, {"type": "object", "required": ["value"], "properties": {"value": number}}]}
    left_out = {"type": ["array", "null"], "items": TEXT}
    schemes = {
        name: one_of((profiles.ANY, *domain.schemes)) for name, domain in catalogue.domains.items() if domain.schemes
    }
    words = {
        "name": (TEXT, "名称", "Name"),
        "title_zh": (TEXT, "中文标题", "Chinese title"),
        "title_en": (TEXT, "英文标题", "English title"),
        "base": (BLANK_TEXT, "以哪个方案为基础：名称或文件", "The profile this one rests on: a name or a file"),
        "ignore": (left_out, "不查的：编号、编号的开头或类别", "Checks left out: ids, their beginnings, kinds"),
        "parameters": (mapping(known, value), "规则里写作 $名称 的数值", "Figures that rules read as $name"),
        "levels": (mapping((), one_of(rule_pages.LEVELS)), "检查项改用的级别", "Levels instead of the checks' own"),
        "required": (mapping((), TEXT), "另外必填的字段：always 或条件（SQL）", "Fields that must be filled too"),
        "schemes": (keyed(schemes), "值域用哪一套代码", "Which of several codings is in use"),
        "codebooks": (mapping(sorted(code_tables()), TEXT), "码表用哪一版（加引号）", "Which version judges (in quotes)"),
        "record_edition": (one_of(EDITIONS), "病案首页用哪一版编码", "Edition of the case records' codes"),
        "outside_grouping": (mapping(profiles.OUTSIDE, BLANK_TEXT), "不参加分组的病例：条件", "Cases left out of grouping"),
        "intake": (_intake(), "接收：门槛、期限、反馈轮次、平台取值", "Intake: gate, deadline, rounds, platform values"),
    }  # fmt: skip
    return written(page("zhikong 地方方案 / profile", words, profiles.REQUIRED, profiles.OPTIONAL))


def _intake() -> Schema:
    """The section of a profile for the bureau's intake."""
    whole, days = {"type": "integer", "minimum": 0}, {"type": ["array", "null"], "items": TEXT}
    unit, year = one_of(intake.UNITS), keyed(dict.fromkeys(sorted(intake.YEAR), days))
    deadline = keyed(
        {
            "anchor": one_of(intake.ANCHORS), "days": whole, "day_of_next_month": whole, "unit": unit, "grace": whole,
            "counts": one_of(intake.COUNTS),
        }
    )  # fmt: skip
    texts = mapping((), TEXT)
    platform = keyed(
        {
            "levels": mapping((), one_of(rule_pages.LEVELS)), "results": mapping((), one_of(("passed", "failed"))),
            "returned": days, "grouped": days, "fields": texts,
        }
    )  # fmt: skip
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return keyed(
        {
            "gate": TEXT,
            "tolerance": keyed({"share": share, "cases": whole, "passes": one_of(intake.PASSES)}),
            "rejects": days,
            "deadline": {**deadline, "required": ["anchor"]},
            "calendar": {"type": ["object", "null"], "additionalProperties": {**year, "required": ["off"]}},
            "expectation": keyed({"least_share": share, "months": whole}),
            "feedback": {**keyed({"rounds": whole, "days": whole, "unit": unit}), "required": ["days"]},
            "platform": platform,
        }
    )


def interface(_: Catalogue) -> str:
    """The schema of ``interface.yaml``."""
    roles = dict.fromkeys(interfaces.ROLES, TEXTS)
    schemes = {"type": "array", "items": one_of(interfaces.SCHEMES)}
    words = {
        "document": (one_of(interfaces.DOCUMENTS), "哪一种文书", "Which document"),
        "number": ({"type": "string"}, "报文编号（加引号）", "The message's number (in quotes)"),
        "title_zh": (TEXT, "中文标题", "Chinese title"),
        "title_en": (TEXT, "英文标题", "English title"),
        "case": (TEXT, "一例一行的表", "The table with one row per case"),
        "keys": ({**TEXTS, "minItems": 1}, "认出病例的字段，最好的在前", "Fields that name a case, best first"),
        "day": ({**TEXTS, "minItems": 1}, "决定版本的日期字段", "Dates that pick editions, best first"),
        "roles": (keyed(roles), "字段的角色", "What fields stand for"),
        "counts": (mapping((), TEXT), "字段 → 它计数的表", "Field to the table whose rows it counts"),
        "tables": (mapping((), TEXT), "表 → 中文名", "Table to its Chinese title"),
        "default": ({"type": "boolean"}, "列名分不清时就按这一种", "Whether columns that fit several layouts are taken for this one's"),
        "made_of": (TEXT, "病例表不上传时，由哪张表的行组成", "The table whose rows make the cases, where the case's own is not sent"),
        "joins": (one_of(interfaces.DOCUMENTS), "这些行属于哪种文书的病例", "The document whose cases the rows belong to"),
        "cancels": (mapping((), TEXT), "撤销报文：number、node、field、all", "The message that takes rows back"),
        "ordering": (mapping((), _ANYTHING), "收费行的表 → 开单科室、医师的字段", "Table of charges to who ordered them"),
        "inner": (TEXT, "报文的行里哪个对象的字段算作行的字段", "The object inside rows whose fields are the rows' own"),
        "needs": (mapping((), TEXT), "病例必须有的表：always 或条件（SQL）", "Tables that cases must have: always, or a condition"),
        "blocks": (mapping((), schemes), "哪些字段检查阻碍入组", "Checks that block grouping"),
    }  # fmt: skip
    return written(page("zhikong 接口 / interface", words, interfaces.REQUIRED, interfaces.OPTIONAL))


def layout(catalogue: Catalogue) -> str:
    """The table schema (Frictionless) of a layout's CSV files: a row per field of the interface."""
    words: dict[str, tuple[Schema, str]] = {
        "field": ({"required": True, "unique": True}, "official name"),
        "name_zh": ({"required": True}, "Chinese name"),
        "name_en": ({"required": True}, "English name"),
        "type": ({"required": True, "enum": list(layouts.TYPES)}, "what cells hold"),
        "length": ({"pattern": "[0-9]+(,[0-9]+)?"}, "characters; digits and decimal places of a number"),
        "required": ({"required": True, "enum": ["Y", "N"]}, "whether every row must have it"),
        "required_when": ({}, "SQL condition under which a row must have it"),
        "domain": ({"enum": sorted(catalogue.domains)}, "value set"),
        "pattern": ({"enum": sorted(catalogue.patterns)}, "code form or pattern"),
        "names": ({}, "the field with the code whose name this is"),
        "min": ({"pattern": "-?[0-9]+(\\.[0-9]+)?"}, "least value"),
        "max": ({"pattern": "-?[0-9]+(\\.[0-9]+)?"}, "greatest value"),
        "blank": ({}, "texts that stand for nothing, parted by blanks"),
        "alias": ({}, "other headings, parted by ;"),
        "personal": ({"enum": list(layouts.PERSONAL)}, "kind of personal data"),
        "item": ({}, "item of the paper form"),
        "since": ({"pattern": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}, "first day in force"),
        "until": ({"pattern": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}, "last day in force"),
        "basis": ({"required": True, "enum": sorted(catalogue.documents)}, "document, a key of regulations.yaml"),
        "sure": ({"required": True, "enum": list(SURE)}, "how sure it is"),
        "note": ({}, "remark"),
    }
    fields = [
        {"name": name, "type": "string", "description": words[name][1], "constraints": words[name][0]}
        for name in layouts.COLUMNS
    ]
    return written(
        {"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "fields": fields, "primaryKey": "field"}
    )


def page(
    title: str, words: dict[str, tuple[Schema, str, str]], required: Collection[str], optional: Collection[str]
) -> Schema:
    """The schema of a mapping with just these keys, in the order of ``words``."""
    keys = {*required, *optional}
    if lacking := keys - words.keys():
        raise KeyError(*sorted(lacking))
    properties = {
        key: {"description": f"{zh}\n\n{en}", **schema} for key, (schema, zh, en) in words.items() if key in keys
    }
    return {
        "$schema": _DRAFT, "title": title, "type": "object", "required": [key for key in words if key in required],
        "properties": properties, "additionalProperties": False,
    }  # fmt: skip


def _basis(catalogue: Catalogue, house: bool) -> Schema:
    register: Schema = one_of(sorted(catalogue.documents))
    own = dict.fromkeys(sorted(rule_pages.DOCUMENT_REQUIRED), TEXT)
    own |= dict.fromkeys(sorted(rule_pages.DOCUMENT_OPTIONAL), BLANK_TEXT)
    inline = {**keyed(own), "type": "object", "required": sorted(rule_pages.DOCUMENT_REQUIRED)}
    properties = {
        "doc": {"anyOf": [register, inline]} if house else register,
        "item": {"type": ["string", "number"]},
        "quote": {"type": ["string", "number", "null"]},
        "verified": one_of(rule_pages.VERIFIED),
        "at": TEXT,
        "sure": one_of(SURE),
    }
    return {
        "type": "object", "required": sorted(rule_pages.BASIS_REQUIRED),
        "properties": {key: properties[key] for key in sorted(rule_pages.BASIS_REQUIRED | rule_pages.BASIS_OPTIONAL)},
        "additionalProperties": False,
    }  # fmt: skip


def _spec(shape: str) -> Schema:
    """What a shape other than ``expect`` holds."""
    required, optional = rule_pages.SPECS[shape]
    special = {"within": one_of(rule_pages.WITHIN), "keys": TEXTS, "level": one_of(rule_pages.LEVELS)}
    properties = {key: special.get(key, {"type": ["string", "number"]}) for key in sorted(required | optional)}
    return {"type": "object", "required": sorted(required), "properties": properties, "additionalProperties": False}


def _excess() -> Schema:
    """What a failing row charges too much."""
    numbers: dict[str, Schema] = {name: {"type": ["string", "number"]} for name in rule_pages.EXCESS}
    return {**keyed(numbers), "type": ["object", "null"], "required": rule_pages.EXCESS[:1]}


def _cases(catalogue: Catalogue, tables: Iterable[str]) -> Schema:
    title = {"type": ["string", "number"]}
    names = "|".join(map(re.escape, catalogue.layouts))  # several documents of one case are joined by +
    special = {
        "pass": title, "fail": title, "layout": _pattern(rf"(?:{names})(?:\+(?:{names}))*"), "again": _ANYTHING, "also": TEXTS,
        "rows": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    }  # fmt: skip
    case = {
        "type": "object",
        "oneOf": [{"required": ["pass"]}, {"required": ["fail"]}],
        "properties": {key: special[key] for key in sorted(rule_pages.CASE_KEYS)}
        | {table: {"type": ["object", "array"]} for table in tables},
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 2, "items": case}


def keyed(properties: dict[str, Schema]) -> Schema:
    """A mapping of just these names, or nothing."""
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def one_of(values: Iterable[str]) -> Schema:
    return {"enum": list(values)}


def _pattern(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def mapping(names: Collection[str], values: Schema) -> Schema:
    """Names, just these where there are any, to values."""
    known = {"propertyNames": one_of(names)} if names else {}
    return {"type": ["object", "null"], **known, "additionalProperties": values}


def written(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
