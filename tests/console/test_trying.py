"""The page that tries a flow, over HTTP: what it advises, what the address carries, what can be loaded, and by whom."""

import html
import json
import re
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from sqlalchemy import text

from amends.access import audit
from amends.console.situation import pairs_of
from amends.flows import decide, load_flow, parse_answers, parse_flow
from amends.known import known_of
from amends.settings import ROOT, Settings
from tests.console.workshop import (
    SLIP,
    WORDS,
    add_incident,
    case_facts,
    give_name,
    id_of,
    live_flow,
    live_text,
    make_draft,
)
from tests.waiting import LONGEST

TRY = "/flows/problem_post/try"
FACTS = {
    "origin": "own_post",
    "issue": ["slip", "profanity"],
    "personal_data": "none",
    "harm": "annoyance",
    "tragedy": "absent",
    "protected": "absent",
    "legal": ["none"],
    "control": "can_remove",
    "spread": "few",
}


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, timeout=LONGEST) as client:
        yield client


def ask(client, facts=FACTS, **more):
    return client.get(TRY, params=[*pairs_of(facts, Settings(_env_file=None).zone), *more.items()])


def text_of(answer):
    """What a page says, without its marks, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def steps_of(answer, side=0):
    part = re.findall(r'<ol class="steps">(.*?)</ol>', answer.text, re.DOTALL)[side]
    return [html.unescape(each).lower() for each in re.findall(r"<strong>(.*?)</strong>", part)]


def labels(flow, decision):
    return [flow.codes[step.code].label.lower() for step in decision.steps]


def test_every_public_case_gets_the_advice_that_the_flow_decides(client, record):
    flow = live_flow(record)
    for facts in list(case_facts().values())[::12]:
        answer = ask(client, facts)
        assert answer.status_code == 200
        decision = decide(flow, parse_answers(flow, facts))
        assert steps_of(answer) == labels(flow, decision)
        said = text_of(answer)
        assert f"Level {decision.level}, {decision.level_name}." in said
        for deadline in decision.deadlines:
            assert deadline.title in said
        for reason in decision.forbidden.values():
            assert reason in said
        for traced in decision.trace:
            if traced.did != "does not offer":
                assert f"{traced.rule}, {traced.title}" in said
        for clause in decision.cites:
            assert clause in said


def test_clauses_stand_there_with_title_and_text(client):
    said = text_of(ask(client))
    assert "SM-2.3 " in said
    assert re.search(r"SM-2\.3 [A-Z][a-z]+", said)
    assert "a rule that applied rests on it" in said


def test_what_can_still_change_the_advice_leads_to_its_question(client):
    answer = ask(client, {"origin": "own_post"})
    assert "Not settled yet" in answer.text
    assert '<a href="#q-harm">who could be hurt</a>' in answer.text
    assert 'id="q-harm"' in answer.text


def test_without_answers_the_form_is_there_and_says_what_is_missing(client):
    answer = client.get(TRY)
    assert answer.status_code == 200
    assert answer.text.count('<fieldset class="question"') == len(live_names(answer)) + 1
    assert "Not settled yet" in answer.text


def live_names(answer):
    return re.findall(r'id="q-(\w+)"', answer.text)


def test_the_address_of_the_situation_leads_to_the_same_page(client):
    first = ask(client, {**FACTS, "noticed_at": {"posted": None, "noticed": "2026-03-24T21:40:00+00:00"}})
    address = html.unescape(re.search(r'<a href="([^"]+)">Address of this situation', first.text)[1])
    again = client.get(address)
    assert steps_of(again) == steps_of(first)
    assert parse_qs(urlparse(address).query)["issue"] == ["slip", "profanity"]
    assert 'value="2026-03-24T21:40"' in again.text
    assert f'href="{html.escape(address)}">Address' in again.text


def test_a_form_sent_without_script_leads_to_an_address_without_empty_fields(client):
    answer = client.get(TRY, params={"origin": "own_post", "harm": "", "set-nhs": "", "of-version": "live"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{TRY}?of-version=live&origin=own_post"


def test_one_answer_is_cleared_and_the_others_stay(client):
    answer = ask(client, **{"clear-one": "issue"})
    query = parse_qs(urlparse(answer.headers["Location"]).query)
    assert answer.status_code == 303
    assert "issue" not in query
    assert query["harm"] == ["annoyance"]


def test_htmx_gets_the_advice_alone_and_the_line_that_is_read_out(client):
    answer = client.get(
        TRY, params={"origin": "own_post", "harm": ""}, headers={"HX-Request": "true", "HX-Target": "advice"}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.text.lstrip().startswith('<section id="advice"')
    assert 'id="in-short" hx-swap-oob="innerHTML"' in answer.text
    whole = client.get(TRY, params={"clear-one": "origin"}, headers={"HX-Request": "true", "HX-Target": "trying"})
    assert 'id="answers"' in whole.text
    assert "<html" not in whole.text


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"orgin": "own_post"}, "This version has no question orgin."),
        ({"origin": "own_pst"}, "Did you mean own_post?"),
        ({"issue": ["slip", "nonsense"]}, "This version has no option nonsense of issue."),
        ({"noticed_at-noticed": "tomorrow"}, "The time that it was noticed cannot be read"),
        ({"noticed_at-noticed": "0001-01-01T00:00"}, "The time that it was noticed cannot be read"),
        ({"noticed_at-noticed": "2026-01-01T00:00", "noticed_at-posted": "2026-01-02T00:00"}, "before it was posted"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(params, sentence, client):
    answer = client.get(TRY, params=params)
    assert answer.status_code == 200
    assert sentence in text_of(answer)


def test_what_stands_in_an_address_is_never_markup(client):
    evil = "<script>alert(1)</script>"
    for params in ({evil: "x"}, {"origin": evil}, {"loaded-from": evil}, {"of-version": evil}, {"why-not": evil}):
        answer = client.get(TRY, params=params)
        assert evil not in answer.text
        assert answer.status_code in {200, 404}
    assert client.get(TRY, params={"issue": ["x" * 2000] * 20}).status_code == 200


def test_settings_of_the_organisation_can_be_tried_on(client, record):
    flow = live_flow(record)
    facts = {**FACTS, "mood": "some_laugh", "target": "us"}
    for name in flow.settings:
        answer = ask(client, {k: v for k, v in facts.items() if k != "mood"}, **{f"set-{name}": "on"})
        known = {k: v for k, v in facts.items() if k != "mood"}
        assert steps_of(answer) == labels(flow, decide(flow, parse_answers(flow, known), {name}))
        assert re.search(rf'name="set-{name}">.*?<option value="on" selected>', answer.text, re.DOTALL)


def test_a_public_case_is_loaded_with_what_was_done_and_held_right(client):
    answer = client.get(TRY, params={"load-case": "o2-outage-2012"}, follow_redirects=True)
    assert parse_qs(urlparse(str(answer.url)).query)["origin"] == ["event"]
    said = text_of(answer)
    assert "The answers began with O2 (UK), 2012" in said
    assert "What they did:" in said
    assert client.get(TRY, params={"load-case": "no-such-case"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "situation", "answer"),
    [
        ("third_party", "parody-account", ("content", "parody")),
        ("personal_use", "colleague-harassed", ("who_posted", "staff")),
        ("breach", "home-addresses-online", ("happened", "published")),
    ],
)
def test_a_situation_of_another_flow_is_loaded_with_what_is_expected_there(client, name, situation, answer):
    known = known_of(name, ROOT / "data")
    page = client.get(f"/flows/{name}/try")
    cases = page.text.partition('id="load-case"')[2].partition("</select>")[0]
    offered = re.findall(r'<option value="([a-z0-9-]+)"', cases)
    assert offered == list(known)
    loaded = client.get(f"/flows/{name}/try", params={"load-case": situation}, follow_redirects=True)
    assert parse_qs(urlparse(str(loaded.url)).query)[answer[0]] == [answer[1]]
    said = text_of(loaded)
    assert f"The answers began with {known[situation].title}" in said
    assert known[situation].expected.why in said
    flow = load_flow(ROOT / "data" / "flows" / f"{name}.yml")
    assert steps_of(loaded) == [flow.codes[code].label.lower() for code in known[situation].expected.advised]


def test_an_incident_of_mine_is_loaded_and_somebody_elses_is_not_even_there(client, record):
    give_name(client)
    mine = add_incident(record, {**FACTS, "harm": {"value": "upset", "inferred": True}}, reporter=id_of(record))
    theirs = add_incident(record, FACTS)
    answer = client.get(TRY, params={"load-incident": f" {mine.lower()} "}, follow_redirects=True)
    assert parse_qs(urlparse(str(answer.url)).query)["harm"] == ["upset"]
    assert f"The answers began with {mine}" in text_of(answer)
    assert f'<option value="{mine}">' in answer.text
    assert theirs not in answer.text
    assert WORDS not in answer.text
    refused, unknown = (client.get(TRY, params={"load-incident": each}) for each in (theirs, "INC-2026-9999"))
    assert refused.status_code == unknown.status_code == 404
    assert text_of(refused).replace(theirs, "") == text_of(unknown).replace("INC-2026-9999", "")


def test_that_an_incident_was_loaded_is_in_the_audit_and_what_was_refused_is_not(client, record):
    give_name(client)
    mine = add_incident(record, FACTS, reporter=id_of(record))
    others = add_incident(record, FACTS), add_incident(record, FACTS, reporter=id_of(record), flow_id="another")
    for reference in (mine, *others, "INC-2026-9999"):
        client.get(TRY, params={"load-incident": reference})
    client.get(TRY)
    with record.read() as session:
        assert audit.verify(session).damage == ""
        (entry,) = audit.entries(session)
    assert (entry.what, entry.reference, entry.participant_id) == ("viewed_incident", mine, id_of(record))
    assert json.loads(entry.details) == {"page": TRY}


def test_an_incident_is_not_loaded_when_the_audit_cannot_be_written(client, record):
    give_name(client)
    mine = add_incident(record, FACTS, reporter=id_of(record))
    with record.begin() as session:
        session.execute(text("CREATE TRIGGER shut BEFORE INSERT ON access_audit BEGIN SELECT RAISE(ABORT, 'no'); END"))
    answer = client.get(TRY, params={"load-incident": mine})
    assert answer.status_code >= 500
    assert "location" not in answer.headers


def test_an_incident_is_not_loaded_without_a_name_or_into_another_flow(client, record):
    assert "Say who you are" in text_of(client.get(TRY, params={"load-incident": "INC-2026-0001"}))
    give_name(client)
    other = add_incident(record, FACTS, reporter=id_of(record), flow_id="another")
    assert "decided by another flow" in text_of(client.get(TRY, params={"load-incident": other}))


def test_a_draft_is_tried_when_there_is_one_and_the_live_version_on_request(client, record):
    assert "The advice of the live version" in client.get(TRY).text
    draft = parse_flow(make_draft(record, SLIP), "draft")
    old, new = live_flow(record), draft
    facts = {**FACTS, "issue": ["slip"]}
    answers = parse_answers(new, facts)
    assert labels(new, decide(new, answers)) != labels(old, decide(old, answers))
    assert steps_of(ask(client, facts)) == labels(new, decide(new, answers))
    for key in ("live", old.version[:12], old.version):
        assert steps_of(ask(client, facts, **{"of-version": key})) == labels(old, decide(old, answers))


def test_two_versions_stand_side_by_side_with_what_only_one_advises(client, record):
    new = parse_flow(make_draft(record, SLIP), "draft")
    old = live_flow(record)
    facts = {**FACTS, "issue": ["slip"]}
    answer = ask(client, facts, **{"of-version": "draft", "beside-version": "live"})
    answers = parse_answers(new, facts)
    before, after = labels(old, decide(old, answers)), labels(new, decide(new, answers))
    assert (steps_of(answer), steps_of(answer, 1)) == (after, before)
    assert answer.text.count("only here") == len(set(before) ^ set(after)) > 0
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


def test_a_question_that_only_the_older_version_has_can_still_be_answered(client, record):
    text = live_text(record)
    start = text.index("  evidence:\n    topic:")
    end = text.index("\n  spread:\n    topic:")
    make_draft(record, (text[start : end + 1], ""))
    answer = ask(client, {**FACTS, "evidence": "saved"}, **{"of-version": "draft", "beside-version": "live"})
    assert 'id="q-evidence"' in answer.text
    assert 'name="evidence" value="saved" checked' in answer.text
    assert "This version has no question evidence" in answer.text


def test_a_draft_with_mistakes_says_them_and_offers_the_live_version(client, record):
    make_draft(record, ("origin: hijack}\n  - says", "orign: hijack}\n  - says"))
    answer = client.get(TRY)
    assert answer.status_code == 200
    assert re.search(r"Line \d+: .*Did you mean origin\?", text_of(answer))
    assert f'href="{TRY}?of-version=live"' in answer.text
    assert client.get(TRY, params={"of-version": "live"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/flows/no_such_flow/try", "There is no flow called no_such_flow"),
        (f"{TRY}?of-version=draft", "There is no draft"),
        (f"{TRY}?of-version=abcdef123456", "no version abcdef123456"),
        (f"{TRY}?of-version=abc", "at least 6 characters"),
        (f"{TRY}?beside-version=abcdef123456", "no version abcdef123456"),
    ],
)
def test_a_version_that_is_not_there_is_said_in_a_sentence(path, sentence, client):
    answer = client.get(path)
    assert answer.status_code == 404
    assert sentence in text_of(answer)


def test_why_not_another_is_told_with_the_answer_that_would_bring_it_in_and_the_link_does_it(client, record):
    answer = ask(client)
    part = re.search(r'<details id="why-not-hr-1".*?</details>', answer.text, re.DOTALL)[0]
    assert "It would be advised if the answer about" in part
    changed = client.get(html.unescape(re.search(r'href="([^"]+)">Try that', part)[1]))
    assert live_flow(record).codes["hr"].label.lower() in steps_of(changed)
    assert "hr" not in steps_of(answer)


def test_where_no_single_answer_is_enough_two_are_looked_for_on_request(client):
    answer = ask(client, {"origin": "own_post"})
    link = html.unescape(re.search(r'href="([^"#]+)#why-not-make_light-1">Look for two', answer.text)[1])
    part = re.search(
        r'<details id="why-not-make_light-1" open.*?</details>\n<details id', client.get(link).text, re.DOTALL
    )[0]
    assert re.search("It would be different with this answer|Several answers would have to be different", part)


def test_every_answer_that_would_change_it_leads_to_other_advice(client):
    answer = ask(client)
    part = re.search(r'class="pivots".*?</ul>', answer.text, re.DOTALL)[0]
    links = [html.unescape(each) for each in re.findall(r'href="([^"]+)"', part)]
    assert len(links) > 3
    for link in links[:6]:
        assert steps_of(client.get(link)) != steps_of(answer)


def test_the_picture_of_a_decision_has_the_same_answers(client):
    answer = ask(client)
    link = html.unescape(re.search(r'href="([^"]+)">Picture of this decision', answer.text)[1])
    picture = client.get(link)
    assert picture.status_code == 200
    assert "The path of one decision" in picture.text
    assert picture.text.count("<svg") >= 2
    assert "style=" not in picture.text
    back = html.unescape(re.search(r'href="([^"]+)">Back to the answers', picture.text)[1])
    assert steps_of(client.get(back)) == steps_of(answer)


def test_the_picture_of_the_flow_is_that_of_the_version_shown(client, record):
    draft = parse_flow(make_draft(record, ('title: "A small slip"', 'title: "A tiny slip"')), "draft")
    assert draft.version[:12] in client.get("/flows/problem_post/picture").text
    live = client.get("/flows/problem_post/picture?of-version=live").text
    assert live_flow(record).version[:12] in live
    assert draft.version[:12] not in live
    assert client.get("/flows/none/picture").status_code == 404
