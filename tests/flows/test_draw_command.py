"""`amends flow draw`: what it writes, and what it says when it cannot."""

import json
import re
import struct
import sys
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from amends.flows import parse_answers
from amends.flows.cli import app
from amends.flows.draw import draw_flow
from amends.flows.draw_decision import decision_picture, draw_decision
from amends.flows.draw_mermaid import as_mermaid
from amends.flows.draw_parts import picture_of
from tests.flows.small import SHIPPED, SMALL, shipped, small
from tests.flows.test_decide import HARMLESS


@pytest.fixture
def png():
    return pytest.importorskip("amends.flows.draw_png", reason="PNGs need resvg-py: run 'make setup'.")


def draw(*arguments, stdin=""):
    return CliRunner().invoke(app, ["draw", *(str(argument) for argument in arguments)], input=stdin)


def test_it_writes_the_svg_of_the_shipped_flow_to_standard_output():
    told = draw()
    assert told.exit_code == 0
    assert told.stdout == draw_flow(shipped()) + "\n"


def test_narrow_and_a_file_to_write(tmp_path):
    told = draw(SHIPPED, "--narrow", "--out", tmp_path / "flow.svg")
    assert (told.exit_code, told.stdout) == (0, "")
    assert (tmp_path / "flow.svg").read_text(encoding="utf-8") == draw_flow(shipped(), narrow=True) + "\n"


def test_the_path_of_a_decision_from_a_file_and_from_standard_input(tmp_path):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(HARMLESS), encoding="utf-8")
    wanted = draw_decision(shipped(), parse_answers(shipped(), HARMLESS)) + "\n"
    assert draw("--decision", file).stdout == wanted
    assert draw("--decision", "-", stdin=json.dumps(HARMLESS)).stdout == wanted


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ('{"orign": "own_post"}', "There is no question called orign. Did you mean origin?"),
        ("not json", "What came in is not a JSON object of answers"),
        ("[" * 5000, "What came in is not a JSON object of answers"),
        ("[]", "Answers are one JSON object"),
    ],
)
def test_answers_that_cannot_be_used_get_a_sentence(answers, sentence):
    told = draw("--decision", "-", stdin=answers)
    assert told.exit_code == 1
    assert sentence in told.stderr


def test_files_that_cannot_be_read_or_written_get_a_sentence(tmp_path):
    assert "cannot be read" in draw(tmp_path / "nowhere.yml").stderr
    assert "nothing.json cannot be read: No such file or directory." in draw("--decision", "nothing.json").stderr
    told = draw("--out", tmp_path)
    assert told.exit_code == 1
    assert "cannot be written: Is a directory." in told.stderr


def test_a_flow_with_a_mistake_is_not_drawn(tmp_path):
    file = tmp_path / "broken.yml"
    file.write_text(SMALL.replace("add: [dpo]", "add: [dop]"), encoding="utf-8")
    told = draw(file)
    assert told.exit_code == 1
    assert "Did you mean dpo?" in told.stderr
    assert "<svg" not in told.stdout


def size(image):
    assert image.startswith(b"\x89PNG\r\n")
    return struct.unpack(">II", image[16:24])


def test_a_png_has_the_size_of_the_svg_and_letters_in_it(png, tmp_path):
    file = tmp_path / "small.yml"
    file.write_text(SMALL, encoding="utf-8")
    assert draw(file, "--format", "png", "--out", tmp_path / "one.png").exit_code == 0
    assert draw(file, "--format", "png", "--scale", 2, "--out", tmp_path / "two.png").exit_code == 0
    one, two = (size((tmp_path / f"{name}.png").read_bytes()) for name in ("one", "two"))
    svg = ET.fromstring(draw_flow(small()))
    assert one == (int(svg.get("width")), int(svg.get("height")))
    assert two == (2 * one[0], 2 * one[1])
    without = re.sub("<tspan.*?</tspan>", "", draw_flow(small()))
    assert len(png.paint(without)) < len((tmp_path / "one.png").read_bytes()) / 2


def test_without_a_font_it_is_said_what_to_do(png, monkeypatch, tmp_path):
    monkeypatch.setattr(png, "_sample", lambda *_: b"nothing")
    png._family.cache_clear()
    told = draw("--format", "png", "--out", tmp_path / "flow.png")
    png._family.cache_clear()
    assert told.exit_code == 1
    assert "There is no font on this machine to write the picture with. Install one" in told.stderr
    assert not (tmp_path / "flow.png").exists()


@pytest.mark.usefixtures("png")
def test_a_png_that_no_machine_could_hold_is_refused(tmp_path):
    told = draw("--format", "png", "--scale", 8, "--out", tmp_path / "flow.png")
    assert told.exit_code == 1
    assert "Take a smaller --scale, or --format svg." in told.stderr


def test_without_the_library_for_pngs_it_is_said_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "amends.flows.draw_png", raising=False)
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    told = draw("--format", "png", "--out", tmp_path / "flow.png")
    assert told.exit_code == 1
    assert "resvg-py, which makes PNGs, is not installed. Run 'make setup', or take --format svg." in told.stderr


LINE = re.compile(
    r"""%%\{init:.*\}%%|flowchart\ TD|accTitle:\ .+|subgraph\ s\d+\["[^"]+"\]|direction\ TB|end
    |s\d+(i\d+|none)\["[^"]+"\]|s\d+i\d+\ (-->|~~~)\ s\d+i\d+|s\d+\ -->\ s\d+|s\d+i\d+\ -\.\ "[^"]+"\ \.->\ s\d+i\d+
    |style\ s\d+i\d+\ fill:\#\w{6},stroke:\#\w{6},color:\#\w{6}""",
    re.VERBOSE,
)


@pytest.mark.parametrize(
    "nasty", ['"] --> x["', "<script>", "end", "#quot;", "`md`", "1. list", "%% {init}", "a | b; {c}"]
)
def test_mermaid_has_only_lines_that_it_knows_and_no_label_can_break_out(nasty):
    written = nasty.replace('"', '\\"')
    flow = small('title: "Hurt"', f'title: "{written}"')
    for picture in (picture_of(flow), decision_picture(flow, {})):
        text = as_mermaid(picture)
        assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
        assert text.count("subgraph ") == text.splitlines().count("end")
        assert set(re.findall(r"</?[^>]*>(?=[^>]*\"\])", text)) <= {"<b>", "</b>", "<br/>"}


def test_mermaid_shows_the_rows_in_order_and_the_guards():
    text = draw("--format", "mermaid").stdout
    assert text == as_mermaid(picture_of(shipped()))
    rows = re.findall(r'^s(\d+)i\d+\["<b>(P\d\w*) ', text, re.MULTILINE)
    assert list(dict.fromkeys(row for _, row in rows)) == list(shipped().rows)
    assert len({stage for stage, _ in rows}) == 1
    assert text.count("-. #quot;stops#quot; .->") == 0
    assert text.count('-. "stops" .->') == 5
    assert text.count('-. "stops, unless" .->') == 2
