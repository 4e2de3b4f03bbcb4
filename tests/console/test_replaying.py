"""The page that replays the record under a draft: for owners, in the background, with nobody's words."""

import csv
import html
import io
import json
import re
import threading
import time

import httpx
import pytest
from sqlalchemy import update

from amends.console import replaying
from amends.console.jobs import Jobs
from amends.flows import decide, parse_answers, parse_flow
from amends.flows.replay import Recorded, replay
from amends.incidents.models import Incident
from tests.console.conftest import Desk
from tests.console.fake_bot import settings_for
from tests.console.test_trying import FACTS, text_of
from tests.console.workshop import SLIP, WORDS, add_incident, case_facts, field, give_name, id_of, live_flow, make_draft
from tests.waiting import LONGEST, at_last

REPLAY = "/flows/problem_post/replay"


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, timeout=LONGEST, follow_redirects=True) as client:
        give_name(client)
        yield client


@pytest.fixture
def past(client, record):
    """A record of incidents, some of which hang on what was not asked, and the draft's outcomes for them."""
    del client
    facts = list(case_facts().values())[::8]
    facts += [{**FACTS, "issue": ["slip"]}, {**FACTS, "issue": ["slip"], "spread": "unseen"}]
    facts += [{name: value for name, value in FACTS.items() if name != "personal_data"}]
    references = {add_incident(record, each): each for each in facts}
    new = parse_flow(make_draft(record, SLIP), "draft")
    old = live_flow(record)
    recorded = (
        Recorded(ref, raw, json.loads(json.dumps(decide(old, parse_answers(old, raw)).as_json())))
        for ref, raw in references.items()
    )
    return dict(replay(new, recorded))


def begin(client, wait=True, **more):
    page = client.get(REPLAY)
    page = client.post(REPLAY, data={"csrf": field(page, "csrf"), "of-version": "draft", **more})
    while wait and "<progress" in page.text:
        page = client.get(page.url)
    return page


def shown(page):
    return re.findall(r'id="row-(INC-[\d-]+)"', page.text)


def test_nothing_is_replayed_before_somebody_asks_for_it(client, past):
    page = client.get(REPLAY)
    assert f"the {len(past)} recorded incidents" in text_of(page)
    assert "Replay them now" in page.text
    assert shown(page) == []


def test_every_incident_has_the_outcome_of_the_engine(client, past):
    page = begin(client)
    verdicts = [outcome.verdict for outcome in past.values()]
    assert {"same", "different", "cannot tell"} == set(verdicts)
    for verdict in set(verdicts):
        assert f"{verdicts.count(verdict)} {verdict}" in text_of(page)
        listed = client.get(REPLAY, params={"verdict": verdict})
        assert shown(listed) == [ref for ref, each in past.items() if each.verdict == verdict][:25]
        for ref in shown(listed):
            assert past[ref].reason in text_of(listed)


def test_what_is_different_stands_side_by_side(client, past, record):
    flow = live_flow(record)
    page = begin(client)
    assert shown(page) == [ref for ref, each in past.items() if each.verdict == "different"]
    for reference in shown(page):
        part = re.search(rf'id="row-{reference}".*?</article>', page.text, re.DOTALL)[0]
        lists = re.findall(r"<ol>(.*?)</ol>", part, re.DOTALL)
        for steps, codes in zip(lists, (past[reference].before, past[reference].after), strict=True):
            assert steps.count("<li") == len(codes)
            for code in codes:
                assert html.escape(flow.codes[code].label[1:]) in steps


def test_cannot_tell_names_the_question_and_can_be_sifted_by_it(client, past):
    begin(client)
    waiting = {ref: each for ref, each in past.items() if each.question}
    question = next(iter(waiting.values())).question
    page = client.get(REPLAY, params={"verdict": "cannot tell", "question": question})
    assert shown(page) == [ref for ref, each in waiting.items() if each.question == question][:25]
    assert "It hangs on a question that was not asked then" in page.text


def test_incidents_can_be_sifted_by_what_changed_and_by_reference(client, past):
    begin(client)
    kind, code = next(each.gained[0] for each in past.values() if each.gained)
    different = [ref for ref, each in past.items() if (kind, code) in each.gained]
    page = client.get(REPLAY, params={"verdict": "", "change": f"+ {kind} {code}"})
    assert shown(page) == different
    assert f'<option value="+ {kind} {code}" selected>Now ' in page.text
    assert shown(client.get(REPLAY, params={"verdict": "", "reference": different[0].lower()[4:]})) == [different[0]]
    nothing = client.get(REPLAY, params={"verdict": "", "reference": "INC-1999"})
    assert "No incident is like that." in nothing.text


