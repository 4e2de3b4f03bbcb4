"""Files that are dropped into a conversation: kept as evidence, or refused in a sentence that says what to do."""

import io
import json
import zipfile

import pytest

from amends.conversation import evidence
from amends.incidents import record
from amends.slack.media import NotKept, Said, media_type
from tests.slack.fake import File

HIJACK = "Someone has got into our Twitter account and is posting swear words"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 200


def office_zip(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


def kept(office):
    with office.database.read() as session:
        return [
            (each.name, each.media_type, each.sha256, each.content)
            for each in evidence.kept_for(session, office.incident())
        ]


def test_a_screenshot_is_kept_with_its_digest_and_the_trail_says_so(office):
    office.says(office.ada, HIJACK)
    office.says(office.ada, "", files=[File("post.png", PNG)])

    ((name, media, digest, content),) = kept(office)
    assert (name, media, content) == ("post.png", "image/png", PNG)
    entry = next(entry for entry in office.trail() if entry.kind == "evidence_kept")
    assert entry.payload["sha256"] == digest
    assert entry.actor_id.endswith(office.ada)
    assert office.sees(office.ada, "post.png is kept", digest)
    assert office.slack.refused == []


def test_a_file_that_comes_with_the_report_belongs_to_its_incident(office):
    office.says(office.ada, HIJACK, files=[File("post.png", PNG), File("again.png", PNG + b"1")])

    assert sorted(name for name, *_ in kept(office)) == ["again.png", "post.png"]
    assert len(office.incidents()) == 1


def test_a_file_in_a_thread_is_kept_and_the_thread_is_told(office):
    ts = office.slack.mentions(office.ada, office.open, HIJACK)
    office.quiet()
    office.says(office.grace, "here", office.open, thread=ts, files=[File("post.png", PNG)])

    assert office.sees(office.ada, "post.png is kept", where=office.open, thread=ts)
    entry = next(entry for entry in office.trail() if entry.kind == "evidence_kept")
    assert entry.actor_id.endswith(office.grace)


def test_a_file_with_nothing_open_asks_for_a_sentence_first(office):
    office.says(office.ada, "", files=[File("post.png", PNG), File("two.png", PNG)])

    told = [card.text for card in office.cards(office.ada) if "then send the file again" in card.text]
    assert len(told) == 1
    assert office.incidents() == []


def test_a_kept_file_answers_the_question_about_evidence(office):
    office.says(office.ada, HIJACK)
    with office.database.begin() as session:
        incident = record.lock(session, office.incident().id)
        incident.understood, incident.asked, incident.state = "{}", "evidence", "asking"

    office.says(office.ada, "", files=[File("post.png", PNG)])

    assert json.loads(office.incident().answers)["evidence"] == "saved"


def test_a_kept_file_does_the_step_that_saves_evidence(office):
    office.advise(office.ada)
    assert "preserve" in {step["code"] for step in json.loads(office.incident().decision)["steps"]}

    office.says(office.ada, "", files=[File("post.png", PNG)])

    assert "preserve" in json.loads(office.incident().done)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (File("films.zip", office_zip("a.txt"), "application/zip"), "one by one"),
        (File("run.exe", b"MZ\x90\x00" + b"\x00" * 100, "application/octet-stream"), "screenshot"),
        (File("post.png", b"%PDF-1.7 and so on"), "not the kind of file"),
        (File("empty.png", b""), "empty"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_step_stays_open(office, file, words):
    office.advise(office.ada)
    office.says(office.ada, "", files=[file])

    assert office.sees(office.ada, file.name, "not kept", words)
    assert "preserve" not in json.loads(office.incident().done)
    assert kept(office) == []
    assert "evidence_refused" in office.kinds()


def test_a_file_that_is_too_large_is_not_fetched(office_with):
    office = office_with(evidence_most_mb=1)
    office.says(office.ada, HIJACK)
    office.says(office.ada, "", files=[File("film.png", PNG + b"0" * 1_000_001)])

    assert office.sees(office.ada, "film.png", "larger than 1 MB")
    assert [call for call in office.slack.calls if call.method == "files"] == []


def test_a_file_that_is_larger_than_it_says_is_given_up_half_way(office_with):
    office = office_with(evidence_most_mb=1)
    office.says(office.ada, HIJACK)
    office.says(office.ada, "", files=[File("film.png", PNG + b"0" * 1_500_000, extra={"size": 10})])

    assert office.sees(office.ada, "larger than 1 MB")
    assert kept(office) == []


def test_a_download_that_fails_is_tried_again_and_then_told(office):
    office.says(office.ada, HIJACK)
    office.slack.faults.fail_next("files", status=500, times=2)
    office.says(office.ada, "", files=[File("post.png", PNG)])
    assert len(kept(office)) == 1

    office.slack.faults.fail_next("files", status=404, times=1)
    office.says(office.ada, "", files=[File("gone.png", PNG)])

    assert office.sees(office.ada, "gone.png", "could not fetch")
    assert len(kept(office)) == 1


def test_the_token_is_sent_to_slack_alone(office):
    office.says(office.ada, HIJACK)
    elsewhere = {"url_private": "http://127.0.0.1:9/x", "url_private_download": "http://127.0.0.1:9/x"}
    office.says(office.ada, "", files=[File("post.png", PNG, extra=elsewhere)])

    assert office.sees(office.ada, "post.png", "Send the file itself")


def test_a_refusal_in_a_thread_is_seen_by_one_person(office):
    ts = office.slack.mentions(office.ada, office.open, HIJACK)
    office.quiet()
    office.says(office.grace, "here", office.open, thread=ts, files=[File("a.zip", office_zip("x"), "application/zip")])

    assert any("one by one" in text for text in office.hints(office.grace))
    assert not any("one by one" in card.text for card in office.cards(office.ada, office.open, ts))


DOCX = office_zip("[Content_Types].xml", "word/document.xml")
TYPES = [
    ("a.png", "image/png", PNG, "image/png"),
    ("a.jpg", "image/png", b"\xff\xd8\xff\xe0" + b"0" * 20, "image/jpeg"),
    ("a.gif", "image/gif", b"GIF89a" + b"0" * 20, "image/gif"),
    ("a.webp", "image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("a.heic", "image/heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
    ("a.pdf", "application/pdf", b"%PDF-1.4", "application/pdf"),
    ("a.mp4", "video/mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "video/mp4"),
    ("a.mov", "video/quicktime", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
    ("a.webm", "video/webm", b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x82\x84webm", "video/webm"),
    ("a.txt", "text/plain", "caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), "text/plain"),
    ("a.eml", "message/rfc822", b"From: a@example.org\nTo: b@example.org\n\nHello", "message/rfc822"),
    ("a.html", "text/html", b"<!doctype html><p>Hello", "text/html"),
    (
        "a.docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        DOCX,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "a.xlsx",
        "",
        office_zip("[Content_Types].xml", "xl/workbook.xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "a.pptx",
        "application/octet-stream",
        office_zip("[Content_Types].xml", "ppt/presentation.xml"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
]


@pytest.mark.parametrize(("name", "declared", "content", "found"), TYPES, ids=[each[0] for each in TYPES])
def test_a_kind_of_file_is_told_by_its_own_bytes(name, declared, content, found):
    assert media_type(content, Said(name, declared, name.rpartition(".")[2])) == found


@pytest.mark.parametrize(
    ("name", "declared", "content", "reason"),
    [
        ("a.zip", "application/zip", office_zip("word.txt"), "archive"),
        ("a.docx", "application/zip", b"PK\x03\x04 and nothing more", "archive"),
        ("a.gz", "application/gzip", b"\x1f\x8b\x08\x00", "archive"),
        ("a.docm", "", office_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
        ("a.mkv", "video/x-matroska", b"\x1aE\xdf\xa3\x01\x00\x00\x00matroska", "kind of file"),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind of file"),
        ("a.txt", "text/plain", b"\x7fELF\x00\x00\x01", "kind of file"),
        ("a.js", "text/javascript", b"alert(1)", "kind of file"),
        ("a.pdf", "application/pdf", b"<html>Sign in", "said to be application/pdf, is text/html"),
        (
            "a.mp4",
            "image/png",
            b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2",
            "said to be image/png, is video/mp4",
        ),
        ("a.png", "image/png", b"", "empty"),
    ],
)
def test_other_kinds_are_not_kept(name, declared, content, reason):
    with pytest.raises(NotKept) as refused:
        media_type(content, Said(name, declared, name.rpartition(".")[2]))

    assert refused.value.reason == reason
    assert name in str(refused.value)
