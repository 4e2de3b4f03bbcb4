"""The end of the record is stamped by an authority; a real one, of OpenSSL, behind a small server on this machine."""

import json
import logging
import shutil
import subprocess
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from amends.incidents.chain import Harm
from amends.integrity import whole
from amends.integrity.nightly import Watchman
from tests.integrity.conftest import fill
from tests.outbox.incident import settings
from tests.waiting import LONGEST

SETUP = """
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[stamp]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=LONGEST)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Its address, and the file with its certificates."""
    if shutil.which("openssl") is None:
        pytest.fail("The test authority needs openssl. Install it: apt-get install openssl.", pytrace=False)
    folder = tmp_path_factory.mktemp("authority")
    config = folder / "openssl.cnf"
    config.write_text(SETUP.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-keyout")
    openssl(*new, folder / "ca.key", "-out", folder / "ca.csr", "-subj", "/CN=Test root")
    sign = ("x509", "-req", "-days", "30", "-extfile", config, "-in")
    root = ("-extensions", "ca", "-signkey", folder / "ca.key")
    openssl(*sign, folder / "ca.csr", *root, "-out", folder / "ca.pem")
    openssl(*new, folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/CN=Test authority")
    issuer = ("-extensions", "tsa", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial")
    openssl(*sign, folder / "tsa.csr", *issuer, "-out", folder / "tsa.pem")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked, made = folder / "asked.tsq", folder / "made.tsr"
            asked.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl("ts", "-reply", "-config", config, "-section", "stamp", "-queryfile", asked, "-out", made)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(made.read_bytes())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder / "ca.pem"
        server.shutdown()


@pytest.fixture
def watched(sqlite_database, tmp_path):
    """A night with a given authority; the watchman, and what the check says now."""
    fill(sqlite_database)

    def watch(url, certificates):
        more = {"timestamp_url": url, "timestamp_certificates": str(certificates)}
        address = f"sqlite:///{tmp_path / 'record.db'}"
        return Watchman(sqlite_database, settings(database_url=address, **more), now=lambda: datetime.now(UTC))

    return watch


def night(watchman):
    at = datetime.now(UTC).replace(hour=12)
    day = at.date()
    watchman.claim(day, at)
    watchman.keep(day, again(watchman))


def again(watchman):
    database = watchman._database
    with database.read(still=True) as session:
        return whole.check(session, database.keys(), watchman._file)


def test_the_end_of_the_record_is_stamped_each_night_and_the_stamp_is_checked(watched, authority):
    watchman = watched(*authority)
    night(watchman)
    (line,) = [json.loads(line) for line in watchman._file.path.read_text().splitlines()]
    assert line["number"] == 16
    assert len(line["stamp"]) > 1000
    assert again(watchman).damage == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"stamp": "AAAA"}, "Its time stamp was not made for it, or not by this authority."),
        ({"stamp": "#"}, "Its time stamp cannot be read."),
        ({"at": "2020-01-01T00:00:00.000000+00:00"}, "Its time stamp is of another time."),
        ({"number": 15}, "Its time stamp was not made for it, or not by this authority."),
    ],
)
def test_a_line_that_was_changed_is_found_by_its_stamp(watched, authority, change, sentence):
    watchman = watched(*authority)
    night(watchman)
    file = watchman._file.path
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}) + "\n")
    (found,) = again(watchman).damage
    assert found.kind is Harm.OLDER
    assert found.sentence.endswith(sentence)


def test_an_authority_that_is_away_or_another_keeps_nothing_from_being_noted(watched, authority, tmp_path, caplog):
    url, certificates = authority
    other = tmp_path / "other.pem"
    key = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "other.key", "-subj", "/CN=Other")
    openssl(*key, "-out", other)
    for address, known in (("http://127.0.0.1:1", certificates), (url, other)):
        watchman = watched(address, known)
        watchman._file.path.unlink(missing_ok=True)
        with caplog.at_level(logging.WARNING):
            night(watchman)
        (line,) = watchman._file.path.read_text().splitlines()
        assert "stamp" not in json.loads(line)
    assert caplog.text.count("was noted without a time stamp") == 2
