"""`zhikong check --fix`: what it says, where files go, exit codes. What is fixed is tested in tests/fix."""

import pytest

LIST = "setl_id,psn_name,gend,adm_time\nS1,张三 ,1,2026/7/6\n"


@pytest.fixture
def lists(tmp_path):
    path = tmp_path / "七月.csv"
    path.write_text(LIST, encoding="gb18030")
    return path


def test_it_says_what_was_fixed_and_what_was_not(zhikong, lists, tmp_path):
    result = zhikong("check", lists.name, "--fix", "out", "--fail-on", "never")
    assert result.exit_code == 0
    assert result.stderr.replace("\\", "/").splitlines() == [
        "已写 out/七月.csv，改 1 处",
        "已写 out/fixes.csv，记录每一处改动",
        "另有 1 处建议需人工判断，未改",
    ]
    assert "改为“张**”" in result.stdout
    assert "建议“2026-07-06 00:00:00”，需判断" in " ".join(result.stdout.split())  # lines are wrapped
    assert "加 --fix" not in result.stdout
    assert (tmp_path / "out" / "七月.csv").read_bytes() == LIST.replace("三 ", "三").encode("gb18030")
    assert lists.read_bytes() == LIST.encode("gb18030")


def test_without_it_the_report_says_that_it_could(zhikong, lists):
    assert "1 处只是书写形式，加 --fix 目录 可在副本里代改" in zhikong("check", lists.name).stdout


def test_quiet_says_nothing_and_english_is_spoken(zhikong, lists):
    assert zhikong("check", lists.name, "--fix", "out", "-q").output == ""
    english = zhikong("check", lists.name, "--fix", "out", "--lang", "en").stderr
    assert "1 fixed" in english
    assert "for a person to judge" in english


def test_only_what_is_selected_is_fixed(zhikong, lists, tmp_path):
    zhikong("check", lists.name, "--fix", "out", "--select", "setlinfo.gend")
    assert (tmp_path / "out" / "七月.csv").read_bytes() == lists.read_bytes()


def test_the_log_has_the_whole_values_only_when_asked(zhikong, lists, tmp_path):
    zhikong("check", lists.name, "--fix", "out")
    assert "张三" not in (tmp_path / "out" / "fixes.csv").read_text(encoding="utf-8-sig")
    zhikong("check", lists.name, "--fix", "out", "--no-mask")
    assert "张三 ,张三" in (tmp_path / "out" / "fixes.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("data", "folder", "message"), [("-", "out", "标准输入"), ("七月.csv", ".", "被检查的文件")])
def test_what_cannot_be_fixed_exits_2(zhikong, lists, tmp_path, data, folder, message):
    result = zhikong("check", data, "--fix", folder, input=LIST)
    assert result.exit_code == 2
    assert message in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [lists.name]


def test_workbooks_of_old_are_refused_in_words(zhikong, tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    result = zhikong("check", "a.xls", "--fix", "out")
    assert result.exit_code == 2
    assert "请先 check --format xlsx" in result.stderr
