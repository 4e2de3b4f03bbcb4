"""Rasa keeps of a conversation only the loop that it is in, so that turns stay fast; nobody notices."""

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
        tables = [name for (name,) in tracker.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert tables == ["loop"]
        kept = tracker.execute("SELECT * FROM loop WHERE sender_id = ?", [ada.id]).fetchall()
        assert kept == [(ada.id, "triage_form", "answer")]
    tracker.close()
    for file in servers.folder.glob("tracker.db*"):
        assert b"harmless slip" not in file.read_bytes(), "Rasa's tracker holds what somebody said"


def test_a_conversation_that_begins_with_small_talk_goes_on_as_any(chat):
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
