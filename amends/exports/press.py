"""PDFs are drawn in a process of its own: drawing computes for seconds, and who draws cannot answer anybody meanwhile.

The process is started for the first PDF and kept for the next ones. It gives way to others, ends when nobody needed it
for a while and when whoever started it is gone, and knows none of the desk's secrets. What takes too long is ended.
"""

from __future__ import annotations

import atexit
import logging
import os
import subprocess
import sys
import threading
import traceback
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from amends.exports import CannotExport

logger = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LONGEST = 300.0
"""Seconds that one PDF may take."""
IDLE = 600.0
"""Seconds after which the process ends when nothing comes."""
GIVES_WAY = 10
"""How nice the process is."""
SEEN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "PYTHONPATH", "FONTCONFIG_FILE", "XDG_CACHE_HOME")
"""All that the process finds in its environment."""
MEND = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
MISSING = (
    "The PDF cannot be made on this machine: the library Pango is missing. Those who run this can add it with "
    f"'{MEND}'."
)
FAILED = (
    "The PDF could not be drawn, so nothing was exported. Drawing took too long, needed too much memory, or met a "
    "mistake of ours. Try again; if it stays so, tell those who run this."
)


class Press:
    """Draws one PDF after the other.

    Args:
        longest: seconds that one may take.
        idle: seconds after which the process ends when nothing comes.
    """

    def __init__(self, longest: float = LONGEST, idle: float = IDLE) -> None:
        self._longest, self._idle = longest, idle
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        return self._process.pid if self._process else None

    def draw(self, html: str) -> bytes:
        """The PDF of a page; waits for those that were asked for before.

        Raises:
            CannotExport: this machine lacks what is needed, it took too long, or the process ended.
        """
        with self._turn:
            process, line = self._started()
            # Killed, and not asked to end: it may be stopped, or deep inside a library.
            limit = threading.Timer(self._longest, process.kill)
            limit.start()
            try:
                line.send(html)
                pdf, wrong = line.recv()
            except (EOFError, OSError) as error:
                self._end()
                logger.error("The process that draws PDFs was ended, or ended by itself.")  # noqa: TRY400 - no words
                raise CannotExport(FAILED) from error
            finally:
                limit.cancel()
        if wrong == MISSING:
            raise CannotExport(MISSING)
        if wrong:
            logger.error("A PDF was not drawn: %s", wrong)
            raise CannotExport(FAILED)
        return bytes(pdf)

    def close(self) -> None:
        """End the process; the next PDF starts another."""
        with self._turn:
            self._end()

    def _started(self) -> tuple[subprocess.Popen[bytes], Connection]:
        if self._process is not None and self._line is not None and self._process.poll() is None:
            return self._process, self._line
        self._end()
        self._line, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", __name__, str(self._idle)],
                cwd=ROOT,
                env={name: os.environ[name] for name in SEEN if name in os.environ},
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a library's warning can hold what somebody wrote
            )
        return self._process, self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None


press = Press()
"""The one of this process."""
atexit.register(press.close)


def can_print() -> str:
    """Nothing if PDFs can be made on this machine, else a sentence that says why not."""
    try:
        # Not at the top: it takes half a second and much memory.
        import weasyprint  # noqa: F401, PLC0415
    except OSError:
        return MISSING
    return ""


def main() -> None:
    """Draw what comes in on standard input, until nothing comes any more. `python -m amends.exports.press IDLE`."""
    os.nice(GIVES_WAY)
    with Connection(os.dup(0)) as line:
        while line.poll(float(sys.argv[1])):
            try:
                html = line.recv()
            except EOFError:
                return
            line.send(_drawn(html))


def _drawn(html: str) -> tuple[bytes, str]:
    """The PDF, or what was wrong, without the words that an error can hold."""
    if wrong := can_print():
        return b"", wrong
    try:
        return _pdf(html), ""
    except Exception as error:  # noqa: BLE001 - whatever a library says, the next PDF is another one
        place = traceback.extract_tb(error.__traceback__)[-1]
        return b"", f"{type(error).__name__} in {place.filename}, line {place.lineno}"


def _pdf(html: str) -> bytes:
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    nothing = URLFetcher(allowed_protocols=[])
    document = HTML(string=html, url_fetcher=nothing)
    style = CSS(filename=HERE / "record.css", url_fetcher=nothing)
    made = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True)
    assert made is not None
    return bytes(made)


if __name__ == "__main__":
    main()
