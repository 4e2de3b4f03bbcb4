"""A slot names a message that stands: it is updated, replaced or taken away, and no change of it is missed."""

import json

import pytest

from amends.outbox import outgoing
from amends.outbox.tables import Outgoing
from tests.outbox.line import NOW


@pytest.fixture
def card(box):
    """A drawing that shows `shown[0]`."""
    shown = ["first"]
    box.drawings["card"] = lambda *_: {"text": shown[0]}
    return shown


def redraw(box, key, **options):
    return box.put(key, draw="card", slot="card:1", action="update", **options)


def rows(box):
    with box.database.read() as session:
        return [row.key for row in session.query(Outgoing).order_by(Outgoing.id)]


def test_an_update_posts_when_nothing_stands_and_changes_it_in_place_from_then_on(box, card):
    redraw(box, "a")
    box.send()
    card[0] = "second"
    redraw(box, "b")
    box.send()
    assert box.line.texts() == ["second"]
    assert box.line.called() == ["chat.postMessage", "chat.update"]


def test_a_change_is_drawn_when_it_is_sent_so_that_a_waiting_one_is_enough(box, card):
    assert redraw(box, "a", args={"n": 1})
    assert not redraw(box, "b", args={"n": 2})
    card[0] = "newest"
    box.send()
    assert box.line.texts() == ["newest"]
    assert json.loads(box.posted("card:1").body) == {"n": 2}


def test_a_waiting_replacement_goes_to_the_newest_thread(box, card):
    del card
    replace = {"draw": "card", "slot": "s", "action": "replace"}
    box.put("a", thread="1.1", **replace)
    assert not box.put("b", **replace)
    box.send()
    assert "thread_ts" not in next(iter(box.line.messages["C1"].values()))


def test_a_drawing_that_something_is_recorded_with_is_never_left_out(box, card):
    del card
    seen = []
    box.thens["told"] = lambda _session, row, _sent, _at: seen.append(row.key)
    redraw(box, "a", then="told")
    assert redraw(box, "b", then="told")
    box.send()
    assert seen == ["a", "b"]


def test_a_change_while_the_card_is_being_sent_is_sent_as_well(box, card):
    redraw(box, "a")
    real = box.line._chat_postmessage

    def post(**arguments):
        card[0] = "changed meanwhile"
        assert redraw(box, "b")
        return real(**arguments)

    box.line._chat_postmessage = post
    box.send()
    assert rows(box) == ["a", "b"]
    assert box.line.texts() == ["changed meanwhile"]


def test_a_change_after_a_failed_attempt_needs_no_second_row(box, card):
    box.line.fails("chat.postMessage", "limited", retry_after=1)
    redraw(box, "a")
    box.send()
    card[0] = "newer"
    assert not redraw(box, "b")
    box.clock.forward(1)
    box.send()
    assert box.line.texts() == ["newer"]


@pytest.mark.usefixtures("card")
def test_changes_of_different_cards_places_and_kinds_are_not_taken_for_one(box):
    for number, options in enumerate(({}, {"slot": "other"}, {"to": "C2"}, {"action": "replace"}, {"draw": "twin"})):
        given = {"draw": "card", "slot": "card:1", "action": "update", **options}
        assert box.put(f"m{number}", **given)


@pytest.mark.usefixtures("card")
def test_a_change_that_fails_with_its_transaction_leaves_the_waiting_one_as_it_was(box):
    redraw(box, "a", args={"n": 1})
    with pytest.raises(RuntimeError), box.database.begin() as session:
        outgoing.put(session, "b", to="C1", action="update", draw="card", slot="card:1", args={"n": 2}, at=NOW)
        raise RuntimeError
    box.send()
    assert json.loads(box.posted("card:1").body) == {"n": 1}


@pytest.mark.usefixtures("card")
def test_a_card_that_somebody_deleted_is_posted_anew(box):
    redraw(box, "a")
    box.send()
    box.line.messages["C1"].clear()
    redraw(box, "b")
    box.send()
    assert box.line.texts() == ["first"]
    assert box.posted("card:1").ts == next(iter(box.line.messages["C1"]))


@pytest.mark.usefixtures("card")
def test_a_drawing_that_only_names_its_slot_leaves_what_is_kept_of_the_card(box):
    box.put("a", slot="card:1", body={"text": "advice", "keep": {"reply": "r"}})
    box.send()
    redraw(box, "b", args={"slot": "card:1"})
    box.send()
    assert json.loads(box.posted("card:1").body) == {"reply": "r"}
    assert box.line.texts() == ["first"]


def test_a_drawing_with_nothing_to_say_counts_as_sent_and_changes_nothing(box):
    box.drawings["card"] = lambda *_: None
    redraw(box, "a")
    box.send()
    assert box.row("a").sent_at
    assert box.line.calls == []
    assert box.posted("card:1") is None


