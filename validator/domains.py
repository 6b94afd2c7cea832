"""Value sets (``codebooks/domains``): the codes that a field may hold and what they mean."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from validator import config, paths
from validator.layouts import SURE, Sure
from validator.text import Lang


@dataclass(frozen=True)
class Domain:
    """One value set. ``names`` maps code to (Chinese, English)."""

    name: str
    title_zh: str
    title_en: str
    names: dict[str, tuple[str, str]]
    spans: dict[str, tuple[date | None, date | None]]  #: code -> in force since, until
    open: bool  #: regions add codes of their own: a code outside the set only warns
    children: bool  #: regions add longer codes below these
    source: str
    version: str
    sure: Sure

    def label(self, code: str, lang: Lang) -> str:
        """What ``code`` means; the code itself when the set does not have it."""
        return self.names.get(code, (code, code))[lang == "en"]

    def title(self, lang: Lang) -> str:
        """What people call the set."""
        return self.title_zh if lang == "zh" else self.title_en


@cache
def load(root: Path | None = None) -> dict[str, Domain]:
    """Every value set named in ``index.yaml``; :class:`~validator.errors.ConfigError` names a wrong line."""
    root = root or paths.data("codebooks") / "domains"
    index = config.read_yaml(root / "index.yaml")
    return {name: _domain(root, name, entry) for name, entry in index.items()}


def _domain(root: Path, name: str, entry: config.Node) -> Domain:
    required, optional = {"title_zh", "title_en", "source", "sure"}, {"version", "open", "children", "note"}
    config.allow_keys(root / "index.yaml", entry, required, optional)
    if entry["sure"] not in SURE:
        raise config.fault(root / "index.yaml", entry.lines["sure"], f"sure 应为 {SURE}", f"sure must be one of {SURE}")
    path, names, spans = root / f"{name}.csv", {}, {}
    for line, cells in config.read_csv(path, {"code", "name_zh", "name_en", "since", "until"}):
        if cells["code"] in names:
            raise config.fault(path, line, f"代码“{cells['code']}”重复", f"code '{cells['code']}' is there twice")
        names[cells["code"]] = (cells["name_zh"], cells["name_en"])
        spans[cells["code"]] = (config.as_date(path, line, cells["since"]), config.as_date(path, line, cells["until"]))
    return Domain(
        name, entry["title_zh"], entry["title_en"], names, spans,
        bool(entry.get("open")), bool(entry.get("children")), entry["source"], str(entry.get("version", "")), entry["sure"],
    )  # fmt: skip
