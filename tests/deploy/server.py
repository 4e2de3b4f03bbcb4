"""A PostgreSQL of its own that listens on loopback, set up with what is shipped."""

import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from amends.settings import ROOT
from tests.postgres import started_in
from tests.waiting import LONGEST

SHIPPED = ROOT / "deploy" / "postgresql"
ACCESS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class PostgreSQL:
    """Accounts come by TCP with their password, as on a server."""

    def __init__(self, folder, port):
        runtime = folder.with_name("runtime")
        runtime.mkdir(mode=0o700)
        self.port = port
        self._folder = folder
        self.server = started_in(folder, runtime=runtime)
        self.programs = Path((folder / "postmaster.opts").read_text().split()[0]).parent
        self.socket = make_url(self.server.get_uri()).query["host"]
        (folder / "pg_hba.conf").write_text(ACCESS)
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write((SHIPPED / "amends.conf").read_text())
        listen = f"-h 127.0.0.1 -p {port} -k {self.socket}"
        self._run("pg_ctl", "-D", str(folder), "-w", "-l", str(folder / "log"), "-o", listen, "restart")

    def set_up(self, **passwords):
        """Runs the shipped script."""
        given = [word for name, value in passwords.items() for word in ("-v", f"{name}={value}")]
        self._run("psql", "-X", "-h", self.socket, "-p", str(self.port), *given, "-d", "postgres", "-f", "-")

    def stop(self):
        self._run("pg_ctl", "-D", str(self._folder), "-w", "-m", "fast", "stop")
        self.server.cleanup()

    def _run(self, program, *words):
        script = (SHIPPED / "setup.sql").read_text() if program == "psql" else None
        if program == "psql":
            words = ("-U", "postgres", *words)
        subprocess.run(
            [str(self.programs / program), *words],
            input=script,
            text=True,
            check=True,
            timeout=LONGEST,
            user=self.server.system_user,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )
