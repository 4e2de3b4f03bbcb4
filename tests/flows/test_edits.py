"""An edit changes what it is meant to change, and not a byte of anything else."""

import copy
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from amends.console.editing.conditions import When
from amends.console.editing.fields import ABSENT, fill_all, read_all
from amends.console.editing.form import Form
from amends.console.editing.pick import Picks
from amends.console.editing.sections import SECTIONS
from amends.flows import FlowError, edits, parse_flow
from amends.flows.uses import rename, rename_option, uses_of

FLOWS = Path(__file__).resolve().parents[2] / "data" / "flows"
TEXT = (FLOWS / "problem_post.yml").read_text("utf-8")
CONTENT = edits.content(TEXT)


def elements(content):
    return [
        (section, step)
        for section, part in content.items()
        if isinstance(part, dict | list) and section != "confidence"
        for step in (part if isinstance(part, dict) else range(len(part)))
    ]


ELEMENTS = elements(CONTENT)
SHIPPED = st.sampled_from([path.read_text("utf-8") for path in sorted(FLOWS.glob("*.yml"))])
NAMES = {
    "questions",
    "groups",
    "terms",
    "settings",
    "gates",
    "rows",
    "responses",
    "people",
    "floors",
    "never",
    "wording",
    "deadlines",
}
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=60
)


def at(content, path):
    for step in path:
        content = content[step]
    return content


def put(content, path, value):
    content = copy.deepcopy(content)
    at(content, path[:-1])[path[-1]] = value
    return content


def span(text, path):
    block = edits.block(text, path)
    start = text.index(block)
    assert text.count(block) == 1
    return start, start + len(block)


def same(one, other):
    """Equal, and in the same order."""
    return json.dumps(one) == json.dumps(other)


@st.composite
def commented(draw):
    """A shipped flow with comments above and behind some of its lines, and one of its elements."""
    text = draw(SHIPPED)
    chosen = draw(st.sets(st.integers(10, text.count("\n") - 1), max_size=12))
    lines = text.splitlines()
    for n in sorted(chosen, reverse=True):
        line = lines[n]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if draw(st.booleans()):
            lines[n] = f"{line}  # behind {n}"
        else:
            lines.insert(n, " " * (len(line) - len(line.lstrip())) + f"# above {n}")
    text = "\n".join(lines) + "\n"
    content = edits.content(text)
    return text, content, draw(st.sampled_from(elements(content)))


def comments(text):
    return sorted(
        part for line in text.splitlines() for part in line.split("#")[1:] if part[:6] in (" above", " behin")
    )


def paths(value, here=()):
    """Every place inside an element."""
    yield here
    if isinstance(value, dict):
        for name, part in value.items():
            yield from paths(part, (*here, name))
    elif isinstance(value, list):
        for n, part in enumerate(value):
            yield from paths(part, (*here, n))


@st.composite
def changes(draw):
    """A flow with comments, an element, and that with another value in one place, out of which nothing is removed."""
    text, content, element = draw(commented())
    old = at(content, element)
    inside = [p for p in paths(old) if p]
    assume(inside)
    place = draw(st.sampled_from(inside))
    value = copy.deepcopy(at(old, place))
    if isinstance(value, dict):
        value[draw(st.sampled_from(["zz_first", "zz_second"]))] = draw(
            st.one_of(WORDS, st.lists(WORDS, max_size=3), st.just({"when": {"harm": {"at_least": "upset"}}}))
        )
    elif isinstance(value, list):
        new = draw(WORDS) if not value or isinstance(value[0], str) else {"zz": draw(WORDS)}
        value.insert(draw(st.integers(0, len(value))), new)
    else:
        value = draw(WORDS)
    return text, element, put({"e": old}, ("e", *place), value)["e"]


@settings(max_examples=150, deadline=None)
@given(changes())
def test_a_change_stays_in_its_block_and_keeps_every_comment(change):
    text, element, value = change
    new = edits.change(text, element, value)
    assert same(at(edits.content(new), element), value)
    start, end = span(text, element)
    assert new.startswith(text[:start])
    rest = text[end:].lstrip(" ")
    assert new.endswith(rest[rest.index("\n") :] if rest.startswith("#") else rest)
    assert comments(new) == comments(text)


