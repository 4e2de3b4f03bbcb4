"""What the desk answers over HTTP: forms that are refused, errors in plain words, headers, who sees what."""

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from amends.console.app import SettingsError, check_host, create_app
from amends.console.words import clock, intro, left
from amends.flows import decide, load_flow, parse_answers
from amends.incidents import record as incident_record
from amends.incidents import trail
from amends.incidents.models import Conversation, Delivery, Incident
from amends.settings import ROOT
from tests.browsing import fits, violations
from tests.console.fake_bot import settings_for
from tests.waiting import LONGEST, at_last

WORDS = "I've just posted my night out photos on the uni account"


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as client:
        yield client


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


def begin(client, text=WORDS, name="Ada"):
    page = client.get("/")
    return client.post(
        "/start", data={"csrf": field(page, "csrf"), "key": field(page, "key"), "name": name, "text": text}
    )


def stored(record):
    with record.read() as session:
        return [(each.text, each.conversation_id) for each in session.scalars(select(Delivery))]


def test_every_page_has_headers_that_keep_it_ours(client):
    for path in ("/", "/incidents", "/static/amends.css", "/no-such-page", "/healthz"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(desk):
    cookie = httpx.get(f"{desk.url}/").headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_form_without_the_token_of_this_visit_is_refused_and_the_words_are_given_back(client, record):
    begin(client)
    for token in ({}, {"csrf": "made up"}):
        answer = client.post("/say", data={"key": "0" * 32, "text": "keep my words", **token})
        assert answer.status_code == 403
        assert "keep my words" in answer.text
    assert client.post("/start", data={"name": "Eve", "text": "x", "key": "0" * 32}).status_code == 403
    assert client.post("/leave", data={}).status_code == 403
    assert len(stored(record)) == 1


def test_the_sender_comes_from_the_signed_cookie_whatever_the_form_says(client, desk, record):
    begin(client)
    page = client.get("/")
    forged = {"sender": "web:other", "conversation_id": "web:other", "id": "web:other"}
    client.post("/say", data={"csrf": field(page, "csrf"), "key": field(page, "key"), "text": "two", **forged})
    assert len({conversation for _, conversation in stored(record)}) == 1
    name, value = next(iter(client.cookies.items()))
    tampered = httpx.Client(base_url=desk.url, cookies={name: "x" + value[1:]})
    assert "Who is talking?" in tampered.get("/").text
    tampered.close()


def test_the_same_form_twice_is_one_message_and_other_words_in_an_old_form_are_another(client, record):
    begin(client)
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "text": "once"}
    for _ in range(2):
        assert client.post("/say", data=form).status_code == 200
    client.post("/say", data=form | {"text": "changed after going back"})
    assert [text for text, _ in stored(record)] == [WORDS, "once", "changed after going back"]


def test_the_first_form_sent_twice_is_one_message(client, record):
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "name": "Ada", "text": WORDS}
    for _ in range(2):
        assert client.post("/start", data=form).status_code == 200
    assert len(stored(record)) == 1


@pytest.mark.parametrize("name", ["", "   ", "a\x07b"])
def test_a_first_message_without_a_name_asks_for_it_and_keeps_the_words(name, client, record):
    answer = begin(client, name=name)
    assert answer.status_code == 422
    assert "Say who you are first" in answer.text
    assert "night out photos" in answer.text
    assert stored(record) == []


def test_a_first_visit_with_nothing_said_asks_what_happened(client):
    answer = begin(client, text=" ")
    assert answer.status_code == 422
    assert "nothing in the box" in answer.text
    assert 'value="Ada"' in answer.text


def test_forty_thousand_characters_go_through_and_more_gets_a_sentence(client, bot):
    assert begin(client, "\N{PILE OF POO}" * 40_000).status_code == 200
    assert len(bot.texts[0]) == 40_000
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key")}
    assert client.post("/say", data=form | {"text": "x" * 40_001}).status_code == 413
    huge = client.post("/say", data=form | {"text": "x" * 1_000_001})
    assert huge.status_code == 413
    assert "too much for one message" in huge.text
    assert len(bot.texts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "\N{FIRE}\N{LOUDLY CRYING FACE}",
        "Das war ein Fehler. \u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac",
        "a\x00b\x1b[2Jc",
        "\u202egnp.exe",
        "'; DROP TABLE delivery; --",
        '<img src=x onerror="alert(1)">',
        "{{ config }} {% raw %}",
    ],
)
def test_strange_words_are_kept_and_drawn_as_words(text, client, record):
    page = begin(client, text)
    assert page.status_code == 200
    assert stored(record)[0][0] == text.replace("\x00", "")
    assert "<img src=x" not in page.text
    assert "\x00" not in page.text


@pytest.mark.parametrize("key", ["", "short", "../../etc", "G" * 32])
def test_a_key_that_we_did_not_make_is_refused(key, client, record):
    begin(client)
    page = client.get("/")
    answer = client.post("/say", data={"csrf": field(page, "csrf"), "key": key, "text": "x"})
    assert answer.status_code == 400
    assert "Load the page again" in answer.text
    assert len(stored(record)) == 1


