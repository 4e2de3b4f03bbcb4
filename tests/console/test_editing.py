"""The editor of flows over HTTP: forms, lines more and less, checks, saving, and two owners at once."""

import html
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from amends.console.editing.sections import SECTIONS
from amends.flows import edits, load_flow, parse_flow
from amends.incidents.database import Database
from amends.settings import ROOT
from amends.workshop import draft_of, publish_first
from tests.console.conftest import Desk
from tests.console.fake_bot import settings_for
from tests.console.filled import Filled
from tests.console.workshop import FLOW, field, live_text, make_draft
from tests.waiting import LONGEST

FLOWS = "/flows/problem_post"


def visit(url, name="Ada Okafor"):
    client = httpx.Client(base_url=url, timeout=LONGEST, follow_redirects=True)
    page = client.get("/flows")
    assert "Who are you?" in page.text
    page = client.post("/who", data={"csrf": field(page, "csrf"), "back": "/flows", "name": name})
    assert page.url.path == "/flows"
    return client


@pytest.fixture
def client(desk):
    with closing(visit(desk.url)) as client:
        yield client


@pytest.fixture
def bea(desk):
    with closing(visit(desk.url, "Bea Lund")) as client:
        yield client


def draft(record):
    with record.read() as session:
        found = draft_of(session, FLOW)
        return found.text if found else None