@settings(max_examples=60, deadline=None)
@given(commented(), st.integers(-3, 3))
def test_moving_keeps_every_line(flow, by):
    text, content, element = flow
    new = edits.move(text, element, by)
    assert sorted(new.splitlines()) == sorted(text.splitlines())
    section = at(content, element[:1])
    moved = at(edits.content(new), element[:1])
    names = list(section) if isinstance(section, dict) else list(range(len(section)))
    here = names.index(element[1])
    names.insert(max(0, min(len(names) - 1, here + by)), names.pop(here))
    wanted = {n: section[n] for n in names} if isinstance(section, dict) else [section[n] for n in names]
    assert same(moved, wanted)


@settings(max_examples=60, deadline=None)
@given(commented())
def test_removing_takes_one_block_and_its_comments(flow):
    text, left, element = flow
    new = edits.remove(text, element)
    del at(left, element[:1])[element[1]]
    assert same(edits.content(new), left)
    lost = text.splitlines()
    for line in new.splitlines():
        if line in lost:
            lost.remove(line)
    assert "\n".join(lost).count("\n") <= edits.block(text, element).count("\n") + 14
    for one, other in pairwise(new.splitlines()):
        assert one.strip() or other.strip(), "two empty lines"


@pytest.mark.parametrize("section", [s for s in CONTENT if isinstance(CONTENT[s], dict) and s in NAMES])
def test_a_new_element_goes_where_it_is_wanted(section):
    first = next(iter(CONTENT[section]))
    value = copy.deepcopy(CONTENT[section][first])
    for before in (None, first):
        new = edits.insert(TEXT, section, "zz_new", value, before=before)
        content = edits.content(new)[section]
        assert list(content) == (["zz_new", *CONTENT[section]] if before else [*CONTENT[section], "zz_new"])
        assert same(content["zz_new"], value)
        lines = new.splitlines()
        for line in TEXT.splitlines():
            lines.remove(line)
        assert len(lines) <= edits.block(new, (section, "zz_new")).count("\n") + 2


def test_nothing_is_written_when_nothing_changes():
    for element in ELEMENTS:
        assert edits.change(TEXT, element, at(CONTENT, element)) == TEXT


COMMENTED = """\
# The head of the file.

rows:
  # Why one is first.
  # It takes two lines to say.
  one: {when: {}} # behind one
    # below one

  two: {when: {}}
  # Why three is last.
  three:
    when: {}
    # At the end of three.
"""


def test_the_comments_of_a_part_move_with_it():
    new = edits.move(COMMENTED, ("rows", "one"), 2)
    assert (
        new
        == """\
# The head of the file.

rows:
  two: {when: {}}

  # Why three is last.
  three:
    when: {}
    # At the end of three.
  # Why one is first.
  # It takes two lines to say.
  one: {when: {}} # behind one
    # below one
"""
    )
    assert edits.move(new, ("rows", "one"), -2) == COMMENTED


def test_the_comments_of_a_part_go_with_it():
    assert edits.remove(COMMENTED, ("rows", "three")) == COMMENTED[: COMMENTED.index("  # Why three")]
    new = edits.remove(COMMENTED, ("rows", "one"))
    assert new == COMMENTED[: COMMENTED.index("  # Why one")] + COMMENTED[COMMENTED.index("  two") :]


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_stay(ends, mark):
    text = mark + TEXT.replace("\n", ends)
    new = edits.change(text, ("rows", "P04", "title"), "Another title")
    assert new == text.replace("A live case, and an accusation or a secret", "Another title")


def test_a_comment_on_a_line_that_is_written_anew_stays():
    text = TEXT.replace(
        "    do: [take_down, legal, hold]\n", "    do: [take_down, # at once\n      legal, hold]  # then wait\n"
    )
    new = edits.change(
        text, ("rows", "P04", "do"), ["take_down", "legal", {"hold": {"how": "Wait: it is # not over."}}]
    )
    assert "# at once" in new
    assert "# then wait" in new
    assert edits.content(new)["rows"]["P04"]["do"][2] == {"hold": {"how": "Wait: it is # not over."}}


@pytest.mark.parametrize(("section", "name"), [(s, n) for s, n in ELEMENTS if s in NAMES])
def test_a_new_name_is_put_everywhere_and_back_again(section, name):
    new = rename(TEXT, section, name, "zz_new")
    assert parse_flow(new).version != parse_flow(TEXT).version
    content = edits.content(new)
    assert not uses_of(content, section, name) or section in ("responses", "people")
    assert len(uses_of(content, section, "zz_new")) == len(uses_of(CONTENT, section, name))
    assert rename(new, section, "zz_new", name) == TEXT


