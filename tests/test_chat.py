"""`amends chat` against a strict stand-in for the bot: typed lines, presses, JSON, and what it says when it cannot."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from amends.chat import chat
from amends.conversation.presses import NoSuchPress, choose, live, press_times, presses, said
from amends.conversation.replies import Button, TextReply, press_answer, press_done
from amends.incidents import deliveries
from amends.incidents.database import Database
from tests.console.fake_bot import TOKEN, running_bot
from tests.console.triage import EVERY_TYPE, Triage, recommendation, understood


@pytest.fixture
def bot():
    with running_bot() as bot:
        bot.answer = Triage()
        yield bot


@pytest.fixture
def run(bot, tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_PORT", str(bot.port))
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'record.db'}")
    monkeypatch.setenv("COLUMNS", "100")
    import typer

    app = typer.Typer()
    app.command()(chat)

    def run(*arguments, script=None, typed=None):
        extra = []
        if script is not None:
            path = tmp_path / "script.txt"
            path.write_text(script, encoding="utf-8")
            extra = ["--script", str(path)]
        return CliRunner().invoke(app, ["--name", "Ada", *arguments, *extra], input=typed)

    run.url = f"sqlite:///{tmp_path / 'record.db'}"
    return run


SCRIPT = """\
# the whole way, by typing and pressing
I've just posted my night out photos on the uni account

