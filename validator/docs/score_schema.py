"""``schemas/json/score-scheme.schema.json``: what an assessment table may hold, for editors that complete and check."""

from validator.docs.json_schemas import BLANK_TEXT, DATE, TEXT, TEXTS, Schema, keyed, mapping, one_of, page, written
from validator.scoring.scheme import settings
from validator.spec.catalogue import Catalogue

_NUMBER: Schema = {"type": "number"}
_POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
_YES: Schema = {"type": "boolean"}
_PAIRS: Schema = {
    "type": "array", "minItems": 1, "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": _NUMBER},
}  # fmt: skip
_TITLES: dict[str, Schema] = {"id": TEXT, "title_zh": TEXT, "title_en": TEXT}


def scheme(_: Catalogue) -> str:
    """The schema of schemes."""
    words: dict[str, tuple[Schema, str, str]] = {
        "name": (TEXT, "名称", "Name"),
        "version": (TEXT, "版本（加引号）", "Version (in quotes)"),
        "title_zh": (TEXT, "中文标题", "Chinese title"),
        "title_en": (TEXT, "英文标题", "English title"),
        "example": (_YES, "分值是本项目定的示例", "Points are ours: an example"),
        "note_zh": (BLANK_TEXT, "读者应知道的", "What a reader should know"),
        "note_en": (BLANK_TEXT, "英文说明", "The same in English"),
        "points": (
            _NUMBER,
            "总分值：各块之和（按各方权重）",
            "All points: those of the blocks, by the weights of sources",
        ),
        "since": (DATE, "从哪一天起适用（按期末）", "First day in force (of the period's end)"),
        "until": (DATE, "到哪一天为止", "Last day in force"),
        "sources": (
            _list({**_TITLES, "weight": _NUMBER}, "id", "weight"),
            "几方评分和权重",
            "Who judges, with weights",
        ),
        "indicators": (
            mapping((), one_of(("share", "number", "count"))),
            "本地指标：单位",
            "Indicators of your own: unit",
        ),
        "missing": (one_of(settings.MISSING), "缺数据、缺评分怎么办", "What a missing figure does"),
        "most_unjudged": (
            {**_NUMBER, "minimum": 0, "maximum": 1},
            "无法判定的超过多少算缺",
            "Share unjudged from which it is missing",
        ),
        "peers": (_peers(), "谁和谁比", "Who is compared with whom"),
        "alliances": (_YES, "医联体评一张表", "Whether an alliance is scored as one"),
        "ties": (
            keyed({"rank": one_of(("skip", "dense")), "by": TEXTS}),
            "并列的名次，先看哪几块",
            "Ranks of ties, and what breaks them",
        ),
        "bonus": (
            keyed({"most": _NUMBER, "beyond": _YES}),
            "加分最多多少，能否超过满分",
            "The most of it, whether beyond all points",
        ),
        "cap": (_NUMBER, "总分最高", "The most of a total"),
        "floor": (_NUMBER, "总分最低", "The least of a total"),
        "grades": (_list({"grade": TEXT, "from": _NUMBER}, "grade", "from"), "等次，从高到低", "Grades, best first"),
        "money": (_money(), "与支付挂钩", "What a total means in money"),
        "blocks": (_blocks(), "各块和项目", "Blocks and items"),
    }
    return written(page("zhikong 评分表 / assessment table", words, settings.REQUIRED, settings.OPTIONAL))


def _list(properties: dict[str, Schema], *required: str) -> Schema:
    return {"type": "array", "items": {**keyed(properties), "required": list(required)}}


def _peers() -> Schema:
    by: Schema = {"type": "array", "items": one_of(("level", "type"))}
    return keyed({"by": by, "least": {"type": "integer", "minimum": 2}, "fewer": one_of(("missing", "all"))})


def _money() -> Schema:
    properties = {
        **_TITLES, "amount": TEXT, "shares": _PAIRS, "between": one_of(("line", "steps")), "less": TEXT, "less_share": _NUMBER,
    }  # fmt: skip
    return _list(properties, "id", "title_zh", "title_en", "amount", "shares")


def _blocks() -> Schema:
    properties = {
        **_TITLES, "points": _NUMBER, "items": _items(), "source": TEXT, "bonus": _YES, "floor": _NUMBER, "cap": _NUMBER,
    }  # fmt: skip
    return {**_list(properties, *sorted(settings.BLOCK_KEYS)), "minItems": 1}


def _items() -> Schema:
    count = {**keyed({"each": _POSITIVE, "per": _POSITIVE, "free": _NUMBER}), "required": ["each"]}
    slope = {
        "full": _NUMBER,
        "zero": _NUMBER,
        "step": _POSITIVE,
        "each": _POSITIVE,
        "steps": one_of(("part", "down", "up")),
    }
    hows: dict[str, Schema] = {
        "deduct": count, "earn": count, "slope": {**keyed(slope), "required": ["full"]},
        "bands": _list({"from": _NUMBER, "to": _NUMBER, "points": _NUMBER}, "points"), "given": {"const": True},
        "veto": {**keyed({"at": _POSITIVE, "grade": TEXT}), "required": ["at"]},
    }  # fmt: skip
    others: dict[str, Schema] = {
        "points": _NUMBER, "least": _NUMBER, "measure": TEXT, "take": one_of(settings.TAKES), "against": one_of(settings.AGAINST),
        "better": one_of(("high", "low")), "missing": one_of(settings.MISSING), "least_cases": {"type": "integer", "minimum": 0},
        "since": DATE, "until": DATE, "basis": BLANK_TEXT, "note_zh": BLANK_TEXT, "note_en": BLANK_TEXT,
    }  # fmt: skip
    properties = (
        _TITLES
        | {name: others[name] for name in sorted(settings.ITEM_OPTIONAL)}
        | {name: hows[name] for name in settings.HOWS}
    )
    found = _list(properties, *sorted(settings.ITEM_KEYS))
    found["items"]["oneOf"] = [{"required": [name]} for name in settings.HOWS]
    return found