def test_a_key_of_somebody_elses_form_is_refused(client, desk, record):
    begin(client)
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "text": "mine"}
    client.post("/say", data=form)
    with httpx.Client(base_url=desk.url, follow_redirects=True) as other:
        begin(other, name="Eve")
        answer = other.post("/say", data=form | {"csrf": field(other.get("/"), "csrf")})
    assert answer.status_code == 409
    assert len(stored(record)) == 3


def test_a_body_that_is_no_form_gets_a_page(client):
    for how in (
        {"content": b"\xff\xfe{", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"json": {"text": "x"}},
        {"content": iter([b"text=x"])},
    ):
        answer = client.post("/say", **how)
        assert answer.status_code in {400, 403, 411}, how
        assert "<h1>" in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/static/../app.py", 404), ("/say", 405)])
def test_unknown_addresses_get_a_page_with_the_right_status(path, status, client):
    answer = client.get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Back to the conversation" in answer.text


def test_ready_only_when_bot_and_record_answer(client, bot):
    assert client.get("/healthz").json() == {"status": "ok"}
    said = client.get("/readyz").json()
    assert said.pop("record") == "The record was not checked yet; it is young."
    assert said == {"status": "ready", "bot": True, "database": True, "slack": "off"}
    bot.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["bot"]) == (503, False)
    assert client.get("/healthz").status_code == 200


def test_when_the_record_cannot_be_written_nothing_is_said_to_be_kept(client, bot, database_url):
    begin(client)
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "text": "keep these words"}
    locked = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    answer = client.post("/say", data=form)
    part = client.post("/say", data=form, headers={"HX-Request": "true"})
    locked.close()
    assert answer.status_code == 503
    assert "not kept" in answer.text
    assert "keep these words" in answer.text
    assert "Sam Reeve" in answer.text
    assert part.headers["HX-Retarget"] == "#notice"
    assert bot.texts == [WORDS]
    assert client.post("/say", data=form).status_code == 200
    assert bot.texts == [WORDS, "keep these words"]


def test_an_unforeseen_error_is_a_page_and_its_words_are_not_logged(client, record, caplog):
    begin(client)
    with record.begin() as session:
        session.execute(Delivery.__table__.update().values(replies='{"secret words'))
    answer = client.get("/")
    assert answer.status_code == 500
    assert "This is our mistake" in answer.text
    assert "Traceback" not in answer.text
    assert "JSONDecodeError" in caplog.text
    assert "secret words" not in caplog.text


def test_the_page_that_waits_is_told_only_what_is_new(client, bot):
    begin(client)
    bot.stop()
    page = client.get("/")
    client.post("/say", data={"csrf": field(page, "csrf"), "key": field(page, "key"), "text": "Are you there?"})
    poll = re.search(r'hx-get="([^"]+)"', client.get("/").text)[1].replace("&amp;", "&")
    assert client.get(poll).status_code == 204
    bot.start()
    answer = at_last(lambda: said if (said := client.get(poll)).status_code != 204 else None)
    assert "hx-swap-oob" in answer.text


# Incidents


@pytest.fixture
def incident(client, record):
    """A real incident of the visitor, with a decision, a step that is done, and a correction."""
    begin(client)
    flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
    answers = parse_answers(flow, {"origin": "own_post", "issue": ["slip"], "harm": "none"})
    decision = decide(flow, answers)
    at = datetime(2026, 3, 24, 21, 30, tzinfo=UTC)
    with record.begin() as session:
        conversation = session.scalars(select(Conversation)).one()
        incident = incident_record.open_incident(session, conversation, flow, WORDS, "web", at, 2026)
        incident.state, incident.level = "advised", decision.level
        incident.decision = json.dumps(decision.as_json())
        step = decision.steps[0].code
        incident.done = json.dumps({step: {"who": "Bo", "at": at.isoformat()}})

        def entry(kind, payload, **more):
            trail.append(
                session,
                incident,
                kind,
                payload,
                actor_id=conversation.participant_id,
                source="web",
                said_at=at,
                recorded_at=at + timedelta(minutes=3),
                **more,
            )

        entry(trail.Kind.REPORTED, {"text": "<b>photos</b>", "cut": False})
        entry(trail.Kind.ANSWERED, {"question": "harm", "value": "none", "words": "nobody"})
        entry(trail.Kind.UNDERSTOOD, {"facts": {"issue": {"value": ["slip"], "words": "oops"}}, "details": ["On: X"]})
        entry(trail.Kind.CORRECTED, {"question": "harm", "value": "upset", "before": "none"}, supersedes=2)
        entry(trail.Kind.STEP_DONE, {"step": step, "label": "Keep evidence", "who": "Bo", "at": at.isoformat()})
        entry(
            trail.Kind.RECOMMENDED,
            {"decision": decision.as_json(), "answers": {"harm": "upset"}},
            clauses=["DP-5.1@ab"],
        )
        return incident


