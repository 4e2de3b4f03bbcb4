"""A flow file is read whole, or every mistake in it is told at its place."""

import json

import pytest

from amends.flows import FlowError, load_flow, parse_flow
from amends.flows.format import schema
from tests.flows.small import ROOT, SHIPPED, SMALL, shipped, small


def problems(text: str) -> list[str]:
    with pytest.raises(FlowError) as caught:
        parse_flow(text, "f.yml")
    return [str(problem) for problem in caught.value.problems]


def changed(*changes: tuple[str, str]) -> str:
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_the_shipped_flow_holds_the_whole_decision_model():
    flow = shipped()
    assert len(flow.questions) == 16
    assert len(flow.gates) == 10
    assert len(flow.rows) == 30
    assert [floor.id for floor in flow.floors] == ["D1", "D2", "D3", "D4"]
    assert [line.id for line in flow.offers[0].lines] == ["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8"]
    assert {rule.id for rule in flow.never} == {"N0", "N1", "N2", "N3", "N4", "N6", "N7", "N8"}
    assert len(flow.deadlines) == 18
    assert [level.level for level in flow.levels] == [3, 2, 1, 0]


def test_every_cited_clause_is_in_the_library():
    from amends.policies import load_library

    load_flow(SHIPPED, load_library(ROOT / "data" / "policies").clauses)


def test_the_version_is_the_hash_of_the_text():
    assert small().version != small('"A small flow"', '"Another"').version
    assert small().version == parse_flow(SMALL, "elsewhere.yml").version


def test_yes_and_no_stay_words_as_in_yaml_1_2():
    assert list(small().questions["seen"].options) == ["no", "yes", "unsure"]


def test_the_schema_for_editors_is_the_one_of_the_models():
    assert json.loads((ROOT / "data" / "flows" / "schema.json").read_text()) == schema()


def test_all_mistakes_are_told_at_once_and_in_the_order_of_the_file():
    told = problems(
        changed(
            ('options: {none: "Nobody"', 'optoins: {none: "Nobody"'),
            ("when: {issue: data}", "when: {isue: data}"),
            ("do: [hold]", "do: [holdd]"),
            ("mark: M", "mark: Q"),
        )
    )
    text = "\n".join(told)
    assert "There is no part called optoins. Did you mean options?" in text
    assert "There is no question or term called isue. Did you mean issue?" in text
    assert "There is no response or role called holdd. Did you mean hold?" in text
    assert "There is no choice for mark called Q." in text
    lines = [int(row.split(":")[1]) for row in told]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "when: {issue: data}",
            "when: {issue: dat}",
            "There is no option of issue called dat. Did you mean data?",
        ),
        (
            "at_least: some",
            "atleast: some",
            "There is no comparison for harm called atleast. Did you mean at_least?",
        ),
        (
            "when: {issue: data}",
            "when: {issue: {at_least: data}}",
            "There is no comparison for issue called at_least.",
        ),
        (
            "when: {harm: {at_least: some}}\n    do",
            "when: {harm: {at_least: [none, some]}}\n    do",
            "needs one option",
        ),
        ("when: {issue: data}", "when: {recommended: hold}", "'recommended' is not known yet"),
        ("when: {issue: data}", "when: [issue, data]", "when needs named parts below it"),
        ("when: {issue: data}", "when: {any_of: {issue: data}}", "'any_of' needs a list of conditions"),
        ("when: {issue: data}", "when: {not: [issue]}", "A condition is written as"),
        ("when: {issue: data}", "when: {issue: []}", "Say which options of issue are meant."),
        ("add: [dpo]", "add: [dpoo]", "There is no response or role called dpoo. Did you mean dpo?"),
        ("clear_first: [dpo]", "clear_first: [hold]", "There is no role called hold."),
        ("alone: [none]", "alone: [nothing]", "There is no option called nothing."),
        ("when_missing: some", "when_missing: sum", "There is no option called sum."),
        ("    when_missing: some\n", "", "'when_missing' is missing: how is harm read when nobody answered?"),
        ("when: {harm: many}", "when: {issue: data}", "This looks at issue, which is asked later."),
        ("kind: scale", "kind: scales", "There is no choice for kind called scales. Did you mean scale?"),
        ('why: "It decides."', "", "'why' is missing from questions > harm."),
        ('some: "Somebody"', 'some: "Nobody"', "some has the same words as none."),
        ("refuse: [take_down]", "refuse: []", "A never-rule has either 'refuse' or 'never_empty'."),
        ('name: "none", when: {}', 'name: "none", when: {harm: none}', "The last level has to apply always"),
        ("level: 0", "level: 1", "Level 1 stands here twice."),
        ("level: 0", "level: low", "level needs a whole number."),
        ("do: [hold]", "do: []", "do is empty."),
        ("do: [hold]", "do: [hold, hold]", "hold stands here twice."),
        ("when: {gate: G1}", "when: {gate: G2}", "There is no gate called G2. There are: G1."),
        ("  R2:", "  R 2:", "'R 2' cannot be a name"),
        ('ask: "Did anybody see it?"', "ask: [a, b]", "ask needs words."),
        ("first: yes", "first: perhaps", "first is followed by yes or no."),
        ("flow: small\n", "", "'flow' is missing from the file."),
        ("high: 0.9", "high: sure", "high needs a number."),
    ],
)
def test_a_mistake_gets_a_sentence(old, new, sentence):
    assert any(sentence in told for told in problems(changed((old, new)))), problems(changed((old, new)))


