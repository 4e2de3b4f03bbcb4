"""A file is taken in whole or not at all, and what is wrong in it is said line by line."""

from datetime import date, timedelta

import pytest

from amends.accounts.registered import themselves
from amends.accounts.rows import Named
from amends.accounts.sheet import MOST_ROWS, SheetError, read_sheet
from amends.incidents import record
from tests.accounts.conftest import FILE, NOW

TODAY = date(2026, 3, 2)
HEAD = "platform,handle,called,owner,deputy,keys,two_factor,last_checked\n"


UNREACHED = (
    '"nonsense" says not how somebody is reached. Write their Slack user id, which begins with U, or the id that '
    "stands on their page 'You'."
)


@pytest.fixture
def database(sqlite_database):
    """One database is enough: what differs between the two is tested in `test_keeping` and `test_waking`."""
    return sqlite_database


def problems(text):
    with pytest.raises(SheetError) as found:
        read_sheet(text, TODAY)
    return found.value.problems


def test_a_file_is_taken_in_and_people_who_are_named_twice_are_one(empty):
    taken = empty.takes(FILE)
    assert taken.lines == [
        "Added: @exampleuni on Twitter / X",
        "Added: @exampleuni on Instagram",
        "Added: University Library on Facebook",
    ]
    assert empty.as_text() == {
        "University Library on Facebook": ("Cleo Park", None, ["Cleo Park"], ""),
        "@exampleuni on Instagram": ("Ada Lovelace", "Bo Diaz", ["Ada Lovelace", "Cleo Park"], "no"),
        "@exampleuni on Twitter / X": ("Ada Lovelace", "Bo Diaz", ["Ada Lovelace", "Bo Diaz"], "yes"),
    }


def test_the_same_file_once_more_changes_nothing(register):
    before = len(register.history())
    again = register.takes(FILE)
    assert (again.lines, again.same) == ([], 3)
    assert len(register.history()) == before


def test_what_the_file_does_not_say_stays_and_an_empty_cell_takes_away(register):
    register.takes("platform,handle,deputy\nX,exampleuni,\n")
    assert register.as_text()["@exampleuni on Twitter / X"] == (
        "Ada Lovelace",
        None,
        ["Ada Lovelace", "Bo Diaz"],
        "yes",
    )


def test_a_dry_run_says_the_same_and_keeps_nothing(empty):
    assert empty.takes(FILE, dry_run=True) == empty.takes(FILE, dry_run=True)
    assert empty.all() == []
    assert empty.history() == []
    empty.takes(FILE)
    changed = empty.takes(
        FILE.replace("Instagram,exampleuni,,Ada Lovelace", "Instagram,exampleuni,,Cleo Park"), dry_run=True
    )
    assert (changed.lines, changed.same) == (["Changed: @exampleuni on Instagram (owner)"], 2)


def test_one_bad_line_keeps_all_of_the_file_out(empty):
    with pytest.raises(SheetError) as found:
        empty.takes(FILE + "LinkedIn,example,,Ada Lovelace <UOTHER01>,Ada Lovelace <UOTHER01>,,,\n")
    assert found.value.problems == [
        "Line 5: Its owner is its deputy. Name somebody who stands in, or leave the deputy empty."
    ]
    assert empty.all() == []
    assert empty.history() == []


