"""SQL conditions of rule pages, facts and field rows, turned into Polars expressions that are checked when they load."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validator.base.errors import ConfigError
from validator.base.yaml_csv import fault

_LITERAL = re.compile(r"('(?:[^']|'')*')")
_DOTTED = re.compile(r"\b([A-Za-z_][\w.]*)\.([A-Za-z_]\w*)")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")
_AGGREGATE = re.compile(
    r"\b(SUM|COUNT|AVG|MIN|MAX|FIRST|LAST|MEDIAN|STDDEV|VARIANCE|QUANTILE_\w+|OVER|SELECT)\b", re.IGNORECASE
)
_WIDE_CLASS = re.compile(r"\\[dwsDWS]")


@dataclass(frozen=True)
class Sql:
    """One expression as written, and where, so that every complaint can name the line."""

    text: str
    path: Path
    line: int | None

    def fault(self, zh: str, en: str) -> ConfigError:
        """What is wrong with this expression."""
        return fault(self.path, self.line, f"{zh}（{self.text}）", f"{en} ({self.text})")

    def expr(self, table: str, parameters: Mapping[str, float]) -> pl.Expr:
        """The Polars expression; in a child's text ``table.x`` reads the column ``"table.x"``; ``$name`` is the profile's number."""
        parts = _LITERAL.split(self.text)
        for place, part in enumerate(parts):
            if _WIDE_CLASS.search(part):
                raise self.fault(
                    r"正则里不能用 \d \w \s（会匹配全角字符），请写成 [0-9] 等", r"write [0-9] etc. instead of \d \w \s"
                )
            if place % 2 == 0:
                parts[place] = self._names(part, table, parameters)
        try:
            return pl.sql_expr("".join(parts))
        except pl.exceptions.PolarsError as error:
            raise self.fault(f"不是合法的 SQL 表达式：{error}", f"not a valid SQL expression: {error}") from error

    def _names(self, code: str, table: str, parameters: Mapping[str, float]) -> str:
        if found := _AGGREGATE.search(code):
            raise self.fault(
                f"这里不能用聚合 {found[0]}，请先定义事实", f"no aggregate ({found[0]}) here; define a fact"
            )

        def parameter(match: re.Match[str]) -> str:
            if match[1] not in parameters:
                raise self.fault(f"方案里没有参数 {match[1]}", f"the profile has no parameter {match[1]}")
            return f"{parameters[match[1]]:g}"

        code = _PARAMETER.sub(parameter, code)
        return _DOTTED.sub(lambda found: found[2] if found[1] == table else f'"{found[0]}"', code)


def roots(expr: pl.Expr) -> list[str]:
    """The columns an expression reads, each once, in order of first use."""
    return list(dict.fromkeys(expr.meta.root_names()))