def test_an_incident_page_shows_advice_steps_and_the_trail_with_both_times(client, incident):
    page = client.get(f"/incidents/{incident.reference}").text
    assert incident.reference in page
    assert "Done by Bo, Tuesday 24 March 2026 at 21:30" in re.sub(r"<[^>]+>", "", page)
    assert "&lt;b&gt;photos&lt;/b&gt;" in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "Said Tuesday 24 March 2026 at 21:30; recorded Tuesday 24 March 2026 at 21:33" in text
    flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
    harm = flow.questions["harm"]
    assert harm.ask in text
    assert harm.options["upset"].label in text
    assert "Corrects entry 2" in text
    assert "Corrected by entry 4" in text
    assert "Clauses shown: DP-5.1" in text


def test_the_list_shows_mine_and_only_mine(client, desk, incident):
    assert incident.reference in client.get("/incidents").text
    with httpx.Client(base_url=desk.url, follow_redirects=True) as other:
        begin(other, name="Eve")
        assert incident.reference not in other.get("/incidents").text
        answer = other.get(f"/incidents/{incident.reference}")
        assert answer.status_code == 404
        assert "night out" not in answer.text


def test_the_list_goes_on_page_by_page_until_there_are_no_older_ones(client, incident, record):
    flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
    with record.begin() as session:
        conversation = session.scalars(select(Conversation)).one()
        for _ in range(50):
            incident_record.open_incident(session, conversation, flow, WORDS, "web", datetime.now(UTC), 2026)
    seen, to = [], "/incidents"
    while to:
        page = client.get(to).text
        seen.append(re.findall(r">(INC-2026-\d+)</a>", page))
        older = re.search(r'href="(/incidents\?before=\d+)">Older ones', page)
        to = older[1] if older else ""
    assert [len(each) for each in seen] == [50, 1]
    assert seen[1] == [incident.reference]
    assert len({*seen[0], *seen[1]}) == 51
    assert "There are no older ones" in client.get("/incidents?before=1").text
    assert client.get("/incidents?before=soon").text.count("</a> <span") == 50


@pytest.mark.parametrize("reference", ["INC-2026-9999", "nonsense", "<script>", "INC-2026-0001'--", "x" * 3000])
def test_an_unknown_reference_is_a_404_page_in_plain_words(reference, client):
    begin(client)
    answer = client.get(f"/incidents/{reference}")
    assert answer.status_code == 404
    assert "There is no such" in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_without_a_name_there_are_no_incidents_to_see(client):
    assert "Who is talking?" in client.get("/incidents").text
    assert "Who is talking?" in client.get("/incidents/INC-2026-0001").text


def test_the_old_flow_of_an_incident_that_this_program_cannot_read_does_not_hide_its_record(client, incident, record):
    with record.begin() as session:
        found = session.get(Incident, incident.id)
        incident_record.FlowVersion  # noqa: B018 - the model lives beside the functions
        session.add(
            incident_record.FlowVersion(
                hash="f" * 64, flow_id="old", source="not: [a flow", first_used_at=datetime.now(UTC)
            )
        )
        session.flush()
        found.flow_version = "f" * 64
    page = client.get(f"/incidents/{incident.reference}")
    assert page.status_code == 200
    assert "Harm" in page.text


def test_the_pages_of_incidents_are_accessible_on_a_phone(open_page, client, incident):
    page = open_page(viewport={"width": 320, "height": 640})
    cookie = client.cookies["amends"]
    page.context.add_cookies([{"name": "amends", "value": cookie, "url": str(client.base_url)}])
    for path in ("/incidents", f"/incidents/{incident.reference}", "/incidents/none"):
        page.goto(path)
        assert violations(page) == []
        assert fits(page)


# Settings


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "desk.example.org"])
def test_the_desk_refuses_to_listen_where_others_come_in(host):
    with pytest.raises(SettingsError, match="nobody has to sign in"):
        check_host(settings_for(5005, "sqlite://", desk_host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_fine(host):
    check_host(settings_for(5005, "sqlite://", desk_host=host))


@pytest.mark.parametrize("name", ["bot_token", "session_secret"])
def test_an_empty_secret_is_refused(name):
    with pytest.raises(SettingsError, match=name.upper()):
        create_app(settings_for(5005, "sqlite://", **{name: SecretStr("")}))


# Words


def test_times_in_words():
    zone = settings_for(5005, "sqlite://").zone
    now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert clock(now, now, zone) == "today at 13:00"
    assert clock(now - timedelta(hours=20), now, zone) == "yesterday at 17:00"
    assert clock(now + timedelta(days=1), now, zone) == "tomorrow at 13:00"
    assert clock(now + timedelta(days=2), now, zone) == "Friday 3 July 2026 at 13:00"
    assert left(now + timedelta(hours=72), now) == "in 3 days"
    assert left(now + timedelta(minutes=90), now) == "in 90 minutes"
    assert left(now + timedelta(seconds=20), now) == "in less than a minute"
    assert left(now - timedelta(minutes=1), now) == "passed 1 minute ago"


def test_the_words_before_the_lines_that_a_card_draws():
    assert intro("Hello.\nFirst:\n1. one\n2. two", ("one", "two")) == "Hello.\nFirst:"
    assert intro("Hello.", ("one",)) == "Hello."
