"""What goes live is in order, has a reason and an owner, and a second one where the settings ask. On both databases."""

import threading
import time

import pytest

from amends.workshop import (
    Conflict,
    Document,
    NotPublishable,
    Overtaken,
    Publication,
    Request,
    SameLines,
    WorkshopError,
    approve,
    checks,
    decline,
    go_back,
    history,
    live_hash,
    publish_text,
    request,
    requests,
    trail,
)
from amends.workshop.catch_up import catch_up
from tests.workshop.conftest import FLOW, IVAN, OLGA, POLICY, QUESTION

LAUGH = ("do: [take_down, apologise, respond]\n", "do: [take_down, apologise, respond, make_light]\n")
TITLE = ('title: "Correct in the open"', 'title: "Correct it in the open"')
OTHER = ("Nobody seems to have noticed", "Nobody has noticed so far")


@pytest.fixture
def two_owners(workshop):
    workshop.settings = workshop.settings.model_copy(update={"second_owner_approves": True})
    return workshop


def test_a_published_draft_is_live_and_no_draft_any_more(workshop):
    text = workshop.edited()
    workshop.save(text)
    done = workshop.publish()
    assert isinstance(done, Publication)
    assert (workshop.text(), workshop.draft()) == (text, None)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_note_is_needed(workshop, note):
    workshop.save(workshop.edited())
    with pytest.raises(WorkshopError, match="Say in a sentence what you changed"):
        workshop.publish(note=note)
    assert len(workshop.do(history, FLOW)) == 1


def test_without_a_draft_there_is_nothing_to_publish(workshop):
    with pytest.raises(WorkshopError, match="no draft"):
        workshop.publish(seen=0)


def test_a_draft_that_changes_nothing_is_not_published(workshop):
    workshop.save(workshop.text())
    with pytest.raises(WorkshopError, match="live already"):
        workshop.publish()


def test_a_draft_that_moved_on_is_not_published_unseen(workshop):
    workshop.save(workshop.edited())
    workshop.save(workshop.edited(new="Something else?"), owner=IVAN)
    with pytest.raises(Conflict, match="Ivan changed it"):
        workshop.publish(seen=1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param("questions:\n", "qestions:\n", "questions", id="not well formed"),
        pytest.param("clauses: [SM-2.3", "clauses: [SM-2.33", "SM-2.33", id="a clause that is not there"),
        pytest.param(*LAUGH, "Never-rule N1", id="a never-rule broken"),
        pytest.param("flow: problem_post", "flow: other", "Write 'flow: problem_post'", id="another name"),
    ],
)
def test_what_the_checks_refuse_does_not_go_live(workshop, old, new, sentence):
    before = workshop.text()
    assert old in before
    workshop.save(before.replace(old, new))
    with pytest.raises(NotPublishable) as error:
        workshop.publish()
    assert sentence in "\n".join(error.value.report.refusals)
    assert workshop.text() == before
    assert workshop.draft() is not None


def test_a_clause_that_a_rule_rests_on_cannot_be_taken_away(workshop):
    text = workshop.text(POLICY)
    begin, end = text.index("  SM-2.1:"), text.index("  SM-2.2:")
    workshop.save(text[:begin] + text[end:], POLICY)
    with pytest.raises(NotPublishable, match=r"rests on SM-2\.1, which would be gone"):
        workshop.publish(POLICY)


def test_a_clause_that_speaks_of_an_answer_nobody_can_give_is_refused(workshop):
    workshop.save(workshop.edited("issue:slip", "issue:slipp", POLICY), POLICY)
    with pytest.raises(NotPublishable, match="slipp"):
        workshop.publish(POLICY)


def test_going_back_is_a_publication_of_its_own(workshop):
    first = workshop.do(live_hash, FLOW)
    workshop.save(workshop.edited())
    workshop.publish()
    how = {"owner": IVAN, "note": "It was better before.", "now": workshop.now(), "settings": workshop.settings}
    done = workshop.do(go_back, FLOW, first[:8], **how)
    assert done.version == workshop.do(live_hash, FLOW) == first
    assert [each.version for each in workshop.do(history, FLOW)][::2] == [first, first]


