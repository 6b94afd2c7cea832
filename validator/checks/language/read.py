"""From a text to our own tree: sqlglot parses, and only the nodes and arguments that the language has are let through."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from validator.checks.language import bounds, meanings, patterns
from validator.checks.language.faults import LanguageError, Place
from validator.checks.language.kinds import DAY, DAY_US, MOMENT, NUMBER_DIGITS, TEXT, TIME, TRUTH, Kind
from validator.checks.language.tree import Construct, Term

MOST_NODES = 400
DEEPEST = 40
MOST_VALUES = 300  #: in one IN list

_EPOCH = date(1970, 1, 1)
_CASTS = {"INT": "int", "BIGINT": "int", "DATE": "date", "TIME": "time", "TEXT": "text", "TIMESTAMPNTZ": "moment"}
_PARTS = ("EPOCH", "YEAR", "MONTH", "DAY")
_UNITS = {"DAY": DAY_US, "HOUR": DAY_US // 24, "MINUTE": 60_000_000}
#: What to write instead of what people are likely to write.
_INSTEAD = {
    "Div": (
        "不用除法：两个时间相差的分钟数写成 MINUTES_BETWEEN(开始, 结束)",
        "no division; minutes between two times are MINUTES_BETWEEN(start, end)",
    ),
    "ILike": ("不用 ILIKE，写成 LOWER(x) LIKE '…'", "no ILIKE; write LOWER(x) LIKE '…'"),
    "TryCast": ("写成 CAST(x AS …)，读不出时就是空", "write CAST(x AS …): it is null where the text cannot be read"),
    "Alias": ("不能起别名", "no alias"),
    "Select": ("不能用子查询，请先定义事实", "no sub-select; define a fact"),
    "Subquery": ("不能用子查询，请先定义事实", "no sub-select; define a fact"),
    "Exists": ("不能用子查询，请先定义事实", "no sub-select; define a fact"),
    "IntDiv": ("不用除法", "no division"),
    "CurrentDate": ("不能用当天日期，结果会随运行日期变化", "no current date: results would depend on the day of the run"),
}  # fmt: skip


def read(text: str) -> Term:
    """The tree of a text, not yet typed; :class:`LanguageError` for what the language does not have."""
    bounds.check(text)
    try:
        found = sqlglot.parse(text, dialect="duckdb")
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        at = details[0].get("line") or 1, details[0].get("col") or 1
        reason = str(details[0].get("description") or "syntax")
        raise LanguageError(
            at, f"不是合法的 SQL 表达式（{reason}）", f"not a valid SQL expression ({reason})"
        ) from None
    except RecursionError:
        raise LanguageError(
            (1, 1), "表达式太深，请拆成几个事实", "the expression is too deep; make facts of its parts"
        ) from None
    if len(found) != 1 or found[0] is None:
        raise LanguageError((1, 1), "只能写一个表达式，不能有分号", "one expression, and no semicolon")
    tree: exp.Expr = found[0]
    _check_size(text, tree)
    return _Reader(text).read(tree)


def _check_size(text: str, tree: exp.Expr) -> None:
    stack, count = [(tree, 1)], 0
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            at = _Reader(text).place(node)
            raise LanguageError(
                at, "表达式太大或太深，请拆成几个事实", "the expression is too large or deep; make facts of its parts"
            )
        same = type(node) if isinstance(node, exp.And | exp.Or) else ()
        stack += [(kid, depth + (type(kid) is not same)) for kid in node.iter_expressions()]


class _Reader:
    """The walk over one tree of sqlglot."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, e: exp.Expr) -> Term:
        """Our node for one of sqlglot's."""
        name = type(e).__name__
        special: Callable[[Any], Term] | None = getattr(self, f"_{name.lower()}", None)
        if special:
            return special(e)
        op = meanings.OWN.get(e.name.upper()) if isinstance(e, exp.Anonymous) else meanings.BY_SQL.get(name)
        if not op:
            raise self.refused(e)
        if isinstance(e, exp.Anonymous):
            self.only(e, "this", "expressions")
            kids = e.expressions
        else:
            self.only(e, *op.args)
            kids = [kid for arg in op.args for kid in _listed(e.args.get(arg))]
            if len(kids) < len([arg for arg in op.args if arg != "expressions"]):
                raise LanguageError(self.place(e), f"{op.name} 少了参数", f"{op.name} lacks an argument")
        return self.node(op, e, *map(self.read, kids))

    def node(self, op: Construct, e: exp.Expr, *kids: Term, value: Any = None, kind: Kind = TRUTH) -> Term:
        return Term(op, kids, value, self.place(e), kind)

    def place(self, e: exp.Expr) -> Place:
        """Where a node begins, as far as its first word tells."""
        starts = [each.meta["start"] for each in e.find_all(exp.Expr) if "start" in each.meta]
        return bounds.place(self.text, min(starts, default=0))

    def refused(self, e: exp.Expr) -> LanguageError:
        """What the language does not have."""
        name = type(e).__name__
        if isinstance(e, exp.AggFunc | exp.Window | exp.Filter):
            zh, en = "这里不能用聚合，请先定义事实", "no aggregate here; define a fact"
        elif name in _INSTEAD:
            zh, en = _INSTEAD[name]
        else:
            word = e.name if isinstance(e, exp.Anonymous) else name
            known = meanings.FUNCTIONS
            zh = f"不能用 {word}；可用的函数：{'、'.join(known)}"
            en = f"{word} is no part of the language; functions: {', '.join(known)}"
        return LanguageError(self.place(e), zh, en)

    def only(self, e: exp.Expr, *names: str) -> None:
        """Fail on an argument that the language does not have."""
        for name, value in e.args.items():
            if value not in (None, False, [], "") and name not in names:
                zh, en = f"这里的写法不能用（{name}）", f"this form is no part of the language ({name})"
                raise LanguageError(self.place(e), zh, en)

    # leaves

    def _column(self, e: exp.Column) -> Term:
        self.only(e, "this", "table", "db", "catalog")
        parts = [*(e.args[key] for key in ("catalog", "db", "table") if e.args.get(key)), e.this]
        for part in parts:
            if not isinstance(part, exp.Identifier):
                raise self.refused(part)
            self.only(part, "this")
        return self.node(meanings.NAME, e, value=".".join(part.name for part in parts))

    def _placeholder(self, e: exp.Placeholder) -> Term:
        self.only(e, "this")
        name = e.args.get("this")
        if not isinstance(name, str) or not name.isidentifier():
            raise LanguageError(self.place(e), "参数写成 $名称", "write a parameter as $name")
        at = bounds.place(self.text, max(self.text.find(f"${name}"), 0))  # sqlglot does not keep where it was
        return Term(meanings.PARAMETER, (), name, at)

    def _parameter(self, e: exp.Parameter) -> Term:
        raise LanguageError(self.place(e), "参数写成 $名称", "write a parameter as $name")

    def _literal(self, e: exp.Literal) -> Term:
        self.only(e, "this", "is_string")
        if e.is_string:
            return self.literal(e, str(e.this), TEXT)
        written = str(e.this)
        digits = written.replace(".", "", 1)
        if not (digits.isascii() and digits.isdigit()) or len(digits) > NUMBER_DIGITS:
            zh = f"数“{written}”写成最多 {NUMBER_DIGITS} 位数字，不用 e"
            raise LanguageError(
                self.place(e), zh, f"write the number '{written}' in at most {NUMBER_DIGITS} digits, without e"
            )
        whole, _, fraction = written.partition(".")
        return self.number(e, int((whole + fraction) or "0"), len(fraction))

    def literal(self, e: exp.Expr, value: object, kind: Kind) -> Term:
        return self.node(meanings.LITERAL, e, value=value, kind=kind.filled)

    def number(self, e: exp.Expr, value: int, scale: int) -> Term:
        return self.literal(e, value, Kind("number", scale, abs(value)))

    def _boolean(self, e: exp.Boolean) -> Term:
        self.only(e, "this")
        return self.literal(e, bool(e.this), TRUTH)

    def _null(self, e: exp.Null) -> Term:
        return self.node(meanings.NULL, e)

    def _paren(self, e: exp.Paren) -> Term:
        self.only(e, "this")
        return self.read(e.this)

    def _neg(self, e: exp.Neg) -> Term:
        self.only(e, "this")
        inside = self.read(e.this)
        if inside.literal and inside.kind.name == "number":
            return self.number(e, -inside.value, inside.kind.scale)
        return self.node(meanings.BY_NAME["negative"], e, inside)

    # logic

    def _and(self, e: exp.And) -> Term:
        return self.chain(e, exp.And, "and")

    def _or(self, e: exp.Or) -> Term:
        return self.chain(e, exp.Or, "or")

    def chain(self, e: exp.Expr, kind: type[exp.Expr], name: str) -> Term:
        """AND and OR of many: sqlglot nests them to the left."""
        stack, parts = [e], []
        while stack:
            each = stack.pop()
            if type(each) is kind:
                self.only(each, "this", "expression")
                stack += [each.args["expression"], each.this]
            else:
                parts.append(each)
        return self.node(meanings.BY_NAME[name], e, *map(self.read, parts))

    def _not(self, e: exp.Not) -> Term:
        self.only(e, "this")
        return self.node(meanings.BY_NAME["not"], e, self.read(e.this))

    def _is(self, e: exp.Is) -> Term:
        self.only(e, "this", "expression")
        if not isinstance(e.expression, exp.Null):
            raise LanguageError(self.place(e), "IS 之后只能是 NULL 或 NOT NULL", "only NULL or NOT NULL can follow IS")
        return self.node(meanings.BY_NAME["is null"], e, self.read(e.this))

    def _in(self, e: exp.In) -> Term:
        self.only(e, "this", "expressions")
        if not e.expressions or len(e.expressions) > MOST_VALUES:
            zh = f"IN 之后应在括号里列出值，最多 {MOST_VALUES} 个"
            raise LanguageError(self.place(e), zh, f"a list of at most {MOST_VALUES} values in brackets must follow IN")
        kids = [self.read(each) for each in (e.this, *e.expressions)]
        name = "in" if all(kid.literal for kid in kids[1:]) else "in any"
        return self.node(meanings.BY_NAME[name], e, *kids)

    def _like(self, e: exp.Like) -> Term:
        self.only(e, "this", "expression", "negate")
        found = self.node(meanings.BY_NAME["like"], e, self.read(e.this), self.read(e.expression))
        return self.node(meanings.BY_NAME["not"], e, found) if e.args.get("negate") else found

    def _regexplike(self, e: exp.RegexpLike) -> Term:
        self.only(e, "this", "expression")
        pattern = self.read(e.expression)
        pattern.must_be_literal("text")
        try:
            python = patterns.python(pattern.value)
        except patterns.PatternError as error:
            row, column = pattern.place
            raise LanguageError((row, column + 1 + error.place), error.zh, error.en) from None
        return self.node(meanings.BY_NAME["~"], e, self.read(e.this), value=(pattern.value, python))

    # choice and casts

    def _case(self, e: exp.Case) -> Term:
        self.only(e, "this", "ifs", "default")
        kids = []
        for each in e.args["ifs"]:
            self.only(each, "this", "true")
            kids += [self.read(each.this), self.read(each.args["true"])]
        default = e.args.get("default")
        kids.append(self.read(default) if default else self.node(meanings.NULL, e))
        if e.this is None:
            return self.node(meanings.BY_NAME["case"], e, *kids)
        return self.node(meanings.BY_NAME["case of"], e, self.read(e.this), *kids)

    def _least(self, e: exp.Expr) -> Term:
        self.only(e, "this", "expressions", "ignore_nulls")
        return self.node(meanings.BY_NAME[type(e).__name__.upper()], e, *map(self.read, (e.this, *e.expressions)))

    _greatest = _least

    def _cast(self, e: exp.Cast) -> Term:
        self.only(e, "this", "to")
        to = e.args["to"]
        self.only(to, "this")
        kind = _CASTS.get(getattr(to.this, "name", ""))
        if not kind:
            zh = "CAST 只能转成 INTEGER、DATE、TIME、TIMESTAMP、TEXT"
            raise LanguageError(self.place(e), zh, "CAST to INTEGER, DATE, TIME, TIMESTAMP or TEXT only")
        inside = self.read(e.this)
        if inside.literal and inside.kind.name == "text" and kind in ("date", "time", "moment"):
            return self.written_out(e, kind, inside.value)
        return self.node(meanings.BY_NAME[f"cast {kind}"], e, inside)

    def written_out(self, e: exp.Expr, kind: str, text: str) -> Term:
        """A date or time written out."""
        try:
            if kind == "date" and len(text) == 10:
                return self.literal(e, (date.fromisoformat(text) - _EPOCH).days, DAY)
            if kind == "time" and len(text) == 8:
                at = time.fromisoformat(text)
                return self.literal(e, ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000, TIME)
            if kind == "moment" and len(text) == 19:
                gone = datetime.fromisoformat(text) - datetime(1970, 1, 1)  # noqa: DTZ001 - lists have no zone
                return self.literal(e, (gone.days * 86_400 + gone.seconds) * 1_000_000, MOMENT)
        except ValueError:
            pass
        zh = "写成 DATE '2026-01-31'、TIME '08:00:00' 或 TIMESTAMP '2026-01-31 08:00:00'"
        raise LanguageError(
            self.place(e), zh, "write DATE '2026-01-31', TIME '08:00:00' or TIMESTAMP '2026-01-31 08:00:00'"
        )

    def _extract(self, e: exp.Extract) -> Term:
        self.only(e, "this", "expression")
        part = str(e.this.name).upper()
        if part not in _PARTS:
            zh, en = f"EXTRACT 只能取 {'、'.join(_PARTS)}", f"EXTRACT takes {', '.join(_PARTS)} only"
            raise LanguageError(self.place(e), zh, en)
        return self.node(meanings.BY_NAME[f"extract {part.lower()}"], e, self.read(e.expression))

    def _interval(self, e: exp.Interval) -> Term:
        self.only(e, "this", "unit")
        unit = str(e.args["unit"].name).upper().removesuffix("S") if e.args.get("unit") else ""
        count = e.this.name if isinstance(e.this, exp.Literal) else ""
        if unit not in _UNITS or not (count.isascii() and count.isdigit() and 1 <= int(count[:5]) <= 9999):
            zh = "写成 INTERVAL '1 day'：1 至 9999，单位 day、hour 或 minute"
            raise LanguageError(self.place(e), zh, "write INTERVAL '1 day': 1 to 9999 of day, hour or minute")
        return self.literal(e, int(count) * _UNITS[unit], Kind("span"))


def _listed(value: Any) -> list[exp.Expr]:
    return value if isinstance(value, list) else [] if value is None else [value]
