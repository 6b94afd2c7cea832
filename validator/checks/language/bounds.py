"""The limits of a text before it is parsed: nothing that could make the parser slow, deep or clever gets to it."""

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from validator.checks.language.faults import LanguageError, Place

MOST_CHARACTERS = 2_000
MOST_TOKENS = 600
DEEPEST = 24  #: brackets and CASE inside each other
LONGEST_RUN = 4  #: of NOT, - and + before an operand

_OPENING = {TokenType.L_PAREN, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.END}
_BEFORE = {TokenType.NOT, TokenType.DASH}
_TYPES = {TokenType.INT, TokenType.TEXT, TokenType.DATE, TokenType.TIME, TokenType.TIMESTAMP, TokenType.TIMESTAMPNTZ}
_WORDS = {
    "AND", "BETWEEN", "CASE", "DATE", "ELSE", "END", "FALSE", "FROM", "IN", "INT", "INTERVAL", "IS", "LEFT", "LIKE", "NOT",
    "NULL", "OR", "TEXT", "THEN", "TIME", "TIMESTAMP", "TIMESTAMPNTZ", "TRUE", "VAR", "WHEN",
}  # fmt: skip
_SIGNS = {
    "ALIAS", "COMMA", "DASH", "DOT", "EQ", "GT", "GTE", "LT", "LTE", "L_PAREN", "MOD", "NEQ", "NUMBER", "PARAMETER", "PLUS",
    "R_PAREN", "SLASH", "STAR", "STRING", "TILDE",
}  # fmt: skip
_SUB_SELECTS = {TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.EXISTS}
_ALLOWED = {getattr(TokenType, name) for name in _WORDS | _SIGNS}


def place(text: str, start: int) -> Place:
    """Line and column, from 1, of a character of the text."""
    before = text[:start]
    return before.count("\n") + 1, start - before.rfind("\n")


def check(text: str) -> None:
    """Fail, with the place, on a text that is too long or too deep, or has comments or words that the language has not."""
    if len(text) > MOST_CHARACTERS:
        at = place(text, MOST_CHARACTERS)
        raise LanguageError(
            at,
            f"超过 {MOST_CHARACTERS} 字，请拆成几个事实",
            f"over {MOST_CHARACTERS} characters; make facts of its parts",
        )
    for start, sign in enumerate(text):
        if (sign < " " and sign not in "\n\t") or sign == "\x7f":
            raise LanguageError(place(text, start), "有控制字符，请删去", "a control character; take it out")
    tokens = _tokens(text)
    if not tokens:
        raise LanguageError((1, 1), "表达式是空的", "the expression is blank")
    if len(tokens) > MOST_TOKENS:
        at = place(text, tokens[MOST_TOKENS].start)
        raise LanguageError(
            at, f"超过 {MOST_TOKENS} 个词，请拆成几个事实", f"over {MOST_TOKENS} words; make facts of its parts"
        )
    _check_tokens(text, tokens)


def _tokens(text: str) -> list[Token]:
    try:
        return DuckDB().tokenize(text)
    except TokenError:
        zh, en = "引号没有成对，请检查 ' 号", "a quote is not closed; look at the ' signs"
        raise LanguageError(place(text, max(text.rfind("'"), 0)), zh, en) from None


def _check_token(token: Token, written: str, before: TokenType | None, at: Place) -> None:
    if token.token_type not in _ALLOWED:
        if token.token_type in _SUB_SELECTS:
            raise LanguageError(at, "不能用子查询，请先定义事实", "no sub-select; define a fact")
        raise LanguageError(at, f"不能用“{token.text}”", f"'{token.text}' is no part of the language")
    if token.token_type is not TokenType.STRING and not token.text.isascii():
        zh = f"“{token.text}”应是英文名称和半角符号；文字要加单引号"
        raise LanguageError(at, zh, f"'{token.text}': names and signs are ASCII; texts stand in single quotes")
    if token.token_type is TokenType.NUMBER and not set(written) <= set("0123456789."):
        zh, en = f"数只用数字写：{written}", f"write numbers in digits: {written}"
        raise LanguageError(at, zh, en)
    if token.token_type is TokenType.PARAMETER and token.text != "$":
        raise LanguageError(at, "参数写成 $名称", "write a parameter as $name")
    if token.token_type is TokenType.L_PAREN and before in _TYPES:
        raise LanguageError(at, "类型不能带长度，取前几位用 LEFT(x, n)", "a type has no size; LEFT(x, n) cuts")


def _check_tokens(text: str, tokens: list[Token]) -> None:
    depth = run = end = 0
    before: TokenType | None = None
    for token in tokens:
        at = place(text, token.start)
        between = text[end : token.start]
        if between.strip():
            zh, en = (
                "表达式里不能有注释，请写在 YAML 的 # 之后",
                "no comments in an expression; write them after YAML's #",
            )
            raise LanguageError(place(text, end + len(between) - len(between.lstrip())), zh, en)
        end = token.end + 1
        _check_token(token, text[token.start : end], before, at)
        before = token.token_type
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > DEEPEST:
            zh, en = f"括号和 CASE 超过 {DEEPEST} 层", f"brackets and CASE more than {DEEPEST} deep"
            raise LanguageError(at, zh, en)
        run = run + 1 if token.token_type in _BEFORE else 0
        if run > LONGEST_RUN:
            raise LanguageError(at, "连用的 NOT 或负号太多", "too many NOT or - in a row")
    if text[end:].strip() or any(token.comments for token in tokens):
        zh, en = "表达式里不能有注释，请写在 YAML 的 # 之后", "no comments in an expression; write them after YAML's #"
        raise LanguageError(place(text, end + len(text[end:]) - len(text[end:].lstrip())), zh, en)
