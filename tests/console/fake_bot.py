"""A strict stand-in for the bot's channel: it checks what it is sent and answers with real replies."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from amends.conversation.replies import TextReply
from amends.settings import Settings
from tests.ports import free_port

TOKEN = "a-shared-secret"
METADATA = {"key", "actor_id", "actor_name", "said_at", "source"}


class FakeBot:
    """`answer` maps a body to a list of replies, or to a status, or to raw bytes."""

    def __init__(self, port=0):
        self.port = port or free_port()  # kept when it is started again, so nobody else may get it
        self.calls = []
        self.headers = []  # of each message, beside what it says
        self.mistakes = []
        self.answer = lambda body: [TextReply(text=f"Heard: {body['message']}")]
        self.delay = 0.0
        self._free = threading.Event()
        self._free.set()
        self._busy = set()
        self._guard = threading.Lock()
        self._server = None

    @property
    def texts(self):
        return [call["message"] for call in self.calls]

    def start(self):
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                bot._check(self.path == "/webhooks/amends/", f"GET {self.path}")
                self._send(200, b'{"status": "ok"}')

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                bot._check(self.path == "/webhooks/amends/webhook", f"POST {self.path}")
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    bot.mistakes.append("wrong token")
                    self._send(401, b'{"error": "The token is missing or wrong."}')
                    return
                body = json.loads(raw)
                bot.headers.append(self.headers)
                bot._check(set(body) == {"sender", "message", "metadata"}, f"body {sorted(body)}")
                bot._check(set(body["metadata"]) == METADATA, f"metadata {sorted(body['metadata'])}")
                self._send(*bot._handle(body))

            def _send(self, status, content):
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    bot.mistakes.append("the caller did not wait for the answer")

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def holding(self):
        """Nobody gets an answer before the block ends."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def _check(self, right, what):
        if not right:
            self.mistakes.append(what)

    def _handle(self, body):
        sender = body["sender"]
        with self._guard:
            self._check(sender not in self._busy, f"two messages of {sender} at once")
            self._busy.add(sender)
            self.calls.append(body)
        try:
            time.sleep(self.delay)
            self._free.wait()
            said = self.answer(body)
        finally:
            with self._guard:
                self._busy.discard(sender)
        if isinstance(said, int):
            return said, b'{"error": "The message could not be handled."}'
        if isinstance(said, bytes):
            return 200, said
        messages = [{"recipient_id": sender, "custom": reply.model_dump(mode="json")} for reply in said]
        return 200, json.dumps(messages).encode()


@contextmanager
def running_bot():
    bot = FakeBot()
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()
    assert bot.mistakes == []


def settings_for(bot_port, database_url, **more):
    values = {
        "bot_port": bot_port,
        "database_url": database_url,
        "bot_token": SecretStr(TOKEN),
        "session_secret": SecretStr("signs cookies in tests"),
        "emergency_contact": "Sam Reeve, 020 7946 0000",
    }
    return Settings(_env_file=None, **(values | more))
