"""The PDF of a record can be read aloud (PDF/UA), and holds the whole trail."""

import io
import itertools
import re

import pypdfium2
import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from amends.exports import paper
from amends.incidents import record
from amends.leads import acts
from tests.exports.conftest import FORMULA, LOOK, full, made_of, unpacked
from tests.incidents.test_record import report
from tests.leads.conftest import LIN, NOW

PDFUA = "{http://www.aiim.org/pdfua/ns/id/}part"


@pytest.fixture
def pdf(bundle):
    return PdfReader(bundle / "record.pdf")


def text_of(content):
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return " ".join(text.split())


def elements(node):
    """The structure elements below a node, in the order in which they are read aloud."""
    children = node.get("/K", [])
    children = children.get_object() if hasattr(children, "get_object") else children
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object() if hasattr(child, "get_object") else child  # noqa: PLW2901
        if isinstance(child, dict) and "/S" in child:
            yield child
            yield from elements(child)


def test_it_says_that_it_is_pdf_ua_and_is_marked(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF object, which is not `True` itself
    xmp = pdf.xmp_metadata.stream.get_data().decode()
    assert re.search(r'pdfuaid:part="1"|<pdfuaid:part>1<', xmp)
    assert "INC-2026-0001: the record of an incident" in xmp


def test_it_has_a_title_that_is_shown_and_a_language(pdf):
    root = pdf.trailer["/Root"]
    assert pdf.metadata.title == "INC-2026-0001: the record of an incident"
    assert pdf.metadata.author == "Example Council"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert root["/Lang"] == "en-GB"


def test_its_tags_are_headings_in_order_paragraphs_and_lists(pdf):
    tags = [element["/S"] for element in elements(pdf.trailer["/Root"]["/StructTreeRoot"])]
    headings = [int(tag[2]) for tag in tags if re.fullmatch(r"/H\d", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(headings))
    assert headings.count(3) >= 15
    assert {"/Document", "/P", "/L", "/LI", "/LBody"} <= set(tags)
    assert "/Figure" not in tags
    assert "/Table" not in tags


def test_all_that_is_drawn_belongs_to_a_tag_or_is_decoration(pdf):
    shown = outside = 0
    for page in pdf.pages:
        assert page["/Tabs"] == "/S"
        depth = 0
        for operands, operator in ContentStream(page.get_contents(), pdf).operations:
            if operator in {b"BDC", b"BMC"}:
                depth += 1
                assert operands[0] == "/Artifact" or "/MCID" in operands[1]
            elif operator == b"EMC":
                depth -= 1
            elif operator in {b"Tj", b"TJ", b"'", b'"', b"Do"}:
                shown += 1
                outside += depth == 0
    assert shown > 100
    assert outside == 0


def test_all_fonts_are_in_it_and_their_letters_can_be_read(pdf):
    fonts = {id(font): font for page in pdf.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts
    for font in fonts.values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner)
        assert "/ToUnicode" in font.get_object()


def test_it_has_bookmarks_and_is_neither_locked_nor_does_anything(pdf):
    root = pdf.trailer["/Root"]
    assert len(pdf.outline) >= 1
    assert not pdf.is_encrypted
    assert not {"/OpenAction", "/AA", "/AcroForm", "/JavaScript", "/EmbeddedFiles"} & {*root, *root.get("/Names", {})}


def test_its_text_holds_the_whole_trail_with_times_and_hashes(sqlite_database, tmp_path):
    room = full(sqlite_database)
    text = text_of(unpacked(made_of(room)[0], tmp_path) / "record.pdf")
    assert len(room.trail) == 15
    place = 0
    for entry in room.trail:
        found = text.find(f" {entry.sequence}. ", place)
        assert found > 0, entry
        place = found
        assert LOOK.clock(entry.said_at) in text[found : found + 700], entry
        assert entry.hash in text[found:], entry
        said = (entry.payload or {}).get("text")
        if said and "\x07" not in said:
            assert " ".join(said.split()) in text[found:], entry
    for words in (
        "We said «gross», naïve, 日本語,",
        "<b>bold</b> & a",
        FORMULA,
        "Decided by Grace, comms lead",
        "Reason: It hurt.",
        "shot <1>.png",
        "Monday 2 March 2026 at 09:30:00 GMT",
        "The clauses as they stood then",
        "Exported by Lin",
    ):
        assert words in text, words


def test_a_drill_is_called_one(sqlite_database, tmp_path):
    room = full(sqlite_database)
    with sqlite_database.begin() as session:
        acts.mark_drill(session, room.settings, record.find(session, room.reference), LIN, NOW, on=True)
    text = text_of(unpacked(made_of(room)[0], tmp_path) / "record.pdf")
    assert "Drill: A practice incident; nothing of it was real." in text


def test_a_record_that_does_not_hold_together_says_so_on_its_first_page(sqlite_database):
    room = full(sqlite_database)
    with room.database.read() as session:
        from amends.console.book import Book

        incident = record.find(session, room.reference)
        told = Book(session, incident, LOOK.clock).page()
        trail = [{"sequence": entry.sequence, "hash": entry.hash} for entry in room.trail]
        made = paper.printed(told, trail, [], "Lin", incident.reported_at, ["Entry 3: It was changed."], LOOK)
    assert "The record does not hold together: Entry 3: It was changed." in text_of(made).replace("• ", "")


@pytest.mark.parametrize(
    "words",
    [
        '<img src="http://127.0.0.1:9/x"><link rel=stylesheet href="file:///etc/passwd">',
        "</p></body></html><script>x</script>",
        "{{ 7 * 7 }}{% raw %}",
        "x" * 20_000,
        "\u202eevil\u202c \ud83d",
        "\x00\x01\x1b[31m",
        "مرحبا " * 50,
    ],
)
def test_what_people_wrote_is_only_ever_words(sqlite_database, words):
    report(sqlite_database, title="x")
    with sqlite_database.read() as session:
        from amends.console.book import Book

        incident = record.find(session, "INC-2026-0001")
        told = Book(session, incident, LOOK.clock).page()
        trail = [{"sequence": 1, "hash": "0" * 64}]
        session.expunge(incident)
        incident.title = words
        made = paper.printed(told, trail, [], words, incident.reported_at, [words], LOOK)
    assert made.startswith(b"%PDF-")
    if words.isascii() and words.isprintable():
        assert words[:200] in re.sub(r"\s", "", text_of(made)) or words[:60] in text_of(made)
    assert len(PdfReader(io.BytesIO(made)).pages) < 30
