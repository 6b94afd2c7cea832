"""The same checks of the same lists by zhikong and by other libraries, each in a process of its own; fails if they do not find the same.

python benchmarks/peers                              # 20,000 and 100,000 lists; needs pip install -e .[bench,charts,gate,spark]
python benchmarks/peers --cases 5000 --only duckdb_sql,by_zhikong
python benchmarks/peers --json peers.json --chart docs/peers.svg
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
WHOLE = "zhikong_whole"  #: no comparison, but what a user waits for
TOOLS = sorted(path.stem for path in (HERE / "tools").glob("*.py") if path.stem not in ("__init__", WHOLE))


def main() -> int:
    """Measure every tool on tables of some sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="20000,100000", help="how many lists, by commas")
    parser.add_argument("--only", default="", help=f"some of {', '.join(TOOLS)}")
    parser.add_argument("--folder", type=Path, help="keep the lists here for the next run")
    parser.add_argument("--json", type=Path, help="keep the figures here too")
    parser.add_argument("--chart", type=Path, help="draw CPU seconds of the most lists (.svg or .png)")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else [*TOOLS, WHOLE]
    figures: dict[str, Any] = {"date": date.today().isoformat(), "machine": _machine(), "lists": {}}  # noqa: DTZ011
    with TemporaryDirectory() as scratch:
        for cases in map(int, asked.cases.split(",")):
            import checks

            folder = (asked.folder or Path(scratch)) / str(cases)
            checks.make(folder, cases)
            figures["lists"][cases] = found = {name: _measured(name, folder) for name in names}
            print(f"\n{cases:,} lists, {len(checks.read(folder)[0])} checks, {figures['machine']}, {figures['date']}\n")
            print(_table(found), flush=True)
            if not _agree(found):
                return 1
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if asked.chart:
        _draw(figures, asked.chart)
    return 0


def _machine() -> str:
    names = (
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    )
    return f"{os.cpu_count()} cores ({next(names, platform.machine())}), Python {platform.python_version()}"


def _measured(name: str, folder: Path) -> dict[str, Any]:
    """The figures of one tool; none where it is not installed."""
    tool = import_module(f"tools.{name}")
    about = {"title": tool.TITLE, "rows": tool.ROWS, "messages": tool.MESSAGES}
    command = [sys.executable, str(HERE / "tool.py"), name, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
    if run.returncode:
        last = run.stderr.strip().rpartition("\n")[2]
        if "ModuleNotFoundError" not in last:
            raise SystemExit(run.stderr)
        return about | {"missing": last.partition(": ")[2]}
    found = json.loads(run.stdout)
    failures = sum(found["counts"].values()) or found["rows"]
    return found | about | {"failures": failures, "keyed": found["rows"]}


def _table(found: dict[str, dict[str, Any]]) -> str:
    """A table in Markdown, the quickest first, the whole product last."""
    lines = [
        "| | CPU s | wall s | first wall s | peak MB | failures | names the row | messages |",
        "|---|---|---|---|---|---|---|---|",
    ]
    order = sorted(found, key=lambda name: (name == WHOLE, found[name].get("CPU s", float("inf"))))
    for each in (found[name] for name in order):
        rows = "yes" if each["rows"] else "no"
        if missing := each.get("missing"):
            lines.append(f"| {each['title']} | not installed ({missing}) | | | | | {rows} | {each['messages']} |")
            continue
        seconds = " | ".join(f"{each[name]:.2f}" for name in ("CPU s", "wall s", "first wall s"))
        lines.append(
            f"| {each['title']} | {seconds} | {each['peak MB']:,} | {each['failures']:,} | {rows} | {each['messages']} |"
        )
    return "\n".join(lines)


def _agree(found: dict[str, dict[str, Any]]) -> bool:
    """Whether all found the same number of failures by each check; prints where not."""
    there = {name: each for name, each in found.items() if name != WHOLE and "counts" in each}
    usual = next(iter(there.values()), {}).get("counts", {})
    agree = True
    for name, each in there.items():
        wrong = {key for key in usual.keys() | each["counts"].keys() if usual.get(key) != each["counts"].get(key)}
        unnamed = each["rows"] and each["keyed"] != each["failures"]
        if wrong or unnamed:
            print(f"{name} disagrees: {sorted(wrong)[:5] or 'findings without their row'}")
            agree = False
    return agree


def _draw(figures: dict[str, Any], path: Path) -> None:
    """A bar for each tool that is there."""
    import altair as alt

    cases, found = list(figures["lists"].items())[-1]
    kinds = {False: "counts only", True: "names rows"}
    rows = [
        {
            "tool": each["title"], "CPU seconds": each["CPU s"], "label": f"{each['CPU s']:.2f} s",
            "finds": "names rows, with messages" if each["messages"] != "none" else kinds[each["rows"]],
        }
        for name, each in found.items() if "CPU s" in each and name != WHOLE
    ]  # fmt: skip
    order = [each["tool"] for each in sorted(rows, key=lambda each: each["CPU seconds"])]
    colours = {"names rows, with messages": "#1f6f5c", "names rows": "#8fb8ad", "counts only": "#c9c9c9"}
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("tool:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)),
        x=alt.X("CPU seconds:Q", scale=alt.Scale(type="log"), title="CPU seconds (log), warm: the less the better"),
    )
    bars = base.mark_bar().encode(
        x2=alt.datum(min(each["CPU seconds"] for each in rows) / 2),
        color=alt.Color(
            "finds:N",
            title=None,
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
            legend=alt.Legend(orient="bottom"),
        ),
    )
    text = base.mark_text(align="left", dx=4).encode(text="label:N")
    title = f"The same checks of {cases:,} lists, {figures['date']}"
    (bars + text).properties(width=460, title=title).save(str(path))


if __name__ == "__main__":
    sys.exit(main())
