"""Papers: what is read out of them is what was put in, and the same input is the same file."""

from io import BytesIO
from pathlib import Path

import pytest
import segno
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from pypdf import PdfReader

from common import pdf


def paper(language: str = "zh-hans", lines: int = 1) -> pdf.Document:
    made = pdf.Document(
        "算力券凭证",
        language=language,
        subtitle="甘A",
        author="庆阳市工业和信息化局",
        footer="VC-1",
    )
    made.paragraph("兹证明下列企业持有本券。<b>&amp;</b>\n第二行\x00\x0b")
    made.rows([("企业", "庆阳测试企业有限公司"), ("券面额度", "¥123,456.78")])
    made.table(["序号", "事项"], [[f"第{number}项", "上传合同"] for number in range(lines)], [1, 4])
    made.items(["甲", "乙"], numbered=True)
    made.qr("https://example.com/", "扫码核验")
    return made


def read(content: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(content))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


def test_text_comes_out_as_it_went_in() -> None:
    _reader, text = read(paper().render())

    for part in ("算力券凭证", "兹证明下列企业持有本券。<b>&amp;</b>", "第二行", "庆阳测试企业有限公司",
                 "¥123,456.78", "第0项", "1. 甲", "2. 乙", "扫码核验", "VC-1", "1 / 1"):  # fmt: skip
        assert part in text
    assert "\x00" not in text


@pytest.mark.parametrize("shift", range(4))
def test_no_line_begins_with_a_mark(shift: int) -> None:
    made = pdf.Document("通知", language="zh-hans", author="庆阳市工业和信息化局")
    made.paragraph("甲" * shift + "已受理，请" * 40)

    _reader, text = read(made.render())

    lines = [line for line in text.splitlines() if "受理" in line]
    assert len(lines) > 3
    assert not [line for line in text.splitlines() if line.startswith("，")]


def test_same_input_is_the_same_file() -> None:
    assert paper().render() == paper().render()
    assert paper().render() != paper(lines=2).render()


def test_only_used_glyphs_are_embedded() -> None:
    assert len(paper().render()) < 80_000


def test_properties_name_title_author_and_language() -> None:
    reader, _text = read(paper().render())
    english, _text = read(paper("en").render())

    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("算力券凭证", "庆阳市工业和信息化局")
    assert str(reader.root_object["/Lang"]) == "zh-Hans"
    assert str(english.root_object["/Lang"]) == "en"


def test_long_table_goes_on_with_its_header() -> None:
    reader, _text = read(paper(lines=60).render())
    pages = [page.extract_text() for page in reader.pages]

    assert len(pages) == 3
    assert all("序号" in text for text in pages)
    assert [f"{number} / 3" in text for number, text in enumerate(pages, start=1)] == [True] * 3


def test_code_is_drawn_module_by_module() -> None:
    dark = sum(sum(row) for row in segno.make_qr("https://example.com/", error="m").matrix)
    contents = PdfReader(BytesIO(paper().render())).pages[0].get_contents()

    assert contents is not None
    assert contents.get_data().count(b" re f") + contents.get_data().count(b"re\nf") >= dark


def test_missing_font_says_what_to_do(tmp_path: Path) -> None:
    pdf._register_fonts.cache_clear()

    missing = pytest.raises(ImproperlyConfigured, match="make setup")
    with override_settings(PDF_FONT_FOLDER=str(tmp_path)), missing:
        paper().render()
