r"""The part of regular expressions that Rust and Python read alike, and search in bounded time.

Literals, classes, ``.``, groups, alternatives, ``\A \z``, ``? * + {m} {m,} {m,n}``. Nothing else.
"""

from dataclasses import dataclass

MOST_REPEATS = 100
#: Ways in which a pattern can match that a backtracking search may try at worst, on the longest text searched.
MOST_WAYS = 250_000
MOST_SIGNS = 1_000  #: characters of a pattern with its repeats written out: Rust refuses to build what is larger
_UNBOUNDED = 500
_ESCAPED = r"\.+*?()|[]{}^$#&-~/"
_QUANTIFIERS = "?*+{"


class PatternError(Exception):
    """What is wrong with a pattern: place, Chinese, English."""

    def __init__(self, place: int, zh: str, en: str) -> None:
        super().__init__(place, zh, en)
        self.place, self.zh, self.en = place, zh, en


@dataclass
class _Part:
    """A part: its Python spelling, its ways to match, its width where that is fixed, whether it can be repeated, and how
    many characters it has with its repeats written out.
    """

    python: str
    ways: int = 1
    width: int | None = 1
    plain: bool = True  #: without alternatives
    anchor: bool = False
    signs: int = 1


def python(pattern: str) -> str:
    """The pattern as Python spells it; :class:`PatternError` for what the two engines may read differently."""
    if not pattern:
        raise PatternError(0, "正则不能为空", "the pattern is blank")
    reader = _Reader(pattern)
    whole = reader.alternatives()
    if reader.place < len(pattern):
        raise reader.error("多了“)”", "a ')' without '('")
    anchored = pattern.startswith(r"\A") and reader.branches == 1
    ways = whole.ways * (1 if anchored else _UNBOUNDED)
    if ways > MOST_WAYS:
        zh = "这个正则可能要试太多次：不限次数的重复（* + {m,}）最多两处，没有 \\A 开头的最多一处"
        en = "the pattern may try too many ways: at most two unbounded repeats, one where it does not begin with \\A"
        raise PatternError(0, zh, en)
    if whole.signs > MOST_SIGNS:
        zh = f"把重复写开有 {whole.signs} 个字符，最多 {MOST_SIGNS} 个"
        raise PatternError(0, zh, f"{whole.signs} characters with the repeats written out; at most {MOST_SIGNS}")
    return whole.python


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern, self.place = pattern, 0
        self.branches = 0  #: of the alternatives read last, in the end the outermost

    def error(self, zh: str, en: str) -> PatternError:
        return PatternError(self.place, zh, en)

    def take(self, count: int = 1) -> str:
        text = self.pattern[self.place : self.place + count]
        self.place += count
        return text

    @property
    def next(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def alternatives(self) -> _Part:
        parts = [self.sequence()]
        while self.next == "|":
            self.take()
            parts.append(self.sequence())
        self.branches = len(parts)
        if len(parts) == 1:
            return parts[0]
        return _Part(
            "|".join(part.python for part in parts),
            sum(part.ways for part in parts),
            None,
            False,
            signs=sum(part.signs for part in parts),
        )

    def sequence(self) -> _Part:
        whole = _Part("", width=0, signs=0)
        while self.next not in ("", "|", ")"):
            part = self.quantified()
            whole.python += part.python
            whole.ways *= part.ways
            whole.width = None if whole.width is None or part.width is None else whole.width + part.width
            whole.plain = whole.plain and part.plain
            whole.signs += part.signs
        return whole

    def quantified(self) -> _Part:
        part = self.atom()
        sign = self.next
        if not sign or sign not in _QUANTIFIERS:
            return part
        start = self.place
        low, high, spelt = self.quantifier()
        if part.anchor:
            raise self.error(r"\A、\z 不能重复", r"\A and \z cannot be repeated")
        if self.next and self.next in _QUANTIFIERS:
            raise self.error("重复之后不能再跟 ? * + {", "no ? * + { after a repeat")
        if (low, high) == (0, 1):
            return _Part(part.python + spelt, part.ways + 1, None, part.plain, signs=part.signs)
        if part.width is None or not part.plain or part.ways > 1:
            self.place = start
            raise self.error(
                "重复的括号里只能是定长、没有“|”的内容", "only what has a fixed width and no '|' can be repeated"
            )
        ways = _UNBOUNDED if high is None else high - low + 1
        width = part.width * low if high == low else None
        return _Part(part.python + spelt, ways, width, signs=part.signs * max(high or low, 1))

    def quantifier(self) -> tuple[int, int | None, str]:
        sign = self.take()
        if sign != "{":
            return {"?": (0, 1, sign), "*": (0, None, sign), "+": (1, None, sign)}[sign]
        inside, closed, _ = self.pattern[self.place :].partition("}")
        first, comma, second = inside.partition(",")
        good = (
            closed and first.isascii() and first.isdigit() and (not second or (second.isascii() and second.isdigit()))
        )
        if not good or max(int(first), int(second or 0)) > MOST_REPEATS or (second and int(second) < int(first)):
            zh = f"次数写成 {{m}}、{{m,}} 或 {{m,n}}，最多 {MOST_REPEATS}；字符本身写成 \\{{"
            raise self.error(zh, f"write {{m}}, {{m,}} or {{m,n}} up to {MOST_REPEATS}; the character itself is \\{{")
        self.take(len(inside) + 1)
        return int(first), int(second) if second else None if comma else int(first), "{" + inside + "}"

    def atom(self) -> _Part:
        sign = self.next
        match sign:
            case "(":
                return self.group()
            case "[":
                return self.charset()
            case "\\":
                return self.escape()
            case "^" | "$":
                raise self.error(r"开头写 \A，结尾写 \z，不用 ^ $", r"write \A and \z, not ^ and $")
            case "]" | "}" | "?" | "*" | "+" | "{":
                raise self.error(f"字符“{sign}”应写成 \\{sign}", f"write \\{sign} for the character '{sign}'")
        if ord(sign) < 32:
            raise self.error("正则里不能有控制字符", "no control characters in a pattern")
        return _Part(self.take())

    def group(self) -> _Part:
        self.take()
        if self.next == "?" and self.pattern[self.place : self.place + 2] != "?:":
            raise self.error("括号里不能用 (?…)，只能是 ( 或 (?:", "no (?…) but (?: in a pattern")
        spelt = self.take(2) if self.next == "?" else ""
        inside = self.alternatives()
        if self.take() != ")":
            raise self.error("少了“)”", "a ')' is missing")
        return _Part(
            f"({spelt}{inside.python})", inside.ways, inside.width, inside.plain, inside.width == 0, inside.signs
        )

    def escape(self) -> _Part:
        sign = self.pattern[self.place + 1 : self.place + 2]
        if sign in ("A", "z"):
            self.take(2)
            return _Part(r"\A" if sign == "A" else r"\Z", width=0, anchor=True)
        if sign and sign in "dwsDWS":
            zh = r"正则里不能用 \d \w \s（会匹配全角字符），请写成 [0-9] 等"
            raise self.error(zh, r"write [0-9] etc. instead of \d \w \s, which match full width too")
        if not sign or sign not in _ESCAPED:
            raise self.error(f"不认识的转义 \\{sign}", f"unknown escape \\{sign}")
        return _Part(self.take(2))

    def charset(self) -> _Part:
        start, last = self.place, ""
        self.take()
        if self.next == "^":
            self.take()
        first = True
        while first or self.next != "]":
            item = self.member(first)
            if self.next == "-" and self.pattern[self.place + 1 : self.place + 2] not in ("]", ""):
                self.take()
                last = self.member(first)
                if item[-1] > last[-1] or "-" in (item, last):
                    raise self.error(f"字符范围 {item}-{last} 不对", f"the range {item}-{last} is wrong")
            elif item == "-" and not first and self.next != "]":
                raise self.error("[ ] 里的“-”请写在最前或最后，或写成 \\-", "write - first, last or as \\- inside [ ]")
            first = False
        self.take()
        return _Part(self.pattern[start : self.place])

    def member(self, first: bool) -> str:
        if self.next == "\\":
            sign = self.escape()
            if sign.anchor:
                raise self.error(r"[ ] 里不能有 \A \z", r"no \A or \z inside [ ]")
            return sign.python
        pair = self.pattern[self.place : self.place + 2]
        if not self.next or self.next == "[" or (first and self.next == "]") or pair in ("&&", "--", "~~", "||"):
            raise self.error("[ ] 里的 [ ] && -- ~~ 请加 \\", "write \\ before [ ] && -- ~~ inside [ ]")
        if ord(self.next) < 32:
            raise self.error("正则里不能有控制字符", "no control characters in a pattern")
        return self.take()
