"""A form out of a page, as a browser would send it, to be filled in differently."""

from html.parser import HTMLParser


class Filled(HTMLParser):
    """The fields of the form with a given id: pairs of name and value, in their order."""

    def __init__(self, page, form="form"):
        super().__init__()
        self.pairs, self.action = [], None
        self._wanted, self._inside, self._select, self._area = form, False, None, None
        self.feed(page.text)
        assert self.action is not None, "There is no such form."

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form" and at.get("id") == self._wanted:
            self._inside, self.action = True, at["action"]
        if not self._inside or not (at.get("name") or tag == "option"):
            return
        if tag == "input" and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self.pairs.append((at["name"], at.get("value") or ""))
        elif tag == "textarea":
            self._area = [at["name"], ""]
        elif tag == "select":
            self._select = at["name"]
            self.pairs.append((at["name"], None))
        elif tag == "option" and self._select and ("selected" in at or self.pairs[-1][1] is None):
            self.pairs[-1] = (self._select, at["value"])

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            # The line break directly behind <textarea> is not part of it; the others are sent as two characters.
            self.pairs.append((self._area[0], self._area[1].removeprefix("\n").replace("\n", "\r\n")))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False

    def __getitem__(self, name):
        return next(value for key, value in self.pairs if key == name)

    def __contains__(self, name):
        return any(key == name for key, _ in self.pairs)

    def __setitem__(self, name, value):
        """One value in the place of those that there are, or several."""
        values = value if isinstance(value, list) else [value]
        at = next((n for n, (key, _) in enumerate(self.pairs) if key == name), len(self.pairs))
        rest = [pair for pair in self.pairs if pair[0] != name]
        self.pairs = [*rest[:at], *((name, each) for each in values), *rest[at:]]

    def send(self, client, press="", **how):
        pairs = [*self.pairs, ("press", press)] if press else self.pairs
        data = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return client.post(how.pop("to", self.action), data=data, **how)
