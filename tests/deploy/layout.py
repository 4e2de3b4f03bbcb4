"""The layout of `deploy/`, started from the shipped files: two of each process behind nginx, and PostgreSQL.

Only what differs from machine to machine is replaced: ports, paths, passwords, the certificate.
"""

import configparser
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

from dotenv import dotenv_values

from amends.settings import ROOT
from tests.ports import free_port
from tests.waiting import LONGEST

from .server import PostgreSQL

SHIPPED = ROOT / "deploy"
PORTS = (5000, 5050, 5005, 5006, 5055, 5056, 8000, 8001, 80, 443)
"""Those of the shipped files."""
READY = {"bot": "/webhooks/amends/", "actions": "/health", "desk": "/healthz"}
LONGEST_START = 5 * LONGEST
PASSWORD = "a-password-for-the-tests"
SECRET = "a-secret-for-the-tests-0123456789-abcdefgh"


class Layout:
    """Started, killed, started again; `port` is what a shipped port has become."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings = settings
        self.port = {each: free_port() for each in PORTS}
        self.processes = {}
        self.postgres = PostgreSQL(folder / "postgres", free_port())

    @property
    def record(self):
        return f"postgresql+psycopg://amends:{PASSWORD}@127.0.0.1:{self.postgres.port}/amends"

    @property
    def tracker(self):
        return f"postgresql://amends_bot:{PASSWORD}@127.0.0.1:{self.postgres.port}/amends_tracker"

    # -- what is shipped, as it is on this machine

    def environment(self, name):
        """What the shipped file of variables says, filled in."""
        values = {key: value for key, value in dotenv_values(SHIPPED / f"{name}.env.example").items() if value}
        values = {key: value for key, value in values.items() if not key.startswith(("OIDC_", "SLACK_"))}
        own = {
            "BOT_TOKEN": SECRET,
            "ACTIONS_PORT": str(self.port[5050]),
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
        }
        if name == "bot":
            return {**values, **own, "TRACKER_URL": self.tracker}
        return {
            **values,
            **own,
            "AMENDS_MODE": "local",  # nobody signs in here
            "BOT_PORT": str(self.port[5000]),
            "DATABASE_URL": self.record,
            "SESSION_SECRET": SECRET[::-1],
            "TRAIL_KEYS": os.environ["TRAIL_KEYS"],
            "DESK_URL": f"https://127.0.0.1:{self.port[443]}",
            **self.settings,
        }

    def command(self, unit, shipped=None):
        """What a shipped unit starts, with which variables."""
        found = configparser.RawConfigParser(strict=False)
        found.optionxform = str
        found.read(SHIPPED / "systemd" / unit)
        service = found["Service"]
        line = service["ExecStart"].replace("%i", str(self.port.get(shipped, shipped)))
        line = line.replace("/opt/amends", str(ROOT)).replace("/var/lib/amends-bot", str(self.folder / "bots"))
        name = re.fullmatch(r"/etc/amends/(\w+)\.env", service["EnvironmentFile"])[1]
        return shlex.split(line), self.environment(name)

    def proxy(self):
        """The shipped configuration of nginx, in a file that nginx can start from; returns its path."""
        text = (SHIPPED / "nginx" / "amends.conf").read_text()
        text = re.sub(r"\s*listen \[::\]:.*", "", text)
        text = re.sub(
            r"(listen (?:127\.0\.0\.1:)?|server 127\.0\.0\.1:)(\d+)",
            lambda found: (
                f"{found[1].replace('listen ', 'listen 127.0.0.1:') if found[1] == 'listen ' else found[1]}"
                f"{self.port[int(found[2])]}"
            ),
            text,
        )
        text = text.replace("/etc/amends/tls", str(self.folder)).replace("/var/log/nginx", str(self.folder))
        text = text.replace("server_name amends.example.org", "server_name 127.0.0.1")
        own = [
            f"{each}_temp_path {self.folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ]
        whole = f"daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx-error.log warn;\n"
        whole += "worker_processes 1; events { worker_connections 512; }\n"
        whole += "http {\n" + "\n".join(own) + f"\n{text}\n}}\n"
        file = self.folder / "nginx.conf"
        file.write_text(whole)
        return file

    # -- processes

    def begins(self):
        """Everything, in the order in which systemd would start it."""
        self.postgres.set_up(record_password=PASSWORD, tracker_password=PASSWORD)
        command, variables = self.command("amends-prepare.service")
        subprocess.run(command, env=variables, cwd=ROOT, check=True, timeout=LONGEST_START, stdout=subprocess.DEVNULL)
        self._certificate()
        for part, port in (("bot", 5005), ("bot", 5006), ("actions", 5055), ("actions", 5056)):
            self.spawn(part, port)
        self._start("nginx", [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(self.proxy())], dict(os.environ))
        for part, port in (("actions", 5055), ("actions", 5056), ("bot", 5005), ("bot", 5006)):
            self.waits(part, port)
        for port in (8000, 8001):
            self.spawn("desk", port)
        for port in (8000, 8001):
            self.waits("desk", port)

    def spawn(self, part, port):
        self._start((part, port), *self.command(f"amends-{part}@.service", port))

    def kill(self, *name):
        """Ends a process without a word."""
        process = self.processes.pop(name if len(name) > 1 else name[0])
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ends(self):
        for name in tuple(self.processes):
            self.kill(*(name if isinstance(name, tuple) else (name,)))
        self.postgres.stop()

    def waits(self, part, port):
        end = time.monotonic() + LONGEST_START
        while time.monotonic() < end and self.processes[part, port].poll() is None:
            if self.answers(part, port):
                return
            time.sleep(0.1)
        raise AssertionError(f"{part} did not become ready:\n{self.log(part, port)[-3000:]}")

    def asks(self, port, path, timeout=LONGEST):
        """What a process itself answers, past the proxy."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port[port]}{path}", timeout=timeout) as answer:
            return answer.read().decode()

    def answers(self, part, port):
        try:
            return bool(self.asks(port, READY[part], 2.0))
        except (OSError, urllib.error.URLError):
            return False

    def log(self, *name):
        return (self.folder / f"{'-'.join(map(str, name))}.log").read_text(errors="replace")

    def _start(self, name, command, variables):
        words = name if isinstance(name, tuple) else (name,)
        with (self.folder / f"{'-'.join(map(str, words))}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=variables, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def _certificate(self):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "fullchain.pem")),
            ],
            check=True,
            capture_output=True,
            timeout=LONGEST,
        )
