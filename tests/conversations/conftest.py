"""The real bot, action server and desk, on free ports, with a record of their own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest

from amends.conversation.replies import press_answer, read_reply
from amends.incidents import record, trail
from amends.incidents.database import Database
from amends.ops.train import bot_program, ensure_model
from amends.settings import ROOT
from tests.ports import free_port
from tests.waiting import LONGEST

TOKEN = "a-secret-for-the-tests"


class Servers:
    """Bot, action server and, where it is asked for, the desk: started, killed, started again."""

    def __init__(self, folder, model, **settings):
        self.folder = folder
        self.model = model
        self.bot_port, self.actions_port, self.desk_port = free_port(), free_port(), free_port()
        self.database_url = f"sqlite:///{folder / 'record.db'}"
        self.processes = {}
        self.before = ()  # a command that bot and action server are started by, such as nice
        self.own = {}  # what one process finds in its environment and the others do not: its name -> variables
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CONTACT_")},
            "BOT_TOKEN": TOKEN,
            "SESSION_SECRET": TOKEN,
            "BOT_PORT": str(self.bot_port),
            "ACTIONS_PORT": str(self.actions_port),
            "DESK_PORT": str(self.desk_port),
            "TRACKER_URL": f"sqlite:///{folder / 'tracker.db'}",
            "DATABASE_URL": self.database_url,
            "EMERGENCY_CONTACT": "Grace Hopper, 01234 555",
            "CONTACT_LEGAL": "Lee Legal, 01234 777",
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            **settings,
        }
        self.places = {
            "bot": (self.bot_port, "/webhooks/amends/"),
            "actions": (self.actions_port, "/health"),
            "desk": (self.desk_port, "/readyz"),
        }

    def start(self, *names):
        for name in names or ("actions", "bot"):
            self.spawn(name)
        for name in names or ("actions", "bot"):
            self.wait(name)

    def spawn(self, name):
        """Starts a process and does not wait until it is ready."""
        command = {
            "actions": [*self.before, sys.executable, "-m", "actions"],
            "desk": [sys.executable, "-m", "amends.console.app"],
            "bot": [
                *(*self.before, str(bot_program(ROOT)), "run", "-i", "127.0.0.1", "-p", str(self.bot_port)),
                *("--credentials", "credentials.yml", "--endpoints", "endpoints.yml", "--model", str(self.model)),
            ],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **self.own.get(name, {})},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, name, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.processes[name].poll() is not None:
                break
            if self.is_ready(name):
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} did not become ready:\n{self.log(name)[-3000:]}")

    def is_ready(self, name):
        port, path = self.places[name]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def kill(self, *names):
        for name in names or tuple(self.processes):
            process = self.processes.pop(name, None)
            if process is not None:
                with contextlib.suppress(ProcessLookupError):  # it ended by itself
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def post(self, body, token=TOKEN, timeout=LONGEST):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.bot_port}/webhooks/amends/webhook",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}"} if token is not None else {},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("servers"), ensure_model(ROOT, lambda _line: None))
    try:
        servers.start()
        yield servers
    finally:
        servers.kill()


@pytest.fixture(scope="session")
def the_record(servers):
    database = Database(servers.database_url)
    yield database
    database.dispose()


class Chat:
    """A person at the channel. `says` types, `presses` presses what was drawn last."""

    def __init__(self, servers, database, name):
        self.servers = servers
        self.database = database
        self.name = name
        self.id = f"web:{name.lower()}-{uuid.uuid4().hex[:8]}"
        self.last = []
        self.count = 0

    def says(self, text, key=None):
        self.count += 1
        metadata = {
            "key": key or f"{self.id}-{self.count}",
            "actor_id": self.id,
            "actor_name": self.name,
            "source": "web",
        }
        status, messages = self.servers.post({"sender": self.id, "message": text, "metadata": metadata})
        assert status == 200, messages
        self.last = [read_reply(message) for message in messages]
        return self.last

    def presses(self, label, key=None):
        return self.says(self.button(label), key)

    def button(self, label):
        for reply in reversed(self.last):
            for button in reply.buttons:
                if label in (button.label, button.send):
                    return button.send
            for option in getattr(reply, "options", ()):
                if label in (option.label, option.code):
                    return press_answer(reply.question, option.code, reply.state)
        there = [b.label for r in self.last for b in r.buttons]
        raise AssertionError(f"There is no button {label!r} among {there} and the options.")

    @property
    def said(self):
        return "\n".join(reply.text for reply in self.last)

    @property
    def asked(self):
        """The id of the question that was drawn, if one was."""
        return next((r.question for r in reversed(self.last) if r.type == "question"), None)

    def shows(self, type_):
        return next((r for r in reversed(self.last) if r.type == type_), None)

    @property
    def reference(self):
        with self.database.read() as session:
            conversation = session.get_one(record.Conversation, self.id)
            return session.get_one(record.Incident, conversation.incident_id).reference

    def incident(self, reference=None):
        with self.database.read() as session:
            return record.find(session, reference or self.reference)

    def trail(self, reference=None):
        with self.database.read() as session:
            return trail.entries(session, record.find(session, reference or self.reference))

    def kinds(self, reference=None):
        return [entry.kind for entry in self.trail(reference)]

    def answers(self, reference=None):
        return json.loads(self.incident(reference).answers)

    def goes_through(self, **answers):
        """Press answers until the advice comes; questions that are not named get their first option."""
        for _ in range(30):
            if self.shows("recommendation"):
                return self.shows("recommendation")
            if self.shows("understood"):
                self.presses("All right")
            elif self.asked == "noticed_at":
                self.presses("Just now")
            else:
                question = self.shows("question")
                assert question is not None, self.said
                self.presses(answers.get(question.question, question.options[0].code))
        raise AssertionError("No advice after 30 answers.")


@pytest.fixture
def chat(servers, the_record):
    return lambda name="Ada": Chat(servers, the_record, name)
