"""Which account a text names."""

import pytest

from amends.accounts.naming import handle_of, named_in, platform_of, speaks_of
from amends.accounts.tables import OfficialAccount

ACCOUNTS = [
    ("Twitter / X", "exampleuni", ""),
    ("Instagram", "exampleuni", ""),
    ("Twitter / X", "uni_library", "library account\nlibrary Twitter"),
    ("Facebook", "University Library", "library page"),
    ("LinkedIn", "example", ""),
    ("website", "www.example.org", "the news site"),
    ("Threads", "press", "press office account"),
]


def named(text, accounts=ACCOUNTS):
    rows = [
        OfficialAccount(id=n, platform=platform, handle=handle, called=called)
        for n, (platform, handle, called) in enumerate(accounts)
    ]
    return [(row.platform, row.handle) for row in named_in(rows, text)]


X, INSTAGRAM, LIBRARY, PAGE, LINKEDIN, SITE, PRESS = [(platform, handle) for platform, handle, _ in ACCOUNTS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I swore on @exampleuni on Instagram", [INSTAGRAM]),
        ("someone tweeted porn from @exampleuni!", [X]),
        ("I posted it on @ExampleUni.", [X, INSTAGRAM]),
        ("my night out photos went out on exampleuni", [X, INSTAGRAM]),
        ("look at https://x.com/exampleuni/status/123?s=20", [X]),
        ("look at https://www.linkedin.com/company/example/posts", [LINKEDIN]),
        ("it is on the library account", [LIBRARY]),
        ("the Library\n Page is full of spam", [PAGE]),
        ("posted by the University Library, with a typo", [PAGE]),
        ("uni_library retweeted a party", [LIBRARY]),
        ("we put the wrong date on our LinkedIn", [LINKEDIN]),
        ("somebody is in the Facebook page", [PAGE]),
        ("posted on our official LinkedIn account by mistake", [LINKEDIN]),
        ("the news site is wrong", [SITE]),
        ("the press office account has been hacked", [PRESS]),
    ],
)
def test_an_account_is_named_by_handle_address_or_what_it_is_called(text, found):
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "I tweeted something silly",
        "our Twitter was hacked",
        "write to me at info@exampleuni.ac.uk",
        "@exampleuni_fans said something",
        "@exampleuni.bsky.social is not ours",
        "notexampleuniversity",
        "the press has it",
        "for example this one",
        "a man on LinkedIn insults us",
        "the library closed early",
        'a man wrote "@exampleuni are liars" in the paper',
        "",
    ],
)
def test_nothing_is_named_where_no_account_is_meant(text):
    assert named(text) == []


def test_our_x_is_the_one_account_there_when_there_is_only_one():
    only = [("Twitter / X", "exampleuni", ""), ("Facebook", "example", "")]
    assert named("someone has got into our Twitter account", only) == [("Twitter / X", "exampleuni")]
    assert named("I posted it on our X by mistake", only) == [("Twitter / X", "exampleuni")]
    assert named("I posted it on my X by mistake", only) == []


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("x", "Twitter / X"),
        ("X (Twitter)", "Twitter / X"),
        (" twitter ", "Twitter / X"),
        ("insta", "Instagram"),
        ("Tik Tok", "TikTok"),
        ("WeChat", "WeChat"),
        ("website", "website"),
    ],
)
def test_a_platform_has_one_name(written, platform):
    assert platform_of(written) == platform


@pytest.mark.parametrize(
    ("written", "handle"),
    [
        ("@example", "example"),
        ("'@example", "example"),
        ("https://x.com/example/", "example"),
        ("https://www.facebook.com/example?locale=en", "example"),
        ("www.example.org", "www.example.org"),
        ("University  Library", "University Library"),
    ],
)
def test_a_handle_is_read_from_what_people_paste(written, handle):
    assert handle_of(written) == handle


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("Grace Hopper did it", True),
        ("grace\nhopper did it", True),
        ("It was Hopper's idea", True),
        ("we ask for grace", False),
        ("Gracehoppers are insects", False),
        ("@Grace is the account", False),
        ("ring van Dyke", False),
    ],
)
def test_whether_a_text_speaks_of_somebody(text, is_it):
    assert speaks_of(text, "Grace van Hopper" if "van" in text else "Grace Hopper") is is_it


def test_nobody_without_a_name_is_spoken_of():
    assert not speaks_of("anything", "")