def said(page):
    """What a page says, without its marks, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def open_form(client, where):
    page = client.get(f"{FLOWS}/{where}")
    assert page.status_code == 200, where
    return Filled(page)


def test_the_list_says_what_is_live_and_since_when(client, record):
    page = client.get("/flows")
    assert "problem_post" in page.text
    assert "Live since" in said(page)
    assert "There is a draft" not in said(page)
    for file in (ROOT / "data" / "flows").glob("*.yml"):
        flow = load_flow(file)
        assert f'<a href="/flows/{flow.id}"><strong>{flow.title}</strong></a>' in html.unescape(page.text)
    make_draft(record, ('title: "A small slip"', 'title: "A slip"'))
    assert "There is a draft, changed last by Ada Okafor" in said(client.get("/flows"))


def test_a_flow_that_came_with_a_new_program_is_named_until_it_is_published(bot, tmp_path, migrated_sqlite):
    shutil.copy(migrated_sqlite, tmp_path / "old.db")
    shutil.copytree(ROOT / "data" / "policies", tmp_path / "data" / "policies")
    (tmp_path / "data" / "flows").mkdir()
    shutil.copy(ROOT / "data" / "flows" / "problem_post.yml", tmp_path / "data" / "flows")
    url = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(url)
    publish_first(database, tmp_path / "data")
    database.dispose()
    desk = Desk(settings_for(bot.port, url))
    desk.start()
    try:
        with closing(visit(desk.url, "Ada Okafor")) as client:
            words = said(client.get("/flows"))
    finally:
        desk.stop()
    files = "data/flows/breach.yml , data/flows/personal_use.yml , data/flows/third_party.yml"
    assert f"Never published, so not in use: {files}" in words
    assert "amends flow publish breach" in words


def test_the_overview_shows_every_part_with_its_condition_in_plain_words(client, record):
    page = client.get(FLOWS)
    content = edits.content(live_text(record))
    for name, section in SECTIONS.items():
        part = content.get(name, {})
        ids = ["all"] if section.single else range(1, len(part) + 1) if section.listed else part
        for id_ in ids:
            assert f'href="{FLOWS}/{name}/{id_}"' in page.text, (name, id_)
    words = said(page)
    assert "It went out from us, whoever did it" in words
    assert "Who could be hurt is at most 'Inconvenience or embarrassment (mostly ours)'" in words
    assert "gate B2 (Court case or anonymity) or B4 (Safeguarding) applies" in words
    assert "Proved for every possible set of answers" in words
    assert "You see the live version" in words
    assert "any_of" not in words
    assert "at_least" not in words


def first_and_last(content):
    """Two elements of each section; tests/flows/test_edits.py has them all, without the pages."""
    for name, section in SECTIONS.items():
        part = content.get(name, {})
        ids = ["all"] if section.single else [1, len(part)] if section.listed else [*list(part)[:1], *list(part)[-1:]]
        yield from (f"{name}/{id_}" for id_ in dict.fromkeys(ids))


def test_a_form_sent_as_it_was_drawn_changes_nothing(client, record):
    for where in first_and_last(edits.content(live_text(record))):
        answer = open_form(client, where).send(client, follow_redirects=False)
        assert answer.status_code == 303, (where, said(answer))
        assert draft(record) is None, where


def test_a_letter_is_added_in_the_flow_that_had_none_and_changed_in_one_that_has_some(client, record):
    form = open_form(client, "letters")
    form["f.title"] = "A note to the one who complained"
    form["f.goes_with"] = ["respond"]
    form["f.points"] = "What happened: ___.\nWhom to ask: ___."
    assert "Saved in the draft: the letter" in said(form.send(client))
    (letter,) = edits.content(draft(record))["letters"].values()
    assert letter["points"] == ["What happened: ___.", "Whom to ask: ___."]
    page = client.get("/flows/breach")
    assert 'href="/flows/breach/letters/ico_report"' in page.text
    assert "Proved for every possible set of answers" in said(page)


def test_how_people_begin_to_tell_of_it_is_changed_beside_the_title_and_can_be_taken_away(client, record):
    form = open_form(client, "about/all")
    assert "there is a problem with our post" in form["f.says"]
    form["f.says"] = "our poster has a mistake\n\n  our banner   is wrong "
    assert "Saved in the draft" in said(form.send(client))
    assert edits.content(draft(record))["says"] == ["our poster has a mistake", "our banner is wrong"]
    assert "our poster has a mistake; our banner is wrong" in said(client.get(FLOWS))
    form = open_form(client, "about/all")
    form["f.says"] = ""
    assert "Saved in the draft" in said(form.send(client))
    assert "says" not in edits.content(draft(record))
    assert draft(record).startswith(live_text(record).partition("says:")[0])


def test_a_change_of_words_changes_one_line_of_the_draft(client, record):
    form = open_form(client, "rows/P14")
    form["f.title"] = "  A slip,   and 'no more': really\t"
    page = form.send(client)
    assert "Saved in the draft: the row P14." in said(page)
    assert "You see the draft" in said(page)
    assert draft(record) == live_text(record).replace('"A small slip"', "\"A slip, and 'no more': really\"")
    assert "Proved for every possible set of answers" in said(page)


def test_lines_are_added_moved_and_removed_without_saving_or_losing_anything(client, record):
    form = open_form(client, "rows/P14")
    form["f.title"] = "Half a title"
    form["f.when.new"] = "spread"
    page = form.send(client, "line:f.when")
    form = Filled(page)
    assert form["f.title"] == "Half a title"
    assert form["f.when.lines.3.what"] == "spread"
    assert 'id="f-when.lines.3" tabindex="-1" data-focus' in page.text
    form["f.when.lines.3.how"] = "at_least"
    form["f.when.lines.3.options"] = "shared"
    form = Filled(form.send(client, "add:f.do"))
    assert form["f.when.lines.3.options"] == "shared"
    form["f.do.3.code"] = "hold"
    form["f.do.3.how"] = "Wait a little."
    form = Filled(form.send(client, "up:f.do.3"))
    assert [form[f"f.do.{n}.code"] for n in range(4)] == ["take_down", "respond", "hold", "apologise"]
    form = Filled(form.send(client, "remove:f.do.0"))
    assert [form[f"f.do.{n}.code"] for n in range(3)] == ["respond", "hold", "apologise"]
    assert draft(record) is None
    assert form.send(client).url.path == FLOWS
    row = edits.content(draft(record))["rows"]["P14"]
    assert row["when"] == {**edits.content(live_text(record))["rows"]["P14"]["when"], "spread": {"at_least": "shared"}}
    assert row["do"][:2] == [{"respond": {"unless": {"spread": "unseen"}}}, {"hold": {"how": "Wait a little."}}]
    assert row["title"] == "Half a title"


def test_groups_of_lines_are_made_and_nested(client, record):
    form = open_form(client, "gates/B6")
    form["f.when.new"] = "any_of"
    form = Filled(form.send(client, "line:f.when"))
    for part, what in ((0, "harm"), (1, "not")):
        form[f"f.when.lines.1.parts.{part}.new"] = what
        form = Filled(form.send(client, f"line:f.when.lines.1.parts.{part}"))
    form["f.when.lines.1.parts.0.lines.0.how"] = "at_least"
    form["f.when.lines.1.parts.0.lines.0.options"] = "upset"
    form["f.when.lines.1.parts.1.lines.0.parts.0.new"] = "ours"
    form = Filled(form.send(client, "line:f.when.lines.1.parts.1.lines.0.parts.0"))
    form["f.when.lines.1.parts.1.lines.0.parts.0.lines.0.how"] = "yes"
    page = form.send(client)
    assert page.url.path == FLOWS, said(page)
    when = edits.content(draft(record))["gates"]["B6"]["when"]
    assert when == {"issue": "commitment", "any_of": [{"harm": {"at_least": "upset"}}, {"not": {"ours": "yes"}}]}


def test_what_is_nested_too_deeply_is_shown_in_words_and_kept(client, record):
    deep = "{any_of: [{not: {any_of: [{harm: death}, {spread: press}]}}, {ours: yes}]}"
    make_draft(record, ("    when: {issue: commitment}\n    add:", f"    when: {deep}\n    add:"))
    page = client.get(f"{FLOWS}/gates/B6")
    assert "nested too deeply for a form" in said(page)
    assert "Either (who could be hurt is 'Death or grave danger') or (how far it has gone is 'Journalists" in said(page)
    form = Filled(page)
    form["f.title"] = "Contracts"
    form.send(client)
    assert f"    when: {deep}\n" in draft(record)
    assert edits.content(draft(record))["gates"]["B6"]["title"] == "Contracts"


def test_a_save_that_is_not_well_formed_is_refused_beside_the_field_and_the_words_stay(client, record):
    form = open_form(client, "rows/P14")
    form["f.reason"] = ""
    form["f.do.0.code"] = ""
    form["f.title"] = "My words"
    page = form.send(client)
    assert page.status_code == 422
    assert "This was not saved." in said(page)
    assert re.search(r'<p class="wrong" id="e-reason">reason is empty\.</p>', page.text)
    assert 'href="#f-reason"' in page.text
    assert Filled(page)["f.title"] == "My words"
    assert draft(record) is None


def test_a_mistake_in_an_option_stands_beside_that_option(client, record):
    form = open_form(client, "questions/harm")
    form["f.options.2.label"] = "Nobody"
    page = form.send(client)
    assert page.status_code == 422
    assert re.search(r'<p class="wrong" id="e-options.2.label">upset has the same words as none\.', page.text)
    form = open_form(client, "questions/harm")
    form["f.options.4.says"] = (
        "it is bad\r\n" + Filled(client.get(f"{FLOWS}/questions/harm"))["f.options.0.says"].split("\r\n")[0]
    )
    page = form.send(client)
    assert page.status_code == 422
    assert "is said for" in said(page)
    assert draft(record) is None


def test_what_is_typed_is_checked_and_nothing_is_saved(client, record):
    form = open_form(client, "questions/harm")
    form["f.options.1.says"] = form["f.options.1.says"] + "\r\nnobody gets hurt"
    form["f.ask"] = (
        "Notwithstanding aforementioned considerations, characterise hypothetical repercussions comprehensively."
    )
    page = form.send(client, to=f"{FLOWS}/questions/harm/check", headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert "<html" not in page.text
    assert "'nobody gets hurt' is said for none too" in said(page)
    assert draft(record) is None
    form = open_form(client, "questions/harm")
    form["f.options.1.says"] = form["f.options.1.says"] + "\r\nit does not hurt anyone"
    form["f.options.1.label"] = "x" * 90
    page = form.send(client, to=f"{FLOWS}/questions/harm/check")
    assert "cannot be told apart" in said(page)
    assert "a Slack button shows 75" in said(page)
    assert "Well formed." in said(page)


def test_without_script_a_button_checks(client, record):
    form = open_form(client, "rows/P14")
    form["f.reason"] = " "
    page = form.send(client, "check")
    assert page.status_code == 200
    assert "reason is empty." in said(page)
    assert Filled(page)["f.title"] == "A small slip"
    assert draft(record) is None


def test_a_new_row_is_put_before_the_last_and_gets_a_name(client, record):
    form = open_form(client, "rows")
    form["f.title"] = "A parrot said it!"
    form["f.when.new"] = "origin"
    form = Filled(form.send(client, "line:f.when"))
    form["f.when.lines.0.options"] = ["event", "unknown"]
    form = Filled(form.send(client, "add:f.do"))
    form["f.do.0.code"] = "hold"
    form["f.confidence"] = "low"
    form["f.reason"] = "Parrots are not accountable."
    form["f.clauses"] = ["CC-14.1"]
    wrong = form.send(client, "checking")
    assert "Well formed." in said(wrong)
    page = form.send(client)
    assert "Saved in the draft: the row a_parrot_said_it." in said(page), said(page)[:800]
    rows = edits.content(draft(record))["rows"]
    assert list(rows)[-2:] == ["a_parrot_said_it", "P21"]
    assert rows["a_parrot_said_it"] == {
        "title": "A parrot said it!",
        "when": {"origin": ["event", "unknown"]},
        "do": ["hold"],
        "confidence": "low",
        "reason": "Parrots are not accountable.",
        "clauses": ["CC-14.1"],
    }


def test_a_new_question_with_options_and_a_rule_that_uses_it(client, record):
    form = open_form(client, "questions")
    form["f.topic"] = "who has apologised already"
    form["f.ask"] = "Has anybody apologised already?"
    form["f.why"] = "Two apologies are one too many."
    for n, label in enumerate(("Yes, in public", "No")):
        form = Filled(form.send(client, "add:f.options"))
        form[f"f.options.{n}.label"] = label
        form[f"f.options.{n}.says"] = f"{label} indeed\r\n\r\n  twice  over {n} "
    form = Filled(form.send(client, "check"))
    form["f.when_missing"] = "no"
    page = form.send(client)
    assert page.url.path == FLOWS, said(page)
    question = edits.content(draft(record))["questions"]["who_has_apologised_alrea"]
    assert question["options"]["yes_in_public"]["says"] == ["Yes, in public indeed", "twice over 0"]
    assert question["when_missing"] == "no"
    assert "kind" not in question
    # It has no effect yet, and the overview says so with a way to it.
    assert "has no effect: whatever is answered, the advice is the same" in said(page)
    assert "It cannot be published like this" in said(page)
    assert f'href="{FLOWS}/questions/who_has_apologised_alrea"' in page.text


def test_new_names_go_everywhere(client, record):
    form = open_form(client, "questions/harm")
    form["f.id"] = "hurt"
    n = next(n for n in range(9) if form[f"f.options.{n}.code"] == "upset")
    form[f"f.options.{n}.code"] = "sad"
    page = form.send(client)
    assert page.url.path == FLOWS, said(page)
    flow = parse_flow(draft(record))
    assert "hurt" in flow.questions
    assert "{hurt: {at_least: sad}}" in draft(record)
    assert "harm:" not in draft(record)
    assert edits.content(draft(record))["questions"]["hurt"]["when_missing"] == "sad"


def test_parts_are_moved_and_removed(client, record):
    token = {"csrf": field(client.get(FLOWS), "csrf")}
    page = client.post(f"{FLOWS}/rows/P14/move", data={**token, "by": "up"})
    assert "Moved: the row P14." in said(page)
    rows = list(edits.content(draft(record))["rows"])
    assert rows.index("P14") == rows.index("P20") - 1
    page = client.post(f"{FLOWS}/safe_steps/2/move", data={**token, "by": "down"})
    assert edits.content(draft(record))["safe_steps"][2]["says"] == "Pause scheduled posts and bots."
    page = client.post(f"{FLOWS}/wording/N17/remove", data=token)
    assert "Removed: the wording rule N17." in said(page)
    assert "N17" not in edits.content(draft(record))["wording"]
    before = draft(record)
    page = client.post(f"{FLOWS}/gates/B3/remove", data=token)
    assert page.status_code == 422
    assert "Something else needs it. There is no gate called B3." in said(page)
    assert draft(record) == before


def test_a_change_that_the_proof_does_not_bear_is_saved_and_told_with_a_situation(client):
    form = open_form(client, "rows/P01")
    form.pairs = [pair for pair in form.pairs if not pair[0].startswith("f.when.lines")]
    page = form.send(client)
    words = said(page)
    assert "It cannot be published like this" in words
    assert "Row P01b (One of our own people misused the account) can never apply" in words
    assert "taken by P01 above it" in words
    assert "For example: where it came from: One of our own people misused the account deliberately" in words
    assert f'href="{FLOWS}/rows/P01b"' in page.text
    assert "What the flow does there" in words


# two owners


def test_two_owners_in_different_places_do_not_disturb_each_other(client, bea, record):
    one, other = open_form(client, "rows/P14"), open_form(bea, "rows/P15")
    one["f.title"], other["f.title"] = "From Ada", "From Bea"
    one.send(client)
    assert other.send(bea).url.path == FLOWS
    rows = edits.content(draft(record))["rows"]
    assert (rows["P14"]["title"], rows["P15"]["title"]) == ("From Ada", "From Bea")


def test_the_second_owner_sees_the_first_ones_change_and_keeps_their_words(client, bea, record):
    one, other = open_form(client, "rows/P14"), open_form(bea, "rows/P14")
    one["f.title"] = "From Ada"
    one["f.when.lines.1.how"] = "any"
    other["f.title"] = "From Bea"
    one.send(client)
    before = draft(record)
    page = other.send(bea)
    assert page.status_code == 409
    assert "Nothing was saved. Ada Okafor changed this row while you were changing it." in said(page)
    assert draft(record) == before
    form = Filled(page)
    assert form["f.title"] == "From Bea"
    rows = re.findall(r'<tr><th scope="row".*?</tr>', page.text, re.DOTALL)
    told = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]
    assert told[0] == "Title From Ada From Bea"
    assert len(told) == 2, told
    assert told[1].startswith("Applies when it went out from us, whoever did it, and who could be hurt is 'Inconv")
    # Whoever has seen it may put theirs in its place.
    assert form.send(bea).url.path == FLOWS
    assert edits.content(draft(record))["rows"]["P14"]["title"] == "From Bea"


def test_an_element_that_was_removed_meanwhile(client, bea, record):
    other = open_form(bea, "wording/N17")
    other["f.says"] = "My own words."
    client.post(f"{FLOWS}/wording/N17/remove", data={"csrf": field(client.get(FLOWS), "csrf")})
    page = other.send(bea)
    assert page.status_code == 409
    assert "Somebody removed this wording rule" in said(page)
    assert Filled(page)["f.says"] == "My own words."
    assert Filled(page).send(bea).url.path == FLOWS
    assert edits.content(draft(record))["wording"]["N17"]["says"] == "My own words."


def test_what_was_changed_is_not_removed_unseen(client, bea, record):
    page = client.get(FLOWS)
    seen = re.search(r'action="[^"]*/rows/P14/remove">.*?name="seen" value="([0-9a-f]+)"', page.text, re.DOTALL)[1]
    form = open_form(bea, "rows/P14")
    form["f.title"] = "From Bea"
    form.send(bea)
    page = client.post(f"{FLOWS}/rows/P14/remove", data={"csrf": field(page, "csrf"), "seen": seen})
    assert page.status_code == 409
    assert "Look at it again first" in said(page)
    assert "P14" in edits.content(draft(record))["rows"]


def test_many_owners_at_once_lose_nothing(desk, record):
    names = ["P03", "P04", "P05", "P06", "P07", "P08"]
    clients = [visit(desk.url, f"Owner {name}") for name in names]
    forms = [open_form(client, f"rows/{name}") for client, name in zip(clients, names, strict=True)]
    for form, name in zip(forms, names, strict=True):
        form["f.title"] = f"Changed {name}"
    with ThreadPoolExecutor(len(names)) as pool:
        answers = list(
            pool.map(lambda pair: pair[0].send(pair[1], follow_redirects=False), zip(forms, clients, strict=True))
        )
    assert [answer.status_code for answer in answers] == [303] * len(names)
    rows = edits.content(draft(record))["rows"]
    assert [rows[name]["title"] for name in names] == [f"Changed {name}" for name in names]
    for client in clients:
        client.close()


# the YAML


def test_the_yaml_and_the_forms_are_in_step(client, record):
    form = open_form(client, "rows/P14")
    form["f.title"] = "From the form"
    form.send(client)
    source = open_form(client, "yaml")
    assert source["text"].replace("\r\n", "\n") == draft(record)
    source["text"] = source["text"].replace('"From the form"', '"From the YAML" # and a note')
    assert source.send(client).url.path == FLOWS
    assert '    title: "From the YAML" # and a note\n' in draft(record)
    form = open_form(client, "rows/P14")
    assert form["f.title"] == "From the YAML"
    form["f.title"] = "And again"
    form.send(client)
    assert '    title: "And again" # and a note\n' in draft(record)


def test_yaml_with_mistakes_is_refused_with_line_numbers_and_stays_in_the_box(client, record):
    source = open_form(client, "yaml")
    source["text"] = source["text"].replace("when: {origin: hijack}", "when: {origin: hijak}")
    page = source.send(client)
    assert page.status_code == 422
    assert "There is no option of origin called hijak. Did you mean hijack?" in said(page)
    line = live_text(record)[: live_text(record).index("when: {origin: hijack}")].count("\n") + 1
    assert f'href="#line-{line}"' in page.text
    assert f'id="line-{line}" class="wrong"' in page.text
    assert "hijak" in Filled(page)["text"]
    assert draft(record) is None
    page = source.send(client, to=f"{FLOWS}/yaml/check", headers={"HX-Request": "true"})
    assert f"Line {line} : There is no option of origin called hijak." in said(page)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rows: [", "This cannot be read as YAML"),
        ("", "The file is empty."),
        ("- one\n- two", "The file starts with names"),
        ("a: &a [1, 2]\nb: [*a, *a]", "An anchor (&name) is not allowed here."),
        ("flow: \u202etsop", "An invisible character (U+202E) stands here."),
        ("a: 1\na: 2", "a stands here twice."),
        ("flow: x\ntitle: " + "y" * 1_100_000, "The file is larger than 1,000,000 bytes."),
        ("[" * 20_000, "exceeded maximum nesting depth"),
    ],
    ids=["not yaml", "empty", "a list", "anchors", "right to left", "twice", "too large", "deep"],
)
def test_bad_yaml_is_a_sentence(client, record, text, sentence):
    source = open_form(client, "yaml")
    source["text"] = text
    page = source.send(client)
    assert page.status_code == 422
    assert sentence in said(page)
    assert draft(record) is None


def test_five_megabytes_are_refused_with_a_sentence(client):
    source = open_form(client, "yaml")
    source["text"] = "x" * 6_500_000
    page = source.send(client)
    assert page.status_code == 413
    assert "A flow has at most a million characters" in said(page)


def test_two_owners_in_the_yaml(client, bea, record):
    one, other = open_form(client, "yaml"), open_form(bea, "yaml")
    one["text"] = one["text"].replace("A small slip", "From Ada")
    other["text"] = other["text"].replace("A post has gone wrong", "From Bea")
    one.send(client)
    page = other.send(bea)
    assert page.status_code == 409
    assert "Ada Okafor changed the flow while you were changing it" in said(page)
    assert "From Bea" in Filled(page)["text"]
    assert re.search(r'class="theirs".*?From Ada', page.text, re.DOTALL)
    assert re.search(r'class="yours".*?From Bea', page.text, re.DOTALL)
    assert "From Bea" not in draft(record)


# who may


def test_who_is_no_policy_owner_may_look_and_not_change(bot, database_url, record):
    desk = Desk(settings_for(bot.port, database_url, policy_owners="Cy Young"))
    desk.start()
    try:
        with closing(visit(desk.url)) as client:
            for where in ("", "/rows/P14", "/yaml", "/questions"):
                page = client.get(FLOWS + where)
                assert page.status_code == 200
                assert "Only policy owners can change it" in said(page)
                assert "Save in the draft" not in said(page)
            form = open_form(client, "rows/P14")
            form["f.title"] = "Not mine"
            for page in (
                form.send(client),
                client.post(f"{FLOWS}/rows/P14/move", data={"csrf": form["csrf"], "by": "up"}),
                client.post(f"{FLOWS}/rows/P14/remove", data={"csrf": form["csrf"]}),
                client.post(f"{FLOWS}/yaml", data={"csrf": form["csrf"], "text": "my long text", "seen": ""}),
            ):
                assert page.status_code == 403
                assert "only policy owners can change it" in said(page)
            assert "my long text" in page.text
            assert draft(record) is None
        with closing(visit(desk.url, "cy  young")) as client:
            assert "Save in the draft" in said(client.get(f"{FLOWS}/rows/P14"))
    finally:
        desk.stop()


def test_forms_of_others_are_refused(client, record):
    form = open_form(client, "rows/P14")
    form["csrf"] = "something else"
    form["f.title"] = "Foreign"
    assert form.send(client).status_code == 403
    assert client.post(f"{FLOWS}/rows/P14/remove", data={}).status_code == 403
    assert draft(record) is None


def test_addresses_that_lead_nowhere(client):
    for where in ("/flows/no_such", f"{FLOWS}/rows/P99", f"{FLOWS}/levels/9", f"{FLOWS}/levels/x", f"{FLOWS}/nothing"):
        assert client.get(where).status_code == 404, where


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/flows\\@evil", "/start"])
def test_the_way_back_from_the_name_stays_here(desk, back):
    with httpx.Client(base_url=desk.url) as client:
        page = client.get("/who", params={"back": back})
        answer = client.post("/who", data={"csrf": field(page, "csrf"), "back": back, "name": "Ada"})
        assert answer.headers["Location"] == "/flows"


@pytest.mark.parametrize(
    "press", ["add:f.nothing.at.all", "remove:f.do.99", "up:f.do.x", "line:f.title", "nonsense", "add:"]
)
def test_buttons_that_are_not_there_do_nothing(client, press):
    form = open_form(client, "rows/P14")
    page = form.send(client, press)
    assert page.status_code == 200
    assert Filled(page)["f.title"] == "A small slip"
