"""What the API says is what the pages show; what cannot be read or is asked for too often is a problem that says so."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import text

from amends.access import audit
from amends.incidents import record
from amends.incidents.models import Participant
from amends.leads import acts
from amends.leads.missing import missing_pieces
from amends.leads.signing import sign_off
from amends.register.views import save_view
from amends.review import reviewing
from amends.review.story import Chapter, save_story
from amends.settings import Settings
from tests.api.test_permissions import problem_of
from tests.api.world import bearer, client_for, token_for
from tests.console.test_permissions import MARK
from tests.console.whole import ADA, PNG, WORDS, whole_incident

SETTINGS = Settings(_env_file=None)
NOW = datetime.now(UTC)
DRILL = "INC-2026-0004"
LEA = acts.Actor("web:lead", "Lea Lead", "web", NOW)


class Asked:
    def __init__(self, client, database):
        self.client, self.database = client, database
        self.reference = whole_incident(database)
        self.secret = token_for(database, "lead", "auditor")
        with database.begin() as session:
            record.ensure_participant(session, LEA.id, LEA.name, NOW)

    def get(self, path, status=200, **query):
        answer = self.client.get(f"/api/v1{path}", params=query, headers=bearer(self.secret))
        assert answer.status_code == status, answer.text
        return answer

    def of(self, part="", **query):
        return self.get(f"/incidents/{self.reference}{part}", **query).json()

    def act(self, work):
        with self.database.begin() as session:
            return work(session, record.lock(session, record.find(session, self.reference).id))

    def audit(self):
        with self.database.read() as session:
            assert audit.verify(session).damage == ""
            return [(each.what, each.reference, json.loads(each.details)) for each in audit.entries(session)]


@pytest.fixture
def asked(sqlite_database):
    with client_for(sqlite_database) as client:
        yield Asked(client, sqlite_database)


@pytest.fixture
def asked_on_both(database):
    with client_for(database) as client:
        yield Asked(client, database)


def test_an_incident_its_trail_and_its_files_are_what_the_record_holds(asked_on_both):
    asked = asked_on_both
    one, trail, files = asked.of(), asked.of("/trail"), asked.of("/evidence")["files"]
    assert (one["reference"], one["state"], one["title"], one["reporter"]) == (
        asked.reference,
        "advised",
        WORDS,
        "Ada Okafor",
    )
    assert one["head"] == trail["head"] == trail["entries"][-1]["hash"]
    assert [each["sequence"] for each in trail["entries"]] == list(range(1, one["entries"] + 1))
    (corrected,) = [each for each in trail["entries"] if each["kind"] == "corrected"]
    assert corrected["supersedes"] == 3
    assert corrected["payload"]["before"] == "annoyance"
    assert any("upset" in json.dumps(each["payload"]) for each in trail["entries"])
    assert {step["done_by"] for step in one["steps"]} >= {"Ada Okafor", None}
    assert one["deadlines"][0]["title"] == "Look at it again"
    assert len(one["cited"]) == 2
    assert {"id": ADA, "name": "Ada Okafor"} in one["involved"]
    (file,) = files
    taken = asked.get(f"/incidents/{asked.reference}/evidence/{file['number']}")
    assert taken.content == PNG
    assert taken.headers["x-content-sha256"] == file["sha256"]
    assert taken.headers["content-disposition"].startswith("attachment; ")
    looks = [each for each in asked.audit() if each[1] == asked.reference]
    assert [what for what, _, _ in looks] == ["took_file", *["viewed_incident"] * 3]
    assert all(details["token"].endswith(", A test") for _, _, details in looks)


def test_a_file_that_was_changed_is_not_given_out(asked):
    with asked.database.engine.begin() as connection:
        connection.execute(text("UPDATE evidence SET sha256 = :other"), {"other": "0" * 64})
    problem_of(asked.get(f"/incidents/{asked.reference}/evidence/1", 409), 409, "changed")


def test_a_conversation_a_story_a_review_and_what_follows(asked):
    said = asked.of("/conversation")["messages"]
    assert (said[0]["who"], said[0]["said"]) == ("Ada Okafor", WORDS)
    assert said[0]["answers"][0]["text"] == "First, keep the evidence."
    assert asked.of("/story")["revision"] == 0
    chapters = (Chapter(5, "What we were told to do", "On a Friday"), Chapter(1))
    asked.act(lambda session, one: save_story(session, one, LEA, "It began with a date.", chapters, 0, NOW))
    story = asked.of("/story")
    assert (story["introduction"], story["saved_by"]) == ("It began with a date.", "Lea Lead")
    assert [(each["entry"], each["title"]) for each in story["chapters"]] == [
        (5, "What we were told to do"),
        (1, "Reported"),
    ]

    def review(session, one):
        reviewing.save_review(session, SETTINGS, one, LEA, "Quick", "Check dates", 0, NOW)
        owner = session.get(Participant, ADA)
        reviewing.agree(session, SETTINGS, one, LEA, "Write a checklist", owner, date(2026, 1, 5), NOW)

    asked.act(review)
    found = asked.of("/review")
    assert (found["went_well"], found["to_change"]) == ("Quick", "Check dates")
    (one,) = found["follow_ups"]
    assert (one["owner"], one["due"], one["overdue"]) == ("Ada Okafor", "2026-01-05", True)
    assert asked.get("/follow-ups").json()["follow_ups"] == [one]


def test_what_is_asked_and_promised_after_a_reply_is_told(asked):
    assert asked.of()["after_the_reply"] is None
    due = NOW + timedelta(hours=4)
    asked.act(lambda session, one: acts.promise(session, SETTINGS, one, LEA, "Next update at five", due, NOW))
    told = asked.of()["after_the_reply"]
    assert (told["finished"], told["look_again_at"]) == (False, None)
    (promise,) = told["promises"]
    assert (promise["words"], promise["kept"], promise["ended"]) == ("Next update at five", False, None)
    assert datetime.fromisoformat(promise["due"]) == due
    assert [(each["code"], each["settled"]) for each in told["questions"]] == [("update", False)]
    assert asked.of()["unfinished"] == ["update"]
    board = asked.get("/open").json()
    (one,) = board["needs_me"]["incidents"]
    assert ("promise", "promise-1") in {(each["kind"], each["code"]) for each in one["running"]}


def test_a_sign_off_names_what_was_signed(asked):
    asked.act(lambda session, one: acts.close(session, SETTINGS, one, LEA, NOW))

    def sign(session, one):
        explained = {each.code: "Seen" for each in missing_pieces(session, one, NOW)}
        sign_off(session, SETTINGS, one, LEA, "I have read it.", NOW, explained=explained)

    asked.act(sign)
    signed = asked.of()["sign_off"]
    assert (signed["by"], signed["statement"], signed["holds"]) == ("Lea Lead", "I have read it.", True)


def test_the_board_says_what_needs_whom_and_a_search_finds_it(asked_on_both):
    asked = asked_on_both
    board = asked.get("/open").json()
    (one,) = board["needs_me"]["incidents"]
    assert (one["reference"], board["needs_me"]["count"]) == (asked.reference, 1)
    assert one["needs"] == ["Something is late, and nobody leads it."]
    assert "Look at it again" in {each["title"] for each in one["running"]}
    (found,) = asked.get("/incidents", q='"wrong date" people').json()["incidents"]
    assert "wrong date" in found["excerpt"]


def test_a_saved_view_is_a_query_for_the_list_and_is_there_only_for_who_saved_it(world):
    with world.database.begin() as session:
        save_view(session, "web:lead", "Drills", "sort=oldest&drill=yes&page=2", NOW)
    (view,) = world.get("lead", "/views").json()["views"]
    assert (view["name"], view["query"]) == ("Drills", "drill=yes&sort=oldest")
    (found,) = world.get("lead", f"/incidents?{view['query']}").json()["incidents"]
    assert found["reference"] == world.references["drill"]
    assert world.get("auditor", "/views").json()["views"] == []


def test_a_list_is_read_to_its_end_a_page_at_a_time_and_narrowed(world):
    def read(**query):
        found, cursor = [], None
        for _ in range(9):
            page = world.get("auditor", "/incidents", params={**query, **({"cursor": cursor} if cursor else {})}).json()
            found += page["incidents"]
            cursor = page["next"]
            if cursor is None:
                return [each["reference"] for each in found]
        raise AssertionError(found)

    everything = sorted(world.references.values())
    for sort in ("newest", "oldest", "serious"):
        assert sorted(read(limit=1, drill="any", sort=sort)) == everything
    assert read(drill="yes") == [world.references["drill"]]
    assert read(restricted="yes") == [world.references["restricted"]]
    assert sorted(read(flow=["breach", "problem_post"], drill="any")) == everything
    assert read(flow="breach", drill="any") == []
    assert read(state="closed") == read(q="nothingofthekind") == []
    assert sorted(read(to="9999-12-31", drill="any")) == everything
    assert read(**{"from": "9999-12-31"}) == read(to="0001-01-01") == []
    (one,) = world.get("auditor", "/incidents", params={"q": f"{MARK} restricted"}).json()["incidents"]
    assert MARK in one["excerpt"]


def test_lists_and_bundles_are_taken_out_and_are_in_the_audit_first(asked):
    as_csv, as_json = asked.get("/exports/incidents.csv"), asked.get("/exports/incidents.json", level="2").json()
    bundle = asked.get(f"/exports/incidents/{asked.reference}")
    assert asked.reference in as_csv.text
    assert (as_json["count"], as_json["incidents"][0]["reference"]) == (1, asked.reference)
    listed = asked.get("/incidents").json()["incidents"][0]
    assert set(as_json["incidents"][0]) == set(listed) - {"excerpt"}
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as inside:
        assert f"{asked.reference}/trail.json" in inside.namelist()
    assert [what for what, _, _ in asked.audit()[:3]] == ["exported_incident", "exported_list", "exported_list"]


def test_flows_and_policies_are_as_they_are_live_and_as_they_were(asked):
    flow = next(each for each in asked.get("/flows").json()["flows"] if each["name"] == "problem_post")
    one = asked.get("/flows/problem_post").json()
    assert one["version"] == flow["version"]
    assert "issue" in one["content"]["questions"]
    assert asked.get(f"/flows/problem_post/versions/{flow['version'][:8]}").json() == one
    assert asked.get("/flows/problem_post/history").json()["publications"][0]["version"] == flow["version"]
    names = [each["name"] for each in asked.get("/policies").json()["policies"]]
    policy = asked.get("/policies/social_media").json()
    assert "social_media" in names
    clause = policy["clauses"][0]
    assert asked.get(f"/policies/social_media/clauses/{clause['id']}").json() == clause
    for path in ("/flows/none", "/policies/none/history", "/policies/social_media/clauses/XX-1", "/flows/x/versions/1"):
        problem_of(asked.get(path, 404), 404, "not-found")


def test_trails_of_policies_and_the_audit_are_read_in_parts(asked):
    for _ in range(51):
        asked.of()
    first = asked.get("/audit", incident=asked.reference.lower()).json()
    assert len(first["entries"]) == 50
    rest = asked.get("/audit", incident=asked.reference, before=first["next"]).json()
    assert [each["what"] for each in rest["entries"]] == ["viewed_incident"]
    assert rest["next"] is None
    by_person = asked.get("/audit", person="web:lead").json()["entries"]
    assert {each["person"]["id"] for each in by_person} == {"web:lead"}
    steps = asked.get("/policy-trail").json()
    assert steps["entries"][0]["sequence"] > steps["entries"][-1]["sequence"] == 1


def test_insights_leave_out_what_the_page_leaves_out(asked):
    found = asked.get("/insights", by="row").json()
    assert asked.audit()[0][0] == "viewed_insights"
    assert (found["total"], found["chosen"]["by"]) == (None, "row")
    problem_of(asked.get("/insights", 400, by="reporter"), 400, "bad-request")


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/incidents", {"levle": 3}, "There is no parameter 'levle'"),
        ("/incidents", {"level": "4"}, "'level'"),
        ("/incidents", {"from": "1700000000"}, "'from'"),
        ("/incidents", {"to": "2026-02-30"}, "'to'"),
        ("/incidents", {"state": "gone"}, "'state'"),
        ("/incidents", {"limit": "101"}, "'limit'"),
        ("/incidents", {"cursor": "n9999999999999999999999"}, "broken"),
        ("/incidents", {"cursor": "o1.2", "sort": "newest"}, "broken"),
        ("/incidents", {"cursor": "' OR 1=1 --"}, "broken"),
        ("/incidents", {"q": "x" * 201}, "'q'"),
        ("/incidents", {"clause": ["A"] * 21}, "'clause'"),
        ("/exports/incidents.csv", {"sort": "prettiest"}, "'sort'"),
        ("/audit", {"before": "9" * 30}, "'before'"),
        ("/insights", {"from": "2026-13"}, "'from'"),
        ("/open", {"q": "x"}, "There are no parameters here"),
        ("/audit", {"person": "a\x00b"}, "a character that is in no text"),
        ("/flows/a%00b", {}, "a character that is in no text"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_name(world, path, query, says):
    answer = world.get("auditor", path, params=query)
    assert says in problem_of(answer, 400, "bad-request")


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "%2e%2e", "<script>", "'; DROP TABLE incident --", "é" * 3000])
def test_hostile_references_and_names_find_nothing(world, hostile):
    for address in ("/incidents/{}", "/incidents/{}/trail", "/flows/{}", "/policies/{}", "/exports/incidents/{}"):
        answer = world.get("auditor", address.format(quote(hostile, safe="")))
        problem_of(answer, 404, "not-found")


def test_who_calls_too_often_is_told_when_to_come_back(sqlite_database):
    with client_for(sqlite_database, api_calls_a_minute=3, searches_a_minute=1) as client:
        often, other = token_for(sqlite_database, "lead"), token_for(sqlite_database, "auditor", id="web:other")
        answers = [client.get("/api/v1/me", headers=bearer(often)) for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert "Wait 20 seconds" in problem_of(answers[-1], 429, "too-often")
        assert answers[-1].headers["retry-after"] == "20"
        for path in ("/incidents?q=x", "/exports/incidents.csv"):
            last = client.get(f"/api/v1{path}", headers=bearer(other))
        problem_of(last, 429, "too-often")
        guesses = [client.get("/api/v1/me", headers=bearer(f"amends_{n}")).status_code for n in range(4)]
        assert guesses == [401, 401, 401, 429]


def test_a_record_that_cannot_be_read_is_said(sqlite_database):
    with client_for(sqlite_database) as client:
        secret = token_for(sqlite_database, "lead")
        with sqlite_database.engine.begin() as held:
            held.execute(text("UPDATE api_token SET used_at = NULL"))
            answer = client.get("/api/v1/me", headers=bearer(secret))
    problem_of(answer, 503, "not-now")
    assert answer.headers["retry-after"] == "5"


def test_an_error_that_nobody_foresaw_is_a_problem_without_words(world, caplog):
    with world.database.engine.begin() as connection:
        connection.execute(text("UPDATE incident SET decision = 'SECRETWORDS' WHERE reference = :one"), {"one": DRILL})
    answer = world.ask("auditor", "/incidents/{reference}", "drill")
    problem_of(answer, 500, "broken")
    assert "SECRETWORDS" not in answer.text + caplog.text
    assert "JSONDecodeError in " in caplog.text


def test_a_token_over_its_time_is_refused(sqlite_database):
    with client_for(sqlite_database) as client:
        secret = token_for(sqlite_database, "lead", days=1)
        with sqlite_database.begin() as session:
            session.execute(text("UPDATE api_token SET ends_at = :past"), {"past": f"{NOW - timedelta(days=1)}"})
        problem_of(client.get("/api/v1/me", headers=bearer(secret)), 401, "no-token")
