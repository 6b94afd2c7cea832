"""No text of a rule, profile, fact, layout, need or grouping scheme opens a file, calls anybody, or costs more than it may."""

import os
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from tests.checks.language.hostile import COMPUTED, REFUSED
from validator import api, loaders
from validator.base.errors import ConfigError, InputError
from validator.checks.language import Function, UnknownNameError, load, module
from validator.checks.plan import Plan
from validator.codes.tables import Store
from validator.grouping import language as schemes
from validator.grouping.outside import Outside
from validator.spec import catalogue, profiles
from validator.spec.facts import Fact
from validator.spec.sql import Sql

SECONDS = 1  #: of CPU, for one text
RUNS = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "socket.connect",
    "socket.getaddrinfo",
    "ctypes.dlopen",
)
_seen: list[str] | None = None


def _audit(event: str, arguments: tuple) -> None:
    if _seen is not None and (
        event in RUNS or (event.startswith(("open", "os.", "shutil.")) and "/kept" in str(arguments[:1]))
    ):
        _seen.append(f"{event} {arguments[:1]}")


class Canary:
    """A file that nobody may touch and a server that nobody may call."""

    def __init__(self, folder) -> None:
        self.folder = folder / "kept"
        self.folder.mkdir()
        self.file = self.folder / "canary.csv"
        self.file.write_text("x\n1\n", encoding="utf-8")
        os.utime(self.file, (1_000_000_000, 1_000_000_001))  # read once, its time of access is no longer that
        self.calls: list[object] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, caller = self.server.accept()
            except OSError:
                return
            self.calls.append(caller)
            connection.close()

    def filled(self, text: str) -> str:
        port = self.server.getsockname()[1]
        for name, value in (("file", self.file), ("folder", self.folder), ("url", f"http://127.0.0.1:{port}/x.csv")):
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def is_untouched(self) -> bool:
        about = self.file.stat()
        return (
            not self.calls
            and (about.st_atime, about.st_mtime) == (1_000_000_000, 1_000_000_001)
            and [*self.folder.iterdir()] == [self.file]
        )


@pytest.fixture(scope="module", autouse=True)
def _hook():
    sys.addaudithook(_audit)  # stays for good, and does nothing but during the test


@pytest.fixture
def canary(tmp_path):
    found = Canary(tmp_path)
    yield found
    found.server.close()


@pytest.fixture(scope="module")
def plan():
    return Plan(api.load(), "4101", ["setlinfo"])


def expect_refused(text: str, compile_, path) -> None:
    """The text is refused in one sentence that names file and line, at once, and nothing is opened or called meanwhile."""
    global _seen
    before, _seen = time.process_time(), []
    try:
        with pytest.raises((ConfigError, InputError, UnknownNameError)) as refused:
            compile_(text)
    finally:
        seen, _seen = _seen, None
    assert not seen, text[:80]
    assert time.process_time() - before < SECONDS, text[:80]
    error = refused.value
    if isinstance(error, UnknownNameError):  # whether any interface has the name is for the caller to see
        error = error.at(path, 7, text)
    for sentence in (error.zh, error.en):
        assert sentence.startswith(f"{path}:7"), text[:80]
        assert len(sentence) < 700


def test_there_are_many():
    assert len(set(REFUSED)) >= 300


def test_no_hostile_text_is_compiled(plan, canary, tmp_path):
    path = tmp_path / "ZZ901.yaml"
    for text in map(canary.filled, REFUSED):
        expect_refused(text, lambda each: plan.compile(Sql(each, path, 7), "setlinfo", "truth"), path)
    assert canary.is_untouched()