def test_an_older_version_that_does_not_fit_any_more_cannot_come_back(workshop):
    old = workshop.do(live_hash, FLOW)
    workshop.save(workshop.edited("SM-2.1", "SM-2.4").replace("SM-2.4, SM-2.4", "SM-2.4"))
    workshop.publish()
    text = workshop.text(POLICY)
    begin, end = text.index("  SM-2.1:"), text.index("  SM-2.2:")
    workshop.save(text[:begin] + text[end:], POLICY)
    workshop.publish(POLICY)
    how = {"owner": IVAN, "note": "Back.", "now": workshop.now(), "settings": workshop.settings}
    with pytest.raises(NotPublishable, match=r"SM-2\.1"):
        workshop.do(go_back, FLOW, old, **how)


def test_a_draft_that_was_overtaken_says_so_and_is_put_together_with_what_went_live(workshop):
    workshop.save(workshop.edited(*OTHER))
    how = {"owner": IVAN, "note": "From git.", "now": workshop.now(), "settings": workshop.settings}
    workshop.do(publish_text, FLOW, workshop.edited(), source="file", **how)
    with pytest.raises(Overtaken, match="went live after this was begun"):
        workshop.publish()
    draft = workshop.do(catch_up, FLOW, owner=OLGA, seen=1, now=workshop.now())
    assert "What is amiss?" in draft.text
    assert OTHER[1] in draft.text
    assert workshop.publish().previous == workshop.do(history, FLOW)[1].version


def test_two_edits_of_the_same_line_are_not_put_together_by_themselves(workshop):
    workshop.save(workshop.edited(new="What is off?"))
    how = {"owner": IVAN, "note": "From git.", "now": workshop.now(), "settings": workshop.settings}
    workshop.do(publish_text, FLOW, workshop.edited(), source="file", **how)
    with pytest.raises(SameLines):
        workshop.do(catch_up, FLOW, owner=OLGA, seen=1, now=workshop.now())
    draft = workshop.do(catch_up, FLOW, owner=OLGA, seen=1, now=workshop.now(), keep=True)
    assert "What is off?" in draft.text
    workshop.publish()
    assert "What is off?" in workshop.text()


def test_a_new_flow_can_be_published(workshop):
    text = workshop.text().replace("flow: problem_post", "flow: other_post", 1)
    how = {"owner": OLGA, "note": "Another one.", "now": workshop.now(), "settings": workshop.settings}
    done = workshop.do(publish_text, Document("flow", "other_post"), text, source="file", **how)
    assert done.previous is None