def test_many_incidents_come_page_by_page(client, record):
    for _ in range(60):
        add_incident(record, {**FACTS, "issue": ["slip"]})
    make_draft(record, SLIP)
    first = begin(client)
    assert "60 incidents, page 1 of 3" in text_of(first)
    seen = shown(first)
    second = client.get(httpx.URL(html.unescape(re.search(r'href="([^"]+)">Next page', first.text)[1])))
    seen += shown(second) + shown(client.get(REPLAY, params={"page": "3"}))
    assert len(set(seen)) == len(seen) == 60
    assert shown(client.get(REPLAY, params={"page": "99"})) == seen[50:]
    assert shown(client.get(REPLAY, params={"page": "-1"})) == seen[:25]


def test_all_of_it_can_be_taken_along_as_csv_and_json(client, past):
    assert client.get(f"{REPLAY}/incidents.csv").status_code == 404
    begin(client)
    table = client.get(f"{REPLAY}/incidents.csv", params={"of-version": "draft"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["reference"]: row["verdict"] for row in rows} == {ref: each.verdict for ref, each in past.items()}
    assert "attachment" in table.headers["Content-Disposition"]
    whole = client.get(f"{REPLAY}/incidents.json", params={"of-version": "draft"}).json()
    assert whole["incidents"] == [{"reference": ref, **each.as_json()} for ref, each in past.items()]
    assert client.get(f"{REPLAY}/incidents.pdf").status_code == 404


def test_nobodys_words_or_names_are_shown_and_only_ones_own_can_be_tried(client, record):
    mine = add_incident(record, FACTS, reporter=id_of(record))
    theirs = add_incident(record, FACTS)
    make_draft(record, SLIP)
    page = begin(client)
    everything = [page, client.get(REPLAY, params={"verdict": ""})]
    everything += [client.get(f"{REPLAY}/incidents.{kind}") for kind in ("csv", "json")]
    for each in everything:
        assert WORDS not in html.unescape(each.text)
        assert "web:somebody" not in each.text
    listed = everything[1]
    assert shown(listed) == [mine, theirs]
    assert f"load-incident={mine}" in listed.text
    assert f"load-incident={theirs}" not in listed.text


def test_a_replay_is_done_again_only_when_asked(client, record):
    add_incident(record, FACTS)
    make_draft(record, SLIP)
    begin(client)
    add_incident(record, FACTS)
    assert len(shown(client.get(REPLAY, params={"verdict": ""}))) == 1
    begin(client)
    assert len(shown(client.get(REPLAY, params={"verdict": ""}))) == 1
    begin(client, again="yes")
    assert len(shown(client.get(REPLAY, params={"verdict": ""}))) == 2


@pytest.mark.parametrize("breaks", [False, True])
def test_a_long_replay_shows_how_far_it_is_and_one_that_breaks_says_so(breaks, client, record, monkeypatch, request):
    for _ in range(3):
        add_incident(record, FACTS)
    make_draft(record, SLIP)
    go = threading.Event()
    request.addfinalizer(go.set)
    read = replaying._recorded

    def slow(session, flow_id):
        for number, each in enumerate(read(session, flow_id)):
            if number == 2:
                assert go.wait(LONGEST)
                if breaks:
                    raise ValueError
            yield each

    monkeypatch.setattr(replaying, "_recorded", slow)
    monkeypatch.setattr(replaying, "PATIENCE", 0.3)
    begin(client, wait=False)
    waiting = at_last(lambda: said if "0 of 3 incidents" not in (said := client.get(REPLAY)).text else None)
    assert re.search(r"[12] of 3 incidents replayed", waiting.text)
    assert re.search(r'<progress id="progress" max="3" value="[12]">', waiting.text)
    assert 'hx-trigger="load delay:1s"' in waiting.text
    assert "Look again" in waiting.text
    assert client.get(f"{REPLAY}/incidents.csv").status_code == 404
    go.set()
    monkeypatch.setattr(replaying, "PATIENCE", LONGEST)
    part = client.get(REPLAY, headers={"HX-Request": "true", "HX-Target": "replayed"})
    assert "<html" not in part.text
    assert ("broke off" in part.text) == breaks
    if breaks:
        monkeypatch.setattr(replaying, "_recorded", read)
        assert "<strong>" in begin(client, again="yes").text
    assert len(shown(client.get(REPLAY, params={"verdict": ""}))) == 3


def test_a_replay_is_for_policy_owners(bot, database_url):
    desk = Desk(settings_for(bot.port, database_url, policy_owners="Grace Hopper, Sam"))
    desk.start()
    try:
        with httpx.Client(base_url=desk.url, timeout=LONGEST) as client:
            unknown = client.get(REPLAY)
            assert unknown.status_code == 303
            assert unknown.headers["Location"].startswith("/who?back=")
            give_name(client, "Ada Okafor")
            for answer in (client.get(REPLAY), client.get(f"{REPLAY}/incidents.csv")):
                assert answer.status_code == 403
                assert "for policy owners, and Ada Okafor is none" in text_of(answer)
            page = client.get("/incidents")
            answer = client.post(REPLAY, data={"csrf": field(page, "csrf"), "of-version": "live"})
            assert answer.status_code == 403
        with httpx.Client(base_url=desk.url, timeout=LONGEST) as client:
            give_name(client, "grace  hopper")
            assert client.get(REPLAY).status_code == 200
    finally:
        desk.stop()


def test_a_form_of_another_visit_begins_nothing(client, past):
    assert client.post(REPLAY, data={"csrf": "made up", "of-version": "draft"}).status_code == 403
    assert "Replay them now" in client.get(REPLAY).text
    assert past


def test_without_incidents_and_with_mistakes_there_is_a_sentence(client, record):
    assert "nothing to replay" in client.get(REPLAY).text
    make_draft(record, ("origin: hijack}\n  - says", "orign: hijack}\n  - says"))
    assert "Did you mean origin?" in client.get(REPLAY).text
    page = client.get("/incidents")
    answer = client.post(REPLAY, data={"csrf": field(page, "csrf"), "of-version": "draft"})
    assert "Did you mean origin?" in answer.text
    assert client.get("/flows/none/replay").status_code == 404


def test_an_incident_that_was_stopped_cannot_be_told(client, record):
    reference = add_incident(record, FACTS)
    with record.begin() as session:
        session.execute(update(Incident).where(Incident.reference == reference).values(decision=None))
    make_draft(record, SLIP)
    page = begin(client)
    assert shown(page) == [reference]
    assert "No decision was recorded: it was stopped before." in page.text


def test_of_the_finished_work_only_the_last_few_are_kept():
    jobs = Jobs("test", keep=2)
    for number in range(4):
        job = jobs.begin(number, lambda job: list(job.watch(range(3))))
        assert job.finished.wait(LONGEST)
        assert (job.done, job.result) == (3, [0, 1, 2])
    assert [jobs.find(number) is not None for number in range(4)] == [False, False, True, True]


def test_work_that_goes_on_is_not_begun_twice_and_what_failed_is_begun_anew():
    jobs, go, times = Jobs("test"), threading.Event(), []

    def work(_job):
        times.append(time.monotonic())
        assert go.wait(LONGEST)
        raise RuntimeError

    first = jobs.begin("key", work)
    assert jobs.begin("key", work, again=True) is first
    go.set()
    assert first.finished.wait(LONGEST)
    assert first.failed
    second = jobs.begin("key", work)
    assert second is not first
    assert second.finished.wait(LONGEST)
    assert len(times) == 2


def test_work_is_broken_off_when_the_desk_stops():
    jobs, begun = Jobs("test"), threading.Event()

    def work(job):
        for _ in job.watch(iter(int, 1)):
            begun.set()

    job = jobs.begin("key", work)
    assert begun.wait(LONGEST)
    jobs.close()
    assert not job.running
    assert job.failed


def test_how_far_it_is_says_nothing_of_restricted_incidents(client, record, monkeypatch, request):
    references = [add_incident(record, FACTS) for _ in range(6)]
    with record.begin() as session:
        session.execute(update(Incident).where(Incident.reference.in_(references[::2])).values(restricted=True))
    make_draft(record, SLIP)
    go = threading.Event()
    request.addfinalizer(go.set)
    read = replaying._recorded

    def slow(session, flow_id):
        for number, each in enumerate(read(session, flow_id)):
            assert number != 5 or go.wait(LONGEST)
            yield each

    monkeypatch.setattr(replaying, "_recorded", slow)
    monkeypatch.setattr(replaying, "PATIENCE", 0.3)
    begin(client, wait=False)
    waiting = at_last(lambda: said if "2 of 3 incidents replayed" in (said := client.get(REPLAY)).text else None)
    assert '<progress id="progress" max="3" value="2">' in waiting.text