def test_what_looks_hostile_and_is_not_is_computed_quickly_on_both_roads(plan, canary):
    texts = ["1", "a" * 1_000, "ab" * 500, "{file}", None, "9" * 1_000, "甲" * 1_000]
    table = pl.DataFrame({"gend": map_filled(canary, texts), "act_ipt_days": [1, None, 2, 3, 4, 5, 6]})
    for text in map(canary.filled, COMPUTED):
        before = time.process_time()
        expression = plan.compile(Sql(text, canary.file, 7), "setlinfo", "truth")
        names = expression.reads
        by_columns = table.select(expression.columns().alias("v").cast(pl.Boolean)).to_series().to_list()
        function = load(
            module([Function("f", [expression.tree], {name: ("r", place) for place, name in enumerate(names)}, {})])
        )["f"]
        by_rows = [function(row, ())[0] for row in table.select(names).rows()]
        assert by_columns == by_rows, text[:80]
        assert time.process_time() - before < SECONDS, text[:80]
    assert canary.is_untouched()


def map_filled(canary, texts):
    return [canary.filled(each) if each else each for each in texts]


#: One of each sort: where texts come from makes no difference, all go the same way.
FEW = [
    "gend IN (SELECT * FROM '{file}')",
    "read_csv('{url}') IS NULL",
    "LPAD(gend, 3000000000, '0') = gend",
    "gend = '1'" + " AND gend = '1'" * 10_000,
]


def _of_fact(known, text, path):
    fact = Fact("zz", "setlinfo", "x", "x", "is", path, 6, alternatives=(Sql(text, path, 7),))
    return replace(known, facts={"zz": fact})


def _of_where(known, text, path):
    fact = Fact(
        "zz", "diseinfo", "x", "x", "count", path, 6, alternatives=(Sql("1", path, 6),), where=Sql(text, path, 7)
    )
    return replace(known, facts={"zz": fact})


def _of_need(known, text, path):
    layout = known.layouts["4101"]
    need = replace(layout.interface.needs[0], when=text, path=path, line=7)
    return _with(known, replace(layout, interface=replace(layout.interface, needs=(need,))))


def _of_condition(known, text, path):
    layout = known.layouts["4101"]
    table = layout.tables["setlinfo"]
    row = replace(table.fields["gend"], required=False, required_when=text, path=path, line=7)
    return _with(
        known,
        replace(layout, tables={**layout.tables, "setlinfo": replace(table, fields={**table.fields, "gend": row})}),
    )


def _with(known, layout):
    return replace(known, layouts=type(known.layouts)({**known.layouts, "4101": layout}))


@pytest.mark.parametrize("kind", [_of_fact, _of_where, _of_need, _of_condition])
def test_texts_of_facts_and_layouts_go_the_same_way(kind, canary, tmp_path):
    path, known = tmp_path / "x.yaml", api.load()
    for text in map(canary.filled, FEW):
        expect_refused(text, lambda each: Plan(kind(known, each, path), "4101", ["setlinfo", "diseinfo"]), path)
    assert canary.is_untouched()


def _demanding(known, profile):
    layouts = catalogue._with_demands(known.layouts, profile)
    Plan(replace(known, layouts=layouts, profile=profile), "4101", ["setlinfo"])


def _leaving_out(known, profile):
    assert Outside(replace(known, profile=profile))._conditions


