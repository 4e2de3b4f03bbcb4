"""The plain editor of clauses: what it saves, what it refuses, and two owners in it at once."""

import pytest

from amends.console.clause_form import form_of, form_sent
from amends.policies import clauses_of
from amends.settings import ROOT
from amends.workshop import Document, draft_of, history, live
from tests.console.test_publishing import POLICY, Visit, draft, field, found, words

TEXT = (ROOT / "data" / "policies" / "social_media.yml").read_text("utf-8")
CLAUSE = "/policies/social_media/SM-2.3"


@pytest.fixture
def olga(desk):
    visit = Visit(desk.url)
    yield visit
    visit.client.close()


def sent(id_="SM-2.3", source=TEXT, **changed):
    """What a browser sends of the form of a clause, with some fields filled in otherwise."""
    form = form_of(clauses_of(source)[id_])
    fields = {
        "title": form.title,
        "text": form.text,
        "keywords": "\r\n".join(form.keywords),
        "supports": form.supports,
        "forbids": form.forbids,
        "owner": form.owner,
        "legal": form.legal,
        "mark": form.mark,
    }
    for n, row in enumerate(form.rows, 1):
        fields[f"tag.{n}"] = row
    for n, (other, why) in enumerate(form.gives_way, 1):
        fields |= {f"beats.{n}": other, f"because.{n}": why}
    return fields | changed


def save(visit, path=CLAUSE, page=None, **fields):
    page = page or visit.get(path)
    hidden = {name: field(page, name) for name in ("csrf", "seen")}
    return visit.client.post(path, data={**hidden, **fields})


def test_a_changed_field_changes_its_line_and_nothing_else(olga, record):
    page = save(olga, **sent(title="Correct it openly"))
    assert "Saved in the draft: clause SM-2.3." in words(page)
    assert found(record, draft_of, POLICY).text == TEXT.replace('"Correct in the open"', '"Correct it openly"')
    assert found(record, live, POLICY).text == TEXT


def test_every_clause_that_ships_goes_through_the_form_unchanged(olga, record):
    for path in sorted((ROOT / "data" / "policies").glob("*.yml")):
        text = path.read_text("utf-8")
        for id_ in clauses_of(text):
            page = save(olga, f"/policies/{path.stem}/{id_}", **sent(id_, text))
            assert page.status_code == 200, words(page)
            assert found(record, draft_of, Document("policy", path.stem)) is None, id_


def test_answers_reasons_and_responses_are_picked(olga, record):
    rows = {"tag.1": ["issue:slip", ""], "tag.2": ["issue:wrong_fact", "harm:upset"], "tag.3": ["", ""]}
    more = {"supports": ["respond", "apologise"], "forbids": ["make_light"], "beats.1": "SM-2.6", "because.1": "a test"}
    page = save(olga, **sent(**rows, **more, keywords="put right\r\n\r\n put  right \r\nfix"))
    assert page.status_code == 200, words(page)
    clause = clauses_of(found(record, draft_of, POLICY).text)["SM-2.3"]
    assert clause.applies_when == ("issue:slip", "issue:wrong_fact+harm:upset")
    assert (clause.supports, clause.forbids) == (("respond", "apologise"), ("make_light",))
    assert (clause.keywords, clause.beats) == (("put right", "fix"), {"SM-2.6": "a test"})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " "}, "Title is empty."),
        ({"text": ""}, "Text is empty."),
        ({"legal": ""}, 'Law is empty. Write "none (policy only)".'),
        ({"mark": "X"}, "Say whether the law was seen in a source."),
        ({f"tag.{n}": "" for n in range(1, 6)}, "Pick at least one answer for which it is shown."),
        ({"forbids": ["respond"]}, "It cannot argue both for and against respond."),
        ({"beats.1": "SM-2.6", "because.1": " "}, "Say why this goes before SM-2.6."),
        ({"beats.1": "SM-2.3", "because.1": "x"}, "A clause cannot give way to itself."),
        ({"supports": ["laugh"]}, "laugh"),
        ({"tag.1": ["issue:nothing_of_the_kind", ""]}, "nothing_of_the_kind"),
        ({"text": "x" * 4_001}, "Text is longer than 4,000 characters."),
        ({"title": "turned \u202e round"}, "An invisible character (U+202E)"),
    ],
)
def test_what_is_not_in_order_is_said_and_not_saved(olga, record, fields, sentence):
    page = save(olga, **sent(**({"owner": "Somebody new"} | fields)))
    assert page.status_code == 422
    assert "This was not saved." in words(page)
    assert sentence in words(page).replace("&#39;", "'").replace("&#34;", '"')
    assert 'value="Somebody new"' in page.text
    assert found(record, draft_of, POLICY) is None


def test_it_is_checked_while_one_types_and_nothing_is_saved(olga, record):
    page = olga.get(CLAUSE)
    hidden = {name: field(page, name) for name in ("csrf", "seen")}
    wrong = olga.client.post(f"{CLAUSE}/check", data={**hidden, **sent(title="")})
    assert "Title is empty." in words(wrong)
    good = olga.client.post(f"{CLAUSE}/check", data={**hidden, **sent(title="Better")})
    assert "This can be saved." in words(good)
    assert found(record, draft_of, POLICY) is None