def test_everything_that_is_wrong_is_said_with_its_line():
    found = problems(
        HEAD
        + "X,,,,,,,\n"
        + ",example,,,,,,\n"
        + "X,example,,<U012>,,,,\n"
        + "X,example2,,Ada <nonsense>,,,,\n"
        + "X,example3,,,,,maybe,\n"
        + "X,example4,,,,,,32/13/2026\n"
        + "X,example5,,,,,,2026-03-03\n"
        + "X,example6,ab,,,,,\n"
        + "X,example7,,,,,,,too many\n"
        + "\n"
        + 'X,example8,"the press\nmain one",,,,yes,\n'
        + "Twitter,@Example8,,,,,yes,\n"
    )
    assert found == [
        "Line 2: The handle is missing.",
        "Line 3: The platform is missing.",
        'Line 4: "<U012>" is no name. Write it like this: Ada Lovelace, or Ada Lovelace <U012ABCDEF>.',
        f"Line 5: {UNREACHED}",
        'Line 6: Two factor is "maybe". Write yes or no, or leave it empty when nobody knows.',
        'Line 7: Last checked is "32/13/2026". Write the date like this: 2026-11-28.',
        "Line 8: Last checked is 2026-03-03, which has not come yet.",
        'Line 9: "ab" is too short for what people call it: it would be found in every text.',
        "Line 10: It has more cells than there are columns. A comma or semicolon in a cell needs quotation marks.",
        "Line 14: It is the same account as in line 12. Keep one of the two lines.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'Line 1: The file lacks the column "name".'),
        ("handle,owner\nx,y\n", 'Line 1: The file lacks the column "platform".'),
        ("platform,owner\nx,y\n", 'Line 1: The file lacks the column "handle".'),
        ("platform,handle,colour\nx,y,z\n", 'Line 1: The file has the unknown column "colour".'),
        ("platform,handle,handle\nx,y,z\n", 'Line 1: The file has more than one column "handle".'),
        (HEAD, "The file has no rows under the names of its columns."),
        (HEAD + 'X,"a"b,,,,,,\n', "Line 2: The cells cannot be told apart. Look at its quotation marks."),
        (HEAD + "X,a\n" * (MOST_ROWS + 5), f"Line {MOST_ROWS + 2}: There are more than 2,000 rows. Split the file."),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(text, sentence):
    assert any(each.startswith(sentence) for each in problems(text))


def test_what_spreadsheets_make_of_a_file_is_read():
    text = "\ufeffPlatform;Handle;Two-factor;Last checked\r\nTwitter;'@exampleuni;YES;10/01/2026\r\n"
    ((line, row),) = read_sheet(text, TODAY).accounts
    assert (line, row.platform, row.handle, row.two_factor) == (2, "Twitter / X", "exampleuni", "yes")
    assert row.checked_on == date(2026, 1, 10)
    assert row.owner is None
    address = "platform\thandle\nwebsite\thttps://www.example.org/\nX\thttps://x.com/Example?lang=en\n"
    assert [each.handle for _, each in read_sheet(address, TODAY).accounts] == ["www.example.org", "Example"]


def test_a_file_of_people_says_how_they_are_reached_and_who_has_left(register):
    taken = register.takes(
        "name,contact,left_on,away_until\nCleo Park,UCLEO001,2026-03-01,\nAda Lovelace,,,2026-03-20\n"
    )
    assert taken.lines == ["Kept: Cleo Park", "Kept: Ada Lovelace"]
    changed = [part for each in register.history() if each.label == "Cleo Park" for part in each.parts]
    assert changed == [("Left on", "nothing", "2026-03-01"), ("How they are reached", "", "changed")]
    register.takes("name,left_on\nCleo Park,\n")
    assert register.history()[0].parts == (("Left on", "2026-03-01", "nothing"),)


def test_two_people_of_one_name_have_to_be_told_apart(register):
    register.takes("platform,handle,owner\nTikTok,exampleuni,Ada Lovelace <UADA0002>\n")
    with pytest.raises(SheetError, match="There are 2 people called Ada Lovelace"):
        register.takes("platform,handle,owner\nYouTube,exampleuni,Ada Lovelace\n")
    with pytest.raises(SheetError, match="UADA0002 is how Ada Lovelace is reached, and not Bo Diaz"):
        register.takes("platform,handle,owner\nYouTube,exampleuni,Bo Diaz <UADA0002>\n")


def test_a_check_in_the_file_says_when_the_next_one_is(empty):
    empty.takes(FILE)
    checked, never = empty.account("@exampleuni on Twitter / X"), empty.account("@exampleuni on Instagram")
    assert checked.next_at.date() == date(2026, 1, 10) + timedelta(days=182)
    assert never.next_at.date() == NOW.date() + timedelta(days=1)


def test_a_name_alone_finds_whom_the_record_knows(empty):
    with empty.database.begin() as session:
        record.ensure_participant(session, "slack:T1:UDEE0001", "Dee Roe", NOW)
        record.ensure_participant(session, "web:0123", "Dee Roe", NOW)
    taken = empty.takes("platform,handle,owner,deputy\nX,example,Dee Roe,Bo Diaz <UBO00001>\n")
    assert taken.known == ["Known by name alone: Dee Roe, reached as UDEE0001. Look whether it is them."]
    assert empty.takes("platform,handle,owner\nX,example,Dee Roe\n").known == []
    with empty.database.read() as session:
        assert themselves(session, "slack:T1:UDEE0001").name == "Dee Roe"
        assert themselves(session, "web:0123") is None


def test_people_are_read_as_they_are_written():
    text = HEAD + 'X,example,,Ada Lovelace<UADA0001>,"Diaz, Bo",Ada Lovelace; Bo Diaz <oidc:abc@example.org.>,,\n'
    ((_, row),) = read_sheet(text, TODAY).accounts
    assert row.owner == Named("Ada Lovelace", "UADA0001")
    assert row.deputy == Named("Diaz, Bo")
    assert row.keys == (Named("Ada Lovelace"), Named("Bo Diaz", "oidc:abc@example.org"))
