"""Processes die, the record cannot be written: nothing is lost, and nothing is said to be recorded that is not."""

import sqlite3


def test_it_goes_on_where_it_was_after_everything_was_killed(chat, servers):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    ada.presses("slip")
    question, press = ada.asked, ada.button("none")
    servers.kill()
    servers.start()
    ada.says("hello")
    assert "Welcome back" in ada.said
    assert ada.asked == question
    ada.says(press)
    assert ada.answers()["personal_data"] == "none"
    assert "resumed" in ada.kinds()


def test_without_the_action_server_nothing_is_said_and_the_same_message_works_later(chat, servers):
    ada = chat()
    servers.kill("actions")
    assert ada.says("I've just posted my night out photos on the uni account", key=f"{ada.id}-1") == []
    servers.start("actions")
    ada.says("I've just posted my night out photos on the uni account", key=f"{ada.id}-1")
    assert ada.last[0].type == "safe_steps"
    assert ada.kinds().count("reported") == 1


def test_the_action_server_dies_in_the_loop_and_the_answer_is_taken_once_when_it_is_back(chat, servers):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    send = ada.button("slip")
    servers.kill("actions")
    assert ada.says(send, key=f"{ada.id}-slip") == []
    servers.start("actions")
    ada.says(send, key=f"{ada.id}-slip")
    assert ada.answers()["issue"] == ["slip"]
    assert ada.asked == "personal_data"


def test_a_record_that_cannot_be_written_is_said_and_nothing_is_recorded(chat, servers):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    kinds = ada.kinds()
    send = ada.button("All right")
    lock = sqlite3.connect(servers.folder / "record.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        ada.says(send, key=f"{ada.id}-all")
        assert [reply.type for reply in ada.last] == ["failure"]
        assert "NOT recorded" in ada.said
        assert "Grace Hopper, 01234 555" in ada.said
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert ada.kinds() == kinds
    ada.says(send, key=f"{ada.id}-all")
    assert "confirmed" in ada.kinds()
    assert ada.asked == "issue"