@pytest.mark.parametrize(
    ("question", "option"), [(q, o) for q, part in CONTENT["questions"].items() for o in part.get("options", {})]
)
def test_a_new_name_of_an_option_is_put_everywhere_and_back_again(question, option):
    new = rename_option(TEXT, question, option, "zz_new")
    assert "zz_new" in parse_flow(new).questions[question].options
    assert rename_option(new, question, "zz_new", option) == TEXT


def forms():
    for name, section in SECTIONS.items():
        ids = (
            ["all"]
            if section.single
            else [str(n + 1) for n in range(len(CONTENT[name]))]
            if section.listed
            else list(CONTENT.get(name, ()))
        )
        yield from ((name, id_) for id_ in ids)


@pytest.mark.parametrize(("section", "id_"), list(forms()))
def test_a_form_that_is_sent_as_it_was_drawn_changes_no_byte(section, id_):
    form = Form(SECTIONS[section], id_, CONTENT, {})
    assert form.put(TEXT, form.drawn()) == (TEXT, id_)


@pytest.mark.parametrize(("section", "id_"), [each for each in forms() if each[0] != "about"])
def test_what_a_form_reads_anew_means_the_same(section, id_):
    """Without what stood there before, a form still says all of it, in one way of writing."""
    form = Form(SECTIONS[section], id_, CONTENT, {})
    value = read_all(SECTIONS[section].fields, form.drawn(), ABSENT, form.picks())
    assert value == json.loads(json.dumps(form.raw).replace('"confirm": true', '"confirm": "yes"'))


CONDITIONS = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"harm": st.sampled_from(["none", ["none", "upset"], {"at_least": "upset"}])}),
        st.fixed_dictionaries({"harm": st.just({"at_least": "annoyance", "at_most": "serious"})}),
        st.fixed_dictionaries({"issue": st.sampled_from(["slip", {"only": ["slip", "insult"]}, {"exactly": "slip"}])}),
        st.fixed_dictionaries({"issue": st.sampled_from([{"all": ["slip", "insult"]}, {"not": "abusive"}, "abusive"])}),
        st.fixed_dictionaries({"ours": st.sampled_from(["yes", "no"]), "nhs": st.sampled_from(["yes", "no"])}),
        st.fixed_dictionaries({"gate": st.sampled_from(["B1", ["B1", "B3"]]), "row": st.just("P04")}),
        st.fixed_dictionaries({"recommended": st.sampled_from(["hold", ["hold", "respond"]])}),
        st.fixed_dictionaries({"not_there": st.sampled_from(["x", ["y"]])}),
    ),
    lambda inside: st.one_of(
        st.fixed_dictionaries({"any_of": st.lists(inside, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all_of": st.lists(inside, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inside, "spread": st.just("press")}),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(CONDITIONS)
def test_every_condition_goes_through_the_form(condition):
    field = When("when", "Applies when", stages=("gate", "row", "recommended"))
    picks = Picks(CONTENT, {})
    node = fill_all([field], {"when": condition}, picks)
    assert field.read(node, ABSENT, picks) == condition
    assert field.take(node, condition, picks) is condition


def test_two_lines_about_one_question_both_hold():
    field = When("when", "Applies when")
    picks = Picks(CONTENT, {})
    lines = [
        {"what": ["issue"], "how": ["any"], "options": ["slip"]},
        {"what": ["issue"], "how": ["any"], "options": ["insult"]},
        {"what": ["harm"], "how": ["at_least"], "options": ["upset"]},
        {"what": ["harm"], "how": ["not"], "options": ["death"]},
    ]
    node = {"when": {"lines": {str(n): line for n, line in enumerate(lines)}}}
    assert field.read(node, ABSENT, picks) == {
        "issue": "slip",
        "harm": {"at_least": "upset", "not": "death"},
        "all_of": [{"issue": "insult"}],
    }


def test_what_cannot_be_read_is_refused_with_a_sentence():
    with pytest.raises(FlowError, match="cannot be read as YAML"):
        edits.change("rows: [", ("rows",), {})
    with pytest.raises(edits.NoSuchPart, match="rows > P99"):
        edits.block(TEXT, ("rows", "P99"))
