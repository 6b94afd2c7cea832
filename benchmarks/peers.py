"""The same field checks by zhikong, by hand in Polars, by pandera, dataframely and DuckDB: counts must agree; prints ratios.

python benchmarks/peers.py                  # 100,000 cases; needs pip install -e .[bench]
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))
REPEATS = 3


class Peer(NamedTuple):
    """One field check that every library can say: ``kind`` is required, value, pattern or length."""

    field: str
    kind: str
    given: Any = None

    def fails(self, text: pl.Expr) -> pl.Expr:
        match self.kind:
            case "required":
                return text.is_null()
            case "value":
                return ~text.is_in(self.given)
            case "pattern":
                return ~text.str.contains(self.given)
        return text.str.len_chars() > self.given


def main() -> int:
    """Run every peer on the same table."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    asked = parser.parse_args()
    from validator import api, generate
    from validator.read.partition import Partition

    catalogue = api.load()
    parts = [part for part, _ in generate.partitions(asked.cases, 1, 0.02)]
    layout, case = catalogue.layouts[parts[0].layout], parts[0].case
    checks = list(same_checks(catalogue, layout.tables[case].fields.values()))
    typing = api.plan_for(catalogue, parts[0]).typing[case]
    typed = pl.concat([typing.apply(part.tables[case]).frame for part in parts])
    clean = typed.select(list(dict.fromkeys(each.field for each in checks)))  # only zhikong cleans texts itself
    alone = [Partition(part.layout, case, {case: part.tables[case]}, part.sources) for part in parts]
    chosen = [f"{case}.{each.field}/{each.kind}" for each in checks]
    known = {check.id for check in catalogue.field_checks(layout.tables[case].fields.values())}
    aside = {"required": ("placeholder", "damage"), "pattern": ("joined",)}  # zhikong names these faults apart
    more = {f"{case}.{each.field}/{name}" for each in checks for name in aside.get(each.kind, ())}
    chosen += sorted(more & known)
    peers: dict[str, Callable[[], int]] = {
        "polars by hand": lambda: by_hand(clean, checks),
        "duckdb": by_duckdb(clean, checks),
        "pandera": by_pandera(clean, checks),
        "dataframely": by_dataframely(clean, checks),
        "zhikong": lambda: sum(api.run(catalogue, alone, select=chosen).counts().values()),
    }
    figures: dict[str, Any] = {"cases": clean.height, "checks": len(checks)}
    least = None
    for name, run in peers.items():
        found = run()
        seconds = min(cpu(run) for _ in range(REPEATS))
        least = least or seconds
        figures[name] = {"CPU s": round(seconds, 3), "times by hand": round(seconds / least, 1), "failures": found}
        print(f"{name:16}{seconds:9.3f} CPU s{seconds / least:8.1f} × by hand{found:10,} failures", flush=True)
    keep(asked.json, figures)
    return 0


def same_checks(catalogue: Any, rows: Any) -> Any:
    """The checks of a table's texts that need no other column and no code table."""
    for row in rows:
        if row.dated or row.blank or row.type not in ("string", "code"):
            continue
        if row.required:
            yield Peer(row.field, "required")
        if row.length:
            yield Peer(row.field, "length", row.length)
        domain = catalogue.domains[row.domain] if row.domain else None
        if domain and not domain.spans and not domain.children and not row.pattern:
            yield Peer(row.field, "value", list(domain.names))
        if row.pattern and not row.domain:
            yield Peer(row.field, "pattern", catalogue.patterns[row.pattern].regex)


def by_hand(table: pl.DataFrame, checks: list[Peer]) -> int:
    """One select of counts."""
    counts = table.lazy().select(each.fails(pl.col(each.field)).sum().alias(str(n)) for n, each in enumerate(checks))
    return sum(counts.collect(engine="streaming").row(0))


def by_duckdb(table: pl.DataFrame, checks: list[Peer]) -> Callable[[], int]:
    """One SELECT of counts, on a table of its own."""
    import duckdb

    base = duckdb.connect()
    base.register("given", table.to_arrow())
    base.execute("create table held as select * from given")

    def condition(each: Peer) -> str:
        match each.kind:
            case "required":
                return f'"{each.field}" is null'
            case "value":
                return f'"{each.field}" not in ({", ".join(quoted(code) for code in each.given)})'
            case "pattern":
                return f'not regexp_matches("{each.field}", {quoted(each.given)})'
        return f'length("{each.field}") > {each.given}'

    columns = ", ".join(f"count(*) filter (where {condition(each)})" for each in checks)
    query = f"select {columns} from held"  # noqa: S608 - our own field names
    return lambda: sum(base.execute(query).fetchall()[0])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def by_pandera(table: pl.DataFrame, checks: list[Peer]) -> Callable[[], int]:
    """One schema, validated lazily; its failure cases counted."""
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    def words(each: Peer) -> pa.Check:
        match each.kind:
            case "value":
                return pa.Check.isin(each.given)
            case "pattern":
                return pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).str.contains(each.given)))
        return pa.Check.str_length(max_value=each.given)

    fields = dict.fromkeys(each.field for each in checks)
    schema = pa.DataFrameSchema(
        {
            field: pa.Column(
                pl.String,
                checks=[words(each) for each in checks if each.field == field and each.kind != "required"],
                nullable=Peer(field, "required") not in checks,
            )
            for field in fields
        }
    )

    def run() -> int:
        try:
            schema.validate(table, lazy=True)
        except SchemaErrors as errors:
            return int(errors.failure_cases.height)
        return 0

    return run


def by_dataframely(table: pl.DataFrame, checks: list[Peer]) -> Callable[[], int]:
    """One schema, filtered; the failures of each of its rules counted."""
    import dataframely as dy

    def column(field: str) -> dy.String:
        own = {each.kind for each in checks if each.field == field}
        conditions = {each.kind: holds(each) for each in checks if each.field == field and each.kind != "required"}
        return dy.String(nullable="required" not in own, check=conditions)

    def holds(each: Peer) -> Callable[[pl.Expr], pl.Expr]:
        return lambda text: ~each.fails(text)

    columns = {field: column(field) for field in dict.fromkeys(each.field for each in checks)}
    schema: Any = type("Table", (dy.Schema,), columns)
    return lambda: sum(schema.filter(table, cast=False)[1].counts().values())


def cpu(run: Callable[[], int]) -> float:
    """CPU seconds of all threads."""
    before = os.times()
    run()
    after = os.times()
    return after.user + after.system - before.user - before.system


if __name__ == "__main__":
    sys.exit(main())
