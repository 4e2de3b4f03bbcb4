"""Rasa's session is begun anew now and then, so that turns stay fast; nobody notices."""

import sqlite3


def test_a_conversation_of_many_turns_goes_on_and_what_rasa_hands_about_stays_small(chat, servers):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    for _ in range(35):
        ada.says("why do you ask?")
        assert ada.asked == "issue"
    ada.says("it's just a harmless slip")
    assert ada.answers()["issue"] == ["slip"]
    for turn in range(26):
        ada.says("why do you ask?")
        assert ada.asked == "personal_data", turn
    ada.says("there is nobody in it")
    assert ada.answers()["issue"] == ["slip"]
    with sqlite3.connect(servers.folder / "tracker.db") as tracker:
        sessions = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name = 'session_started'"
        assert tracker.execute(sessions, [ada.id]).fetchone()[0] == 3
    tracker.close()


def test_the_turn_with_which_the_session_begins_anew_can_be_any(chat):
    ada = chat()
    for _ in range(28):
        ada.says("thanks")
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    ada.presses("slip")
    assert ada.answers()["issue"] == ["slip"]
    assert ada.asked == "personal_data"
    ada.says("no, nobody")
    assert "personal_data" in ada.answers() or ada.asked == "personal_data"
