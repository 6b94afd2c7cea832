"""The option and the variable that change limits."""

import zipfile
from pathlib import Path

import pytest

from validator.base import limits
from validator.base.errors import ConfigError
from validator.read.place import Place

GOLDEN = Path(__file__).parents[2] / "schemas" / "layouts" / "4101" / "golden.json"


def test_a_limit_is_raised_by_the_option_of_every_command(zhikong, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as new:
        new.write(GOLDEN, "4101.json")
        new.writestr("x.txt", "x")
    refused = zhikong("check", str(path), "--limits", "zip-files=1", "--lang", "en")
    assert refused.exit_code == 2
    assert "files in the archive: 2, more than 1" in refused.output
    assert zhikong("--limits", "zip-files=1", "check", str(path)).exit_code == 2
    assert zhikong("check", str(path), "--limits", "zip-files=2").exit_code == 0
    assert zhikong("check", str(path)).exit_code == 0  # the option holds for its run alone


@pytest.mark.parametrize(
    "text",
    ["zip-files", "zip-files=x", "zip-files=0", "zip-files=-1", "nobody=1", "zip-files=1e9", "zip-files=" + "9" * 30],
)
def test_a_limit_that_is_not_understood_is_refused(zhikong, text, monkeypatch):
    shown = zhikong("rules", "--limits", text)
    assert shown.exit_code == 2
    assert "看不懂" in shown.output
    monkeypatch.setenv(limits.VARIABLE, text)
    with pytest.raises(ConfigError):
        limits.most("zip-files")


def test_a_long_number_is_advised_in_a_form_that_is_understood_and_not_taken_for_a_telephone_number(monkeypatch):
    wrong = limits.exceeded("workbook-cells", 17_179_869_184)
    message = str(Place("a.xlsx").fault(*wrong))
    assert message.endswith("--limits workbook-cells=17_179_869_184 放宽")
    monkeypatch.setenv(limits.VARIABLE, "workbook-cells=17_179_869_184")
    assert limits.exceeded("workbook-cells", 17_179_869_184) is None