def test_a_drawing_that_fails_is_a_dead_letter_and_holds_up_nothing(box, caplog):
    def broken(*_):
        raise LookupError("what somebody typed")

    box.drawings["card"] = broken
    redraw(box, "a")
    box.put("b", draw="unknown", slot="x")
    box.put("c")
    box.send()
    assert box.line.texts() == ["c"]
    assert box.row("a").last_error == "never: drawing: LookupError"
    assert box.row("b").last_error == "never: drawing: KeyError"
    assert "what somebody typed" not in caplog.text


def test_a_replacement_is_posted_before_the_old_message_goes(box):
    box.put("a", slot="s")
    box.put("b", slot="s", action="replace")
    box.send()
    assert box.line.called() == ["chat.postMessage", "chat.postMessage", "chat.delete"]
    assert box.line.texts() == ["b"]
    assert box.posted("s").ts == next(iter(box.line.messages["C1"]))


@pytest.mark.parametrize("kind", ["limited", "later", "unknown"])
def test_a_replacement_whose_old_message_stays_is_not_posted_again(box, kind):
    box.put("a", slot="s")
    box.send()
    box.line.fails("chat.delete", kind)
    box.put("b", slot="s", action="replace")
    box.send()
    assert box.line.texts() == ["a", "b"]
    box.clock.forward(1)
    box.send()
    assert box.line.texts() == ["b"]
    assert box.line.called("chat.postMessage") == ["chat.postMessage"] * 2
    assert "conversations.history" not in box.line.called()


def test_a_replacement_whose_process_died_half_way_is_finished_by_the_next(box):
    box.put("a", slot="s")
    box.send()
    box.put("b", slot="s", action="replace")
    box.line.raises("chat.delete", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        box.send()
    assert box.line.texts() == ["a", "b"]
    box.clock.forward(31)
    box.send()
    assert box.line.texts() == ["b"]


@pytest.mark.parametrize("reason", ["message_not_found", "cant_delete_message"])
def test_a_replaced_message_that_cannot_be_deleted_stays(box, reason):
    box.put("a", slot="s")
    box.send()
    box.line.fails("chat.delete", "never", reason)
    box.put("b", slot="s", action="replace")
    box.send()
    assert box.row("b").sent_at
    assert box.posted("s").ts == box.row("b").ts


def test_a_message_that_is_taken_away_leaves_its_slot_empty(box):
    box.put("a", slot="s")
    box.put("b", slot="s", action="delete", body={})
    box.put("c", slot="s", action="delete", body={})
    box.send()
    assert box.line.texts() == []
    assert box.posted("s") is None
    assert box.line.called("chat.delete") == ["chat.delete"]


def test_a_message_that_is_gone_already_counts_as_taken_away(box):
    box.put("a", slot="s")
    box.send()
    box.line.messages["C1"].clear()
    box.put("b", slot="s", action="delete", body={})
    box.send()
    assert box.row("b").sent_at


def test_what_cannot_be_taken_away_is_a_dead_letter(box):
    box.put("a", slot="s")
    box.send()
    box.line.fails("chat.delete", "never", "cant_delete_message")
    box.put("b", slot="s", action="delete", body={})
    box.send()
    assert box.row("b").dead_at


def test_a_home_tab_that_was_opened_is_known(box):
    box.drawings["home"] = lambda *_: {"text": "home", "blocks": [{"type": "divider"}]}
    box.put("a", "U1", action="home", draw="home", slot="home:slack:T1:U1", args={"participant": "slack:T1:U1"})
    box.send()
    posted = box.posted("home:slack:T1:U1")
    assert (posted.channel, json.loads(posted.body)) == ("U1", {"participant": "slack:T1:U1"})


def test_leads_see_a_dead_letter_on_their_home_tab_at_once(box):
    drawn = []

    def home(session, args, _now):
        drawn.append((args["participant"], [row.key for row in outgoing.dead(session)]))
        return {"text": "home", "blocks": [{"type": "divider"}]}

    box.drawings["home"] = home
    for name, lead in (("ada", True), ("bob", False)):
        box.put(
            name, f"U{name}", action="home", draw="home", slot=f"home:{name}", args={"participant": name, "lead": lead}
        )
    box.send()
    drawn.clear()
    box.put("letter", "C9")
    box.send()
    assert drawn == [("ada", ["letter"])]
    with box.database.begin() as session:
        outgoing.resend(session, box.row("letter").id, NOW)
    box.line.channels.add("C9")
    box.send()
    assert drawn == [("ada", ["letter"]), ("ada", [])]


def test_a_home_tab_that_cannot_be_drawn_is_not_drawn_for_ever(box):
    box.drawings["home"] = lambda *_: {"text": "home", "blocks": [{"type": "divider"}]}
    box.put("a", "U1", action="home", draw="home", slot="home:a", args={"lead": True})
    box.send()
    box.line.fails("views.publish", "never", "not_enabled", times=50)
    box.put("b", "U1", action="home", draw="home", slot="home:a", args={"lead": True})
    box.send()
    assert len(box.line.called("views.publish")) == 2