> All right
> hurt
> issue2, It is rude, or swears
> Truth number 4
> just now
> Done: take_down
> done: keep evidence
"""


def test_a_script_types_and_presses_by_label_or_value_and_prints_the_transcript(run, bot):
    result = run(script=SCRIPT.replace("issue2, It is rude, or swears", "issue2, rude"))
    assert result.exit_code == 0, result.output
    assert "you: > Done: take_down" in result.output
    assert "Who could be hurt by it?" in result.output
    assert bot.texts == [
        "I've just posted my night out photos on the uni account",
        "/affirm",
        '/press{"question": "harm", "value": "hurt", "state": "INC-2026-0001:3"}',
        '/press{"question": "issue", "value": "issue2,rude", "state": "INC-2026-0001:3"}',
        '/press{"question": "truth", "value": "truth4", "state": "INC-2026-0001:3"}',
        '/press{"question": "noticed_at", "value": "now", "state": "INC-2026-0001:3"}',
        '/action_done{"step": "take_down", "state": "INC-2026-0001:9"}',
        '/action_done{"step": "preserve", "state": "INC-2026-0001:10"}',
    ]


def test_what_is_said_in_the_terminal_is_recorded_with_its_source(run):
    run(script="Hello there\n")
    database = Database(run.url)
    with database.read() as session:
        from sqlalchemy import select

        from amends.incidents.models import Delivery

        delivery = session.scalars(select(Delivery)).one()
    assert (delivery.text, delivery.source) == ("Hello there", "terminal")
    assert delivery.handled_at is not None
    assert deliveries.waiting(database) == []
    database.dispose()


def test_json_prints_each_reply_as_one_line_with_its_payload(run):
    result = run("--json", script="Help\n> All right\n")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["safe_steps", "understood", "question"]
    assert lines[2]["options"][0] == {"code": "none", "label": "Nobody"}


def test_an_unknown_label_names_those_there_are_and_ends_with_1(run):
    result = run(script="Help\n> All wrong\n")
    assert result.exit_code == 1
    assert "There is nothing called 'All wrong' to press" in result.stderr
    assert "All right; Change: Where did this come from?" in " ".join(result.stderr.split())


def test_when_the_bot_is_not_running_it_says_so_in_one_sentence(run, bot):
    bot.stop()
    result = run(script="Help\n")
    assert result.exit_code == 1
    assert "The assistant is not running" in result.stderr
    assert "Traceback" not in result.output + result.stderr


def test_when_the_assistant_does_not_answer_the_safe_steps_are_printed(run, bot):
    bot.answer = lambda _: []
    result = run(script="Help\n")
    assert result.exit_code == 1
    assert "screenshot" in result.stdout
    assert "did not answer" in result.stderr


def test_without_a_token_it_says_what_to_do(run, monkeypatch):
    monkeypatch.setenv("BOT_TOKEN", "")
    result = run(script="Help\n")
    assert result.exit_code == 1
    assert "make run" in result.stderr


def test_a_script_that_is_not_text_is_refused(run, tmp_path):
    path = tmp_path / "picture.txt"
    path.write_bytes(b"\xff\xfe\x00\xd8")
    result = run("--script", str(path))
    assert result.exit_code == 1
    assert "cannot be read as text" in result.stderr


def test_interactive_numbers_press_and_words_are_typed(run, bot):
    result = run(typed="It went wrong\n1\n\n> somebody could be hurt\n2, 8\n> nothing like it\n99\n")
    assert result.exit_code == 0, result.output
    assert bot.texts == [
        "It went wrong",
        "/affirm",
        '/press{"question": "harm", "value": "hurt", "state": "INC-2026-0001:3"}',
        '/press{"question": "issue", "value": "issue2,rude", "state": "INC-2026-0001:3"}',
        "99",
    ]
    assert "nothing called 'nothing like it'" in result.stderr


def test_the_first_numbers_are_those_of_what_was_asked_last(run, bot):
    way_out = Button(label="This is real, no drill", send='/practise{"about": "real"}')
    asked = TextReply(text="Is it still up?", buttons=(Button(label="Yes", send="/affirm"),))
    bot.answer = lambda _: [TextReply(text="First, safe steps.", buttons=(way_out,)), asked]
    run(typed="It went wrong\n1\n")
    assert bot.texts == ["It went wrong", "/affirm"]


def test_a_conversation_goes_on_under_its_name(run, bot):
    run("--conversation", "tuesday", script="Help\n")
    run("--conversation", "tuesday", script="> All right\n")
    assert bot.texts == ["Help", "/affirm"]
    assert len({call["sender"] for call in bot.calls}) == 1


def test_two_names_never_share_a_conversation(run, bot):
    run("--conversation", "tuesday", script="Help\n")
    run("--conversation", "tuesday", "--name", "Bo", script="Help\n")
    assert len({call["sender"] for call in bot.calls}) == 2


def test_replies_cannot_play_tricks_with_the_terminal(run, bot):
    bot.answer = lambda _: [TextReply(text="[bold]not markup[/bold] \x1b[2Jnot cleared")]
    result = run(script="Help\n")
    assert "[bold]not markup[/bold]" in result.stdout
    assert "\x1b[2J" not in result.stdout


@pytest.mark.parametrize("name", list(EVERY_TYPE))
def test_whatever_can_be_pressed_is_found_by_its_label_and_by_its_value_and_said_in_words(name):
    reply = EVERY_TYPE[name]()
    for press in presses(reply):
        assert choose([reply], press.label.upper()) == press.send
        assert choose([reply], press.value) == press.send
        assert said(press.send, [reply]) == press.label or not press.send.startswith("/")


def test_several_options_of_a_many_choice_are_one_answer():
    question = EVERY_TYPE["question with boxes"]()
    sends = choose([question], "Kind of problem number 1, issue3")
    assert sends == press_answer("issue", "issue1,issue3", question.state)
    assert said(sends, [question]) == "Kind of problem number 1; Kind of problem number 3"
    with pytest.raises(NoSuchPress):
        choose([question], "issue1, nonsense")
    with pytest.raises(NoSuchPress):
        choose([EVERY_TYPE["question with buttons"]()], "own_post, hijack")


def test_a_step_that_is_done_cannot_be_pressed_again():
    sends = [press.send for press in presses(recommendation(("preserve",)))]
    assert press_done("take_down", "INC-2026-0001:10") in sends
    assert press_done("preserve", "INC-2026-0001:10") not in sends


def test_only_the_last_answer_can_be_pressed_and_advice_until_something_newer_stands():
    advice, words, question = recommendation(), TextReply(text="Because."), EVERY_TYPE["scale"]()
    assert live([]) == ()
    assert live([[understood()], [question]]) == (question,)
    assert live([[question], [words]]) == (words,)
    assert live([[advice], [words]]) == (advice, words)
    assert live([[advice], [question], [words]]) == (words,)


def test_an_old_or_strange_press_is_said_in_plain_words():
    assert said('/press{"question": "harm", "value": "none"}', []) == "Press none"
    assert said("/press{broken", []) == "/press{broken"
    assert said("/etc/passwd was in it", []) == "/etc/passwd was in it"
    assert said("/press{[]}", []) == "Press{[]}"
    assert said("/ask_why", []) == "Ask why"
    assert said("typed words", []) == "typed words"


def test_times_are_pressed_with_their_zone_and_said_in_words():
    question = EVERY_TYPE["times"]()
    posted, noticed = (datetime(2026, 11, 24, 21, minute, tzinfo=UTC) for minute in (20, 40))
    both = press_times("noticed_at", posted, noticed, question.state)
    assert '"2026-11-24T21:20:00+00:00,2026-11-24T21:40:00+00:00"' in both
    assert said(both, [question]) == "Posted at 21:20 on 24 November 2026, first noticed at 21:40 on 24 November 2026"
    assert (
        said(press_times("noticed_at", None, noticed, "s"), [question]) == "first noticed at 21:40 on 24 November 2026"
    )
    assert said(press_answer("noticed_at", "nonsense", "s"), [question]) == "nonsense"
