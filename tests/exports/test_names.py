"""Names of files that are safe wherever a bundle is unpacked."""

import pytest

from amends.exports.names import LONGEST, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("shot.png", "0007-shot.png"),
        ("../../etc/passwd", "0007-passwd"),
        ("..\\..\\boot.ini", "0007-boot.ini"),
        ("C:\\x\\y.txt", "0007-y.txt"),
        ("..", "0007-file"),
        ("", "0007-file"),
        ("///", "0007-file"),
        (".htaccess", "0007-htaccess"),
        ("CON", "0007-CON"),
        ("nul.txt", "0007-nul.txt"),
        ("a\x00b\r\nc.txt", "0007-a_b__c.txt"),
        ('a"b;c.txt', "0007-a_b_c.txt"),
        ("gpj.\u202eexe.txt", "0007-gpj._exe.txt"),
        ("trailing. . ", "0007-trailing"),
        ("naïve 日本.png", "0007-naïve 日本.png"),
        ("nai\u0308ve.png", "0007-naïve.png"),
        ("x.tar.gz", "0007-x.tar.gz"),
        ("no ending at all.but a long sentence", "0007-no ending at all.but a long sentence"),
        ("\ud800.txt", "0007-_.txt"),
    ],
)
def test_a_name_is_made_safe(name, safe):
    assert safe_name(7, name) == safe


@pytest.mark.parametrize("name", ["x" * 5000 + ".png", "日" * 5000 + ".png", "." * 5000, "a." * 3000])
def test_a_name_is_never_too_long_and_keeps_its_ending(name):
    safe = safe_name(12345, name)
    assert len(safe.encode()) <= LONGEST + len("12345-")
    assert safe.endswith(".png") == name.endswith(".png")
    assert safe.encode().decode() == safe