class TestASecondOwner:
    def test_the_text_waits_until_another_owner_approves(self, two_owners):
        before = two_owners.text()
        two_owners.save(two_owners.edited())
        asked = two_owners.publish()
        assert isinstance(asked, Request)
        assert two_owners.text() == before
        assert [each.id for each in two_owners.do(requests, FLOW)] == [asked.id]
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        done = two_owners.do(approve, asked.id, owner=IVAN, **how)
        assert (done.owner, done.approver) == (OLGA, IVAN)
        assert two_owners.text() == two_owners.edited("What is amiss?", "What is amiss?")
        assert two_owners.draft() is None
        assert two_owners.do(request, asked.id).state == "approved"

    @pytest.mark.parametrize("name", ["Olga", " olga "])
    def test_nobody_approves_their_own(self, two_owners, name):
        two_owners.save(two_owners.edited())
        asked = two_owners.publish()
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        for id_ in ("web:olga", "web:elsewhere"):
            with pytest.raises(WorkshopError, match="A second owner has to approve"):
                two_owners.do(approve, asked.id, owner=type(OLGA)(id_, name), **how)
        assert len(two_owners.do(history, FLOW)) == 1

    def test_a_declined_text_is_not_live_and_its_draft_stays(self, two_owners):
        two_owners.save(two_owners.edited())
        asked = two_owners.publish()
        with pytest.raises(WorkshopError, match="why not"):
            two_owners.do(decline, asked.id, owner=IVAN, reason=" ", now=two_owners.now())
        declined = two_owners.do(decline, asked.id, owner=IVAN, reason="Too short.", now=two_owners.now())
        assert (declined.state, declined.reason, declined.decided_by) == ("declined", "Too short.", IVAN)
        assert two_owners.draft() is not None
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        with pytest.raises(WorkshopError, match="was declined by Ivan already"):
            two_owners.do(approve, asked.id, owner=IVAN, **how)
        assert two_owners.do(trail.entries, limit=1)[0].kind == "declined"

    def test_the_same_text_is_asked_for_once(self, two_owners):
        two_owners.save(two_owners.edited())
        two_owners.publish()
        with pytest.raises(WorkshopError, match="asked for just this already"):
            two_owners.publish(owner=IVAN)

    def test_a_draft_that_goes_on_after_its_request_is_not_overtaken_by_it(self, two_owners):
        two_owners.save(two_owners.edited())
        asked = two_owners.publish()
        two_owners.save(two_owners.draft().text.replace(*OTHER))
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        done = two_owners.do(approve, asked.id, owner=IVAN, **how)
        draft = two_owners.draft()
        assert draft.base == done.version
        assert OTHER[1] in draft.text
        assert isinstance(two_owners.publish(), Request)

    def test_a_request_that_another_one_overtook_cannot_be_approved(self, two_owners):
        two_owners.save(two_owners.edited())
        first = two_owners.publish()
        two_owners.save(two_owners.draft().text.replace(*OTHER))
        second = two_owners.publish()
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        two_owners.do(approve, second.id, owner=IVAN, **how)
        assert two_owners.do(request, first.id).state == "overtaken"
        with pytest.raises(WorkshopError, match="was overtaken"):
            two_owners.do(approve, first.id, owner=IVAN, **how)

    def test_what_fitted_when_it_was_asked_is_checked_again_when_it_is_approved(self, two_owners):
        two_owners.save(two_owners.edited("clauses: [SM-2.3", "clauses: [SM-2.4, SM-2.3"))
        asked = two_owners.publish()
        two_owners.settings = two_owners.settings.model_copy(update={"second_owner_approves": False})
        text = two_owners.text(POLICY).replace("issue:slip", "issue:wrong_fact")
        two_owners.save(text, POLICY)
        two_owners.publish(POLICY)
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        assert two_owners.do(approve, asked.id, owner=IVAN, **how).approver == IVAN

    def test_a_request_that_is_not_there(self, two_owners):
        how = {"now": two_owners.now(), "settings": two_owners.settings}
        with pytest.raises(WorkshopError, match="no request 99"):
            two_owners.do(approve, 99, owner=IVAN, **how)


class TestAtTheSameTime:
    def run(self, *works):
        results = [None] * len(works)
        start = threading.Barrier(len(works))

        def one(n, work):
            start.wait()
            try:
                results[n] = work()
            except WorkshopError as error:
                results[n] = error

        threads = [threading.Thread(target=one, args=each) for each in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_of_two_owners_who_save_at_once_one_is_shown_the_other(self, workshop):
        texts = ["one", "two", "three", "four"]
        found = self.run(*(lambda text=text: workshop.save(text, seen=0) for text in texts))
        conflicts = [each for each in found if isinstance(each, Conflict)]
        assert len(conflicts) == 3
        (kept,) = [each for each in found if not isinstance(each, Conflict)]
        assert workshop.draft().text == kept.text
        assert {error.draft.text for error in conflicts} == {kept.text}
        assert workshop.do(trail.verify).damage == ()

    def test_a_draft_is_published_once_however_often_the_button_is_pressed(self, workshop):
        text = workshop.edited()
        workshop.save(text)
        found = self.run(*(lambda: workshop.publish(seen=1) for _ in range(3)))
        assert sum(isinstance(each, Publication) for each in found) == 1
        assert all(isinstance(each, Publication | Conflict) for each in found)
        assert len(workshop.do(history, FLOW)) == 2
        assert workshop.do(trail.verify).damage == ()


def test_the_checks_of_a_text_that_was_looked_at_keep_nobody_waiting(quick, monkeypatch):
    from amends.workshop import report_of

    text = quick.edited(QUESTION, f"What is amiss at {time.time()}?")
    quick.save(text)
    quick.do(report_of, FLOW, text, quick.settings)
    proved, prove = [], checks.prove_flow
    monkeypatch.setattr(checks, "prove_flow", lambda *given: proved.append(1) or prove(*given))
    quick.publish()
    assert proved == []
