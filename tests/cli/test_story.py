"""A coder's walk: a wide workbook of lists, the performance assessment's CSV and a GB18030 export of charge lines, marked."""

import csv

import openpyxl

from validator import generate


def written(tmp_path, interface, form, name):
    generate.write(3, 5, 0, tmp_path / interface, form, interface)
    (file,) = (tmp_path / interface).iterdir()
    (tmp_path / "七月").mkdir(exist_ok=True)
    return file.rename(tmp_path / "七月" / name)


def comments(path):
    """Sheet, cell and comment of every cell that has one of a pair or of a charge line."""
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            yield from (
                (sheet.title, each.coordinate, each.comment.text)
                for each in row
                if each.comment and ("（ST" in each.comment.text or "（FL" in each.comment.text)
            )


def checks(path):
    """All texts of a marked workbook's sheet of findings."""
    return {cell.value for row in openpyxl.load_workbook(path)["质控结果"].iter_rows() for cell in row}


def spoil(path, row, heading, change):
    """Change a cell of a CSV in GB18030; the column's place."""
    rows = list(csv.reader(path.read_text(encoding="gb18030").splitlines()))
    at = rows[0].index(heading)
    rows[row][at] = change(rows[row][at])
    path.write_text("\n".join(",".join(each) for each in rows), encoding="gb18030")
    return at


def test_three_documents_of_one_stay_end_in_three_marked_files_and_once_corrected_in_none(zhikong, tmp_path):
    written(tmp_path, "4101", "wide", "清单.xlsx")
    fees = written(tmp_path, "2301", "csv", "费用.csv")
    record = written(tmp_path, "HQMS", "wide-csv", "首页.csv")
    right = {path: path.read_bytes() for path in (record, fees)}
    at = spoil(record, 2, "性别", {"1": "2", "2": "1"}.get)
    spoil(fees, 10, "cnt", lambda _: "99")
    asked = ("--record-edition", "insurance", "--format", "xlsx", "--format", "console", "--select", "ST,FL")
    named = zhikong(
        "check", "七月/清单.xlsx", "--record", "七月/首页.csv", "--fees", "七月/费用.csv", *asked, "--out", "一"
    )
    assert (named.exit_code, "与病案首页对上：按病案号和入院日期 3 份" in named.stdout) == (1, True), named.output
    together = zhikong("check", "七月", *asked, "--out", "二")
    for folder, result in (("一", named), ("二", together)):
        assert "病例 3 " in result.stdout
        assert "接口 4101+2301、HQMS" in result.stdout
        found = {path.name: list(comments(path)) for path in (tmp_path / folder).iterdir()}
        assert {name: len(each) for name, each in found.items()} == {
            "清单-checked.xlsx": 2, "首页-checked.xlsx": 1, "费用-checked.xlsx": 1,
        }  # fmt: skip
        assert found["首页-checked.xlsx"][0][1] == f"{openpyxl.utils.get_column_letter(at + 1)}3"
        assert [name in each[2] for name, each in zip(("FL", "ST103"), found["清单-checked.xlsx"], strict=True)] == [
            True
        ] * 2, found
        assert "（FL101）" in found["费用-checked.xlsx"][0][2]
    for path, content in right.items():
        path.write_bytes(content)
    again = zhikong("check", "七月", "--record-edition", "insurance", "--fail-on", "info")
    assert (again.exit_code, "发现 0 " in again.stdout) == (0, True), again.output


def test_a_pair_is_explained_like_a_rule(zhikong):
    page = zhikong("rule", "st103")
    assert page.exit_code == 0
    assert [text in page.stdout for text in ("ST103", "4401 baseinfo.gend", "pairs.csv")] == [True] * 3
    assert "ST103" in zhikong("rule", "性别：清单").stdout


def test_lists_and_records_that_repeat_and_bear_the_same_name_are_each_marked(zhikong, tmp_path):
    lists = written(tmp_path, "4101", "wide-csv", "stays.csv").rename(tmp_path / "stays.csv")
    record = written(tmp_path, "HQMS", "wide-csv", "stays.csv")
    rows = lists.read_text(encoding="gb18030").splitlines()
    heads, first = rows[0].split(","), rows[1].split(",")
    for heading in ("结算ID", "病案号"):
        first[heads.index(heading)] += "9"
    lists.write_text("\n".join([*rows, ",".join(first)]), encoding="gb18030")
    asked = ("--record-edition", "insurance", "--select", "ST,AD202")
    run = zhikong("check", "stays.csv", "--record", str(record), *asked, "--format", "xlsx", "--out", "out")
    assert run.exit_code == 0, run.output
    assert "AD202" in {each for path in (tmp_path / "out").iterdir() for each in checks(path)}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"stays-checked.xlsx", "stays-2-checked.xlsx"}
