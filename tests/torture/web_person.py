"""Somebody at the web chat, who sees the forms that are drawn and sends them."""

import contextlib
import http.client
import random
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from amends.console.forms import Form, key_of, message_of
from amends.settings import Settings

ZONE = Settings(_env_file=None).zone
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
OK, SEE_OTHER = 200, 303
LONGEST_WAIT = 15.0
"""Seconds that a page is waited for."""


@dataclass
class Drawn:
    """A form as it stands on the page: its fields, its buttons (what they send -> label), its boxes."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """A form that was sent, until it was acknowledged: the message's key and its words."""

    key: str
    text: str
    status: int


class _Forms(HTMLParser):
    """The forms of a page, its text, and whether it says that something waits."""

    def __init__(self):
        super().__init__()
        self.forms = []
        self.words = []
        self._button = None

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "form":
            self.forms.append(Drawn(named.get("action", "")))
        elif self.forms and tag == "input" and "name" in named:
            if named.get("type") in {"checkbox", "radio"}:
                self.forms[-1].boxes.append(named["value"])
            else:
                self.forms[-1].fields[named["name"]] = named.get("value", "")
        elif self.forms and tag == "textarea":
            self.forms[-1].fields[named["name"]] = ""
        elif self.forms and tag == "button" and named.get("name") == "send":
            self._button = named["value"]
            self.forms[-1].buttons[self._button] = ""

    def handle_endtag(self, tag):
        if tag == "button":
            self._button = None

    def handle_data(self, data):
        self.words.append(data)
        if self._button is not None:
            self.forms[-1].buttons[self._button] += data.strip()


def forms_of(page):
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def words_of(page):
    parser = _Forms()
    parser.feed(page)
    return " ".join(" ".join(parser.words).split())


class WebPerson:
    """One visit: a cookie, a name, and the page as it was drawn last.

    `sent` holds every message that the desk acknowledged, by its key; `told` every page that said that something did
    not work, with its status.
    """

    def __init__(self, port, name, chance: random.Random):
        self.port = port
        self.name = name
        self.chance = chance
        self.cookie = ""
        self.page = ""
        self.sent = {}
        self.told = []

    # -- what is seen

    def looks(self):
        """Draws the page; whether it came."""
        status, page = self._asks("GET", "/")
        if status == OK:
            self.page = page
        return status == OK

    @property
    def forms(self):
        return forms_of(self.page)

    def cards(self):
        """The forms of what can be pressed or ticked now."""
        return [form for form in self.forms if form.action == "/say" and (form.buttons or form.boxes)]

    def waits(self):
        """Whether the page says that something was not answered yet."""
        return "Sent, not yet answered." in self.page

    # -- what is done

    def says(self, text, twice=False):
        """Types something; None, if it was not acknowledged."""
        composer = next(each for each in self.forms if "text" in each.fields)
        values = {**composer.fields, "text": text}
        if composer.action == "/start":
            values["name"] = self.name
        return self._sends(composer.action, list(values.items()), twice)

    def presses(self, form, send, twice=False):
        """Presses a button; None, if it was not acknowledged."""
        return self._sends(form.action, [*form.fields.items(), ("send", send)], twice)

    def ticks(self, form, codes, twice=False):
        """Ticks boxes and sends them; None, if they were not acknowledged."""
        return self._sends(form.action, [*form.fields.items(), *(("option", code) for code in codes)], twice)

    def _sends(self, action, values, twice):
        form = Form(dict(values), [value for name, value in values if name == "option"])
        text = message_of(form, ZONE)
        key = key_of(form, text)
        body = urlencode(values)
        status = 0
        for _ in range(2 if twice else 1):
            answered, page = self._asks("POST", action, body)
            if answered in {OK, SEE_OTHER}:
                self.sent[key] = text
                status = answered
                if answered == OK:
                    self.page = page
            elif answered:
                self.told.append((answered, words_of(page)))
        return Sent(key, text, status) if status else None

    def _connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT)

    def _asks(self, method, path, body=None):
        """Status and text of the answer; (0, "") when none came."""
        connection = self._connection()
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, {**HEADERS, "Cookie": self.cookie})
            answer = connection.getresponse()
            page = answer.read().decode()
            for each in answer.headers.get_all("Set-Cookie") or ():
                self.cookie = each.partition(";")[0]
            return answer.status, page
        time.sleep(self.chance.uniform(0.1, 0.5))
        return 0, ""
