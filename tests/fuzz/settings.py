"""Broken settings of a user's own: rule pages, profiles, gates, mappings."""

import json
import random
from functools import cache
from pathlib import Path

import yaml

from tests.fuzz import texts
from tests.fuzz.judge import Run
from tests.fuzz.lists import ROOT
from validator.generate import month

SCHEMAS = ROOT / "schemas"


def spoiled_yaml(path: Path, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return texts.spoiled(path.read_bytes(), rng)
    content = texts.tree(yaml.safe_load(path.read_text(encoding="utf-8").replace("\non:", '\n"on":')), rng)
    text = (
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        if isinstance(content, dict)
        else json.dumps(content)
    )
    return text.replace("\n'on':", "\non:").encode("utf-8", "surrogatepass")


@cache
def _pages() -> list[Path]:
    return sorted((SCHEMAS / "rules").rglob("*.yaml"))


def page(rng: random.Random, folder: Path) -> Run:
    """A house rule: a page of ours under another id, changed."""
    source = rng.choice(_pages())
    path = folder / "ZZ901.yaml"
    renamed = folder / "page.yaml"
    renamed.write_text(source.read_text(encoding="utf-8").replace(source.stem, "ZZ901"), encoding="utf-8")
    path.write_bytes(spoiled_yaml(renamed, rng))
    renamed.unlink()
    return Run(["rules", "--rules", str(folder)], (path.name,))


def profile(rng: random.Random, folder: Path) -> Run:
    """A profile, of ours or of the officer who receives lists."""
    path, officers = folder / "p.yaml", folder / "officer.yaml"
    officers.write_text(month.PROFILE, encoding="utf-8")
    sources = [*sorted((SCHEMAS / "profiles").glob("*-like.yaml")), officers]
    path.write_bytes(spoiled_yaml(rng.choice(sources), rng))
    return Run(["rules", "--profile", str(path)], (path.name,))


def gate(rng: random.Random, folder: Path) -> Run:
    """A gate file of great-expectations."""
    path = folder / "g.json"
    content = json.loads((SCHEMAS / "gates" / "default.json").read_text(encoding="utf-8"))
    data = json.dumps(texts.tree(content, rng), ensure_ascii=False).encode("utf-8", "surrogatepass")
    path.write_bytes(texts.spoiled(data, rng) if rng.random() < 0.3 else data)
    done = ["check", str(SCHEMAS / "layouts/4101/golden.json"), "--gate", str(path), "--out", str(folder / "out")]
    return Run(done, (path.name,))


def mapping(rng: random.Random, folder: Path) -> Run:
    """A mapping file of headings."""
    path = folder / "map.yaml"
    content = {"姓名": "setlinfo.psn_name", "主要诊断编码": "diseinfo[1].diag_code", "病案号": "medcasno", "其他": ""}
    text = yaml.safe_dump(texts.tree(content, rng), allow_unicode=True).encode("utf-8", "surrogatepass")
    path.write_bytes(texts.spoiled(text, rng) if rng.random() < 0.3 else text)
    return Run(["check", str(ROOT / "examples/wide/lists.csv"), "--mapping", str(path)], (path.name, "lists.csv"))