@pytest.mark.parametrize(
    ("key", "compile_"),
    [("required:\n  setlinfo.gend", _demanding), ("outside_grouping:\n  day_surgery", _leaving_out)],
)
def test_texts_of_profiles_go_the_same_way(key, compile_, canary, tmp_path):
    known = api.load()
    for number, text in enumerate(map(canary.filled, FEW)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(
            f"name: x\ntitle_zh: x\ntitle_en: x\nbase: national\n\n{key}: >-\n    {text}\n", encoding="utf-8"
        )
        expect_refused(text, lambda _, path=path: compile_(known, profiles.load(str(path))), path)
    assert canary.is_untouched()


RULES_OF_SCHEMES = [
    "read_csv('{file}')",
    "ZYZD in '{file}'",
    "ZYZD in {file}",
    "ZYZD in http://x",
    "ZYZD in A; import os",
    "__import__",
    "NL >= __import__('os')",
    "NL >= 1e9",
    "(" * 10_000 + "NL > 1" + ")" * 10_000,
    "not " * 10_000 + "NL > 1",
    "length(" * 5_000,
    "{" * 10_000,
    "ZYZD in {" + "A," * 10,
    "NL > " + "9." * 5_000,
    "NL > 1 AND",
    "ＮＬ ＞ １；",
    "NL > 1 -- x",
    "NL > 1 /* x */",
    "SELECT 1",
    "NL in (SELECT 1)",
    "ZYZD in MCC2.x",
    "length(A ∩ ZYZD) >= ",
    "length(ZYZD ∩ ZYSS) > 1",
    "ZYZD.__class__ in A",
    "NL > 1 | NL < 2",
    "NL > 1 & NL < 2",
    "NL >= 70 or",
    "'A' in ZYZD",
    "\x00",
    "ZYZD in A\u202e)",
]


def test_rules_of_schemes_are_refused_with_their_place(canary):
    for text in map(canary.filled, RULES_OF_SCHEMES):
        before = time.process_time()
        with pytest.raises(schemes.RuleError) as refused:
            schemes.parse(text)
        assert refused.value.place >= 1
        assert len(refused.value.zh) < 200, text[:80]
        assert time.process_time() - before < SECONDS
    assert canary.is_untouched()


def test_a_long_rule_of_a_scheme_is_computed():
    rule = schemes.parse(" and ".join(["NL > 1"] * 10_000))
    assert pl.DataFrame({"NL": [1, 2]}).select(schemes.compiled(rule, lambda _: "")).to_series().to_list() == [
        False,
        True,
    ]


_PARTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _linked(path, target: str):
    """A workbook of codes with a link to another one, as Excel keeps it."""
    made = BytesIO()
    book = openpyxl.Workbook()
    for row in (["诊断代码", "诊断名称"], ["A00.000x001", "霍乱"], ["K35.800", "急性阑尾炎"]):
        book.active.append(row)
    book.save(made)
    with ZipFile(made) as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        link = f'<Relationship Id="r1" Type="{_PARTS}/externalLinkPath" Target="{target}" TargetMode="External"/>'
        new.writestr("xl/externalLinks/_rels/externalLink1.xml.rels", f"<Relationships>{link}</Relationships>")
        new.writestr(
            "xl/externalLinks/externalLink1.xml",
            f"<externalLink><externalBook id='r1' href='{target}'/></externalLink>",
        )
    return path


def test_tables_and_settings_that_point_elsewhere_open_and_call_nothing(canary, tmp_path, monkeypatch):
    """Workbooks with links, pages with pictures, entities, profiles whose base or tables are a path."""
    shown = "<table><tr><td>诊断代码</td><td>诊断名称</td></tr></table></html>"
    pages = {
        "web.xls": f"<html><img src='{{url}}'><iframe src='{{file}}'></iframe>{shown}",
        "entity.xls": f"<!DOCTYPE r [<!ENTITY x SYSTEM '{{file}}'><!ENTITY y SYSTEM '{{url}}'>]><html>&x;&y;{shown}",
    }
    for name, text in pages.items():
        (tmp_path / name).write_text(canary.filled(text), encoding="utf-8")
    linked = [_linked(tmp_path / f"{way[1:4]}.xlsx", canary.filled(way)) for way in ("{url}", "{file}")]
    settings = [
        "base: {file}",
        "base: {url}",
        "base: national\ncodebooks: {url}",
        "base: national\n<<: !include {file}",
    ]
    seen: list[str] = []
    monkeypatch.setattr(sys.modules[__name__], "_seen", seen)
    for path in (*linked, *map(tmp_path.joinpath, pages)):
        with suppress(InputError):
            loaders.add(path, Store(tmp_path / "books"), version="2.0")
    for number, text in enumerate(settings):
        own = tmp_path / f"p{number}.yaml"
        own.write_text("name: own\ntitle_zh: 本地\ntitle_en: own\n" + canary.filled(text), encoding="utf-8")
        with pytest.raises(ConfigError):
            api.load(str(own))
    monkeypatch.undo()
    assert not [each for each in seen if str(canary.folder) in each or each.startswith(RUNS)]
    assert canary.is_untouched()
