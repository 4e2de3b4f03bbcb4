"""A PostgreSQL of its own for the record, that can be killed, paused and started again."""

import contextlib
import signal
import subprocess
import time
from urllib.parse import parse_qs, urlsplit

import psutil
from sqlalchemy.engine import make_url

from tests.postgres import started_in
from tests.waiting import LONGEST


class Postgres:
    """Runs in a folder; `url` goes to it directly, `url_through` by a port of loopback."""

    def __init__(self, folder):
        self._server = started_in(folder / "postgres", runtime=folder)
        uri = self._server.get_uri()
        self.socket = f"{parse_qs(urlsplit(uri).query)['host'][0]}/.s.PGSQL.5432"
        self.url = make_url(uri).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)

    def url_through(self, port):
        address = make_url(self.url).set(host="127.0.0.1", port=port, query={})
        return address.render_as_string(hide_password=False)

    def kills(self):
        """Ends it without a word, and starts it again."""
        main = psutil.Process(self._server.get_pid())
        rest = main.children(recursive=True)
        main.kill()
        psutil.wait_procs(rest, timeout=LONGEST)
        end = time.monotonic() + 2 * LONGEST
        while not self._starts():
            assert time.monotonic() < end, "PostgreSQL does not come back"
            time.sleep(0.5)

    def _starts(self):
        """Whether it runs again; not while its old processes are still going away."""
        try:
            self._server.ensure_postgres_running()
        except subprocess.SubprocessError:
            return False
        return True

    def pauses(self):
        self._signals(signal.SIGSTOP)

    def goes_on(self):
        self._signals(signal.SIGCONT)

    def stops(self):
        self.goes_on()
        self._server.cleanup()

    def _signals(self, signal_):
        main = psutil.Process(self._server.get_pid())
        for each in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(signal_)