def test_the_second_owner_of_a_clause_is_shown_the_first_ones_change_and_loses_no_word(olga, record):
    page = olga.get(CLAUSE)
    draft(record, POLICY, "Correct in the open", "Ivan's title")
    page = save(olga, page=page, **sent(title="Olga's title"))
    said = words(page).replace("&#39;", "'")
    assert page.status_code == 409
    assert "Ivan changed this clause while you were changing it. Your words are still in the form below." in said
    assert "Title Ivan's title Olga's title" in said
    assert 'value="Olga&#39;s title"' in page.text
    assert "Ivan's title" in found(record, draft_of, POLICY).text
    save(olga, page=page, **sent(title="Olga's title"))
    assert "Olga's title" in found(record, draft_of, POLICY).text


def test_owners_of_different_clauses_are_not_in_each_others_way(olga, record):
    page = olga.get(CLAUSE)
    draft(record, POLICY, "Same status as a press release", "Ivan's title")
    assert save(olga, page=page, **sent(title="Olga's title")).status_code == 200
    text = found(record, draft_of, POLICY).text
    assert "Ivan's title" in text
    assert "Olga's title" in text


def test_a_clause_that_somebody_removed_can_be_put_back_with_ones_own_words(olga, record):
    page = olga.get("/policies/social_media/SM-2.2")
    begin, end = TEXT.index("  SM-2.2:"), TEXT.index("  SM-2.3:")
    draft(record, POLICY, TEXT[begin:end], "")
    fields = sent("SM-2.2", title="Olga's title")
    page = save(olga, "/policies/social_media/SM-2.2", page, **fields)
    assert (page.status_code, "Ivan removed this clause" in words(page)) == (409, True)
    save(olga, "/policies/social_media/SM-2.2", page, **fields)
    assert clauses_of(found(record, draft_of, POLICY).text)["SM-2.2"].title == "Olga's title"


def test_a_new_clause(olga, record):
    new = "/policies/social_media/new-clause"
    fields = sent(title="Brand new")
    page = olga.get(new)
    assert (save(olga, new, page, **fields, id="SM-2.1").status_code, found(record, draft_of, POLICY)) == (422, None)
    assert "There is a clause DP-5.1 already" in words(save(olga, new, page, **fields, id="DP-5.1"))
    assert "Give it a number" in words(save(olga, new, page, **fields, id="my clause"))
    assert save(olga, new, page, **fields, id="SM-2.9").status_code == 200
    text = found(record, draft_of, POLICY).text
    assert text.startswith(TEXT.rstrip("\n"))
    assert clauses_of(text)["SM-2.9"].title == "Brand new"


def test_before_a_clause_is_removed_it_is_said_who_rests_on_it(olga, record):
    page = olga.get("/policies/social_media/SM-2.1/remove")
    assert "Rules rest on it." in words(page)
    assert "P08a of" in words(page)
    assert "Other clauses say that they go before it." in words(olga.get("/policies/social_media/SM-2.4/remove"))
    done = olga.post("/policies/social_media/SM-2.1/remove", page)
    assert "Removed from the draft: clause SM-2.1." in words(done)
    assert "SM-2.1" not in clauses_of(found(record, draft_of, POLICY).text)
    said = words(olga.get("/policies/social_media/publish"))
    assert "P08a of the flow problem_post rests on SM-2.1, which would be gone." in said
    assert len(found(record, history, POLICY)) == 1


def test_a_clause_that_changed_is_not_removed_unseen(olga, record):
    page = olga.get(f"{CLAUSE}/remove")
    draft(record, POLICY, "Correct in the open", "Ivan's title")
    assert olga.post(f"{CLAUSE}/remove", page).status_code == 409
    assert "SM-2.3" in clauses_of(found(record, draft_of, POLICY).text)


def test_the_yaml_is_the_same_draft(olga, record):
    page = olga.get("/policies/social_media/yaml")
    assert "# Social media. Our own words" in page.text
    draft(record, POLICY, "Correct in the open", "Ivan's title")
    late = olga.post("/policies/social_media/yaml", page, text=TEXT.replace("Humour", "Jokes"))
    assert late.status_code == 409
    assert "Ivan's title" in words(late).replace("&#39;", "'")
    assert "Jokes" in late.text
    fine = olga.post("/policies/social_media/yaml", late, text=TEXT.replace("Humour", "Jokes").replace("\n", "\r\n"))
    assert fine.status_code == 200
    assert found(record, draft_of, POLICY).text == TEXT.replace("Humour", "Jokes")
    wrong = olga.post("/policies/social_media/yaml", text=TEXT.replace("clauses:", "clases:"))
    assert (wrong.status_code, "This was not saved." in words(wrong)) == (422, True)
    checked = olga.post("/policies/social_media/yaml", text=TEXT.replace("clauses:", "clases:"), press="check")
    assert (checked.status_code, "line-" in checked.text) == (200, True)
    assert found(record, draft_of, POLICY).text == TEXT.replace("Humour", "Jokes")


def test_an_answer_with_three_parts_is_kept():
    form = form_sent([("tag.1", "a:b"), ("tag.1", "c:d"), ("tag.1", "e:f"), ("tag.2", "")], "X-1")
    assert form.tags == [["a:b", "c:d", "e:f"]]
    assert form.rows[0] == ["a:b", "c:d", "e:f"]
