"""UTF-8 and GB18030, distinguished by what they read as."""

import pytest

from validator.read.encoding import encoding_of


@pytest.mark.parametrize("text", ["72小时", "病案号", "张·三", "1 岁"])
def test_chinese_is_read_in_the_encoding_it_was_written_in(text):
    for encoding in ("utf-8", "gb18030"):
        assert text.encode(encoding).decode(encoding_of(text.encode(encoding))) == text


def test_few_characters_that_fit_both_encodings_are_read_as_chinese():
    data = "小时".encode("gb18030")
    assert data.decode("utf-8") == "Сʱ"
    assert encoding_of(data) == "gb18030"
    assert encoding_of("α-β".encode()) == encoding_of(b"plain") == "utf-8"
