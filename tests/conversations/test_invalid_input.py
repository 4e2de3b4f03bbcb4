"""Strange input gets a kind answer, changes nothing, and stops nothing."""

import json

import pytest

STRANGE = [
    "",
    "   ",
    "\U0001f600\U0001f600",
    "\x00\x01\x1b[31m",
    "<script>alert(1)</script>'; DROP TABLE incident;--",
    "Hemos publicado por error los datos de los estudiantes",
    "\u6211\u4eec\u53d1\u9519\u4e86\u5fae\u535a",
    "/restart",
    "/session_start",
    "/frobnicate",
    "/press",
    '/press{"question":"nope","value":"x","state":"INC-2026-0001:1"}',
    '/press{"question":',
    '/press{"question":["a"]}',
    '/correct_answer{"question":"nope"}',
    '/action_done{"step":"nope"}',
    '/ask_alternative{"code":"nope"}',
    '/handover{"role":"nope"}',
    "?" * 300,
    "a" * 5000,
    "\ud83d",
]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_in_the_middle_of_the_questions(chat, text):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    before = ada.answers()
    ada.says(text)
    assert ada.last
    assert ada.shows("failure") is None
    assert ada.answers() == before
    if not ada.shows("understood") and not ada.shows("question"):
        assert ada.last[-1].buttons
    assert ada.incident().state in ("asking", "confirming")


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_with_nothing_open(chat, text):
    ada = chat()
    ada.says(text)
    assert ada.last
    assert ada.shows("failure") is None


def test_forty_thousand_characters_are_cut_and_it_says_so(chat):
    ada = chat()
    ada.says("I posted the wrong picture on the uni account. " * 900)
    assert "I kept the first 10,000 characters." in ada.said
    entry = ada.trail()[0]
    assert entry.payload["cut"] is True
    assert len(entry.payload["text"]) <= 10_000


def test_a_time_that_cannot_be_read_or_has_not_come_is_asked_again_with_an_example(chat):
    ada = chat()
    ada.says("I sent an email with the names and diagnoses of 200 patients to the wrong people")
    answers = {"certain": "yes", "personal_data": "sensitive", "readable": "yes", "risk": "high"}
    for _ in range(15):
        if ada.asked == "noticed_at":
            break
        if ada.shows("understood"):
            ada.presses("All right")
        else:
            ada.presses(answers.get(ada.asked, ada.shows("question").options[0].code))
    assert ada.asked == "noticed_at"
    ada.says("purple")
    assert "For example" in ada.said
    assert ada.asked == "noticed_at"
    ada.says("2099-01-01 10:00")
    assert "has not come yet" in ada.said
    assert ada.asked == "noticed_at"
    ada.says("ten minutes ago")
    assert "noticed_at" in ada.answers()
    clocks = ada.goes_through(**answers).clocks
    assert any(clock.due for clock in clocks)


@pytest.mark.parametrize(
    ("body", "token", "status"),
    [
        ({"sender": "a", "message": "hello"}, None, 401),
        ({"sender": "a", "message": "hello"}, "wrong", 401),
        ({"sender": "a", "message": "hello"}, "", 401),
        (b"{", "right", 400),
        (b"[]", "right", 400),
        (b"\xff\xfe", "right", 400),
        ({"message": "hello"}, "right", 400),
        ({"sender": 7, "message": "hello"}, "right", 400),
        ({"sender": "a" * 500, "message": "hello"}, "right", 400),
        ({"sender": "a", "message": ["hello"]}, "right", 400),
        ({"sender": "a", "message": "hello", "metadata": "x"}, "right", 400),
        (b'{"sender":"a","message":"' + b"x" * 2_000_000 + b'"}', "right", 400),
    ],
)
def test_the_channel_takes_only_what_it_knows(servers, body, token, status):
    from .conftest import TOKEN

    found, answer = servers.post(body, TOKEN if token == "right" else token)
    assert found == status
    assert answer["error"]
    assert json.dumps(answer).isascii()


def test_nothing_that_people_type_is_in_a_log(chat, servers):
    ada = chat()
    ada.says("Zanzibarquux posted on the uni account")
    ada.says("/zanzibarquux")
    ada.says('/press{"zanzibarquux": "zanzibarquux"}')
    for name in ("bot", "actions"):
        assert "zanzibarquux" not in servers.log(name).lower()