def test_a_term_cannot_go_round_in_a_circle():
    terms = "terms:\n  a: {says: 'x', when: {b: yes}}\n  b: {says: 'x', when: {a: yes}}\nresponses:"
    told = problems(changed(("responses:", terms)))
    assert any("a uses b, which stands further down" in row for row in told)


def test_a_name_means_one_thing():
    terms = "terms:\n  harm: {says: 'x', when: {seen: yes}}\nresponses:"
    assert any("harm is already the name" in row for row in problems(changed(("responses:", terms))))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("   \n", "The file is empty."),
        ("- a\n- b\n", "The file starts with names"),
        ("just words", "The file starts with names"),
        ("flow: [1\nb: 2", "This cannot be read as YAML"),
        ("flow: a\nflow: b\n", "flow stands here twice."),
        ("a: &x 1\nb: *x\n", "An anchor (&name) is not allowed here."),
        ("a: *x\n", "An alias (*name) is not allowed here."),
        ("a: !!python/object:os.system x\n", "A tag (!name) is not allowed here."),
        ("a: 1\n---\nb: 2\n", "A second document starts here."),
        ("a: " + "[" * 500 + "]" * 500, "nested too deeply"),
        ("? [a, b]\n: c\n", "A name is one word"),
        ("a: \x00", "An invisible character (U+0000) stands here."),
        ("a: \u202ebackwards", "An invisible character (U+202E) stands here."),
        ('a: "\\u202Ebackwards"', "An invisible character (U+202E) stands here."),
        ("a: \ud800", "it has characters that are not text"),
        ("a: b\n" + "# " + "x" * 5_000_000, "larger than"),
    ],
)
def test_a_file_that_is_no_flow_is_refused_with_a_sentence(text, sentence):
    assert any(sentence in told for told in problems(text))


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(FlowError, match="cannot be read"):
        load_flow(tmp_path / "nowhere.yml")
    (tmp_path / "latin.yml").write_bytes(b"flow: caf\xe9")
    with pytest.raises(FlowError, match=r"not text in UTF-8"):
        load_flow(tmp_path / "latin.yml")
    (tmp_path / "big.yml").write_bytes(b"#" * 5_000_000)
    with pytest.raises(FlowError, match="larger than"):
        load_flow(tmp_path / "big.yml")


def test_a_mistake_stands_at_its_line_and_column():
    (told,) = problems(changed(("do: [hold]", "do: [holdd]")))
    line = changed(("do: [hold]", "do: [holdd]")).splitlines().index("    do: [holdd]") + 1
    assert told.startswith(f"f.yml:{line}:10: ")


def test_an_unknown_clause_is_told():
    with pytest.raises(FlowError, match=r"There is no clause called RF-11\.9\. Did you mean RF-11\.1"):
        parse_flow(
            SMALL.replace('reason: "Personal data is out."', 'reason: "x"\n    clauses: [RF-11.9]'),
            "f.yml",
            frozenset({"RF-11.1", "SM-2.2"}),
        )
