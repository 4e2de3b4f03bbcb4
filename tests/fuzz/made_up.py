"""What people, programs and attackers might send: short and long, broken and well-formed."""

import copy
import json

from hypothesis import strategies as st

NASTY = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "x\udfff",
        "\u202eevil",
        "\ufeff",
        "\u2028",
        "\r\nSet-Cookie: a=b",
        "\x1b[2J",
    ),
    *("'", '"', "`", "\\", "%", "%00", "%zz", "&", "<", "{{7*7}}", "${x}", "$(x)", "<script>alert(1)</script>"),
    *("' OR 1=1 --", '" OR ""="', "*", "NEAR(a b)", "a AND", "(", ")", "^a", "a:b", "-", "--", "AND OR NOT"),
    *("../../etc/passwd", "//evil.example", "\\\\evil.example", "javascript:alert(1)", "data:,x", "http://[::1"),
    *("-1", "0", "1", "01", "1.5", "1e999", "NaN", "9" * 30, "9" * 400, "-9" * 30, "٣", "²", "true", "null", "None"),
    *("[]", "{}", "[" * 500, '{"a":', "a" * 5_000, "é" * 2_000, "😀" * 300, "ﷺ" * 50, "ß", "İ", "a\u0301"),
    *("INC-2026-0001", "inc-2026-0001", "INC-2026-99999999999999999999", "INC-٢٠٢٦-0001", "none", "yes", "no", "live"),
    *("2026-11-28", "2026-02-30", "9999-12-31", "0001-01-01", "10000-01-01", "2026-11-28T25:00", "0001-01-01T00:00"),
    *("2026-03-29T01:30", "9999-12-31T23:59", "/press{", "/affirm", "/restart", "/session_start", "problem_post"),
)
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.text(st.characters(codec="ascii", min_codepoint=32), max_size=30),
    st.integers().map(str),
    st.text(st.characters(), max_size=12),
)
"""Any text, also one that no encoding can write."""
leaves = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats())
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
"""Any value of JSON."""


def paths_of(value, here=()):
    """The places in a value of JSON."""
    yield here
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from paths_of(each, (*here, key))


@st.composite
def changed(draw, of, most=3):
    """A value of JSON of these, with something in it taken away, put in or made into something else."""
    value = copy.deepcopy(draw(of))
    for _ in range(draw(st.integers(0, most))):
        place = draw(st.sampled_from([path for path in paths_of(value) if path] or [()]))
        if not place:
            return value
        holder = value
        for key in place[:-1]:
            holder = holder[key]
        what = draw(st.sampled_from(["other", "other", "away", "text"]))
        if what == "away" and isinstance(holder, dict):
            del holder[place[-1]]
        else:
            holder[place[-1]] = draw(texts if what == "text" else values)
    return value


@st.composite
def edited(draw, of, words):
    """One of these texts, with lines dropped, doubled, moved, indented or given other words."""
    lines = draw(st.sampled_from(of)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        what = draw(st.sampled_from(["drop", "double", "move", "indent", "value", "insert", "cut", "word"]))
        if not lines or what == "insert":
            lines.insert(at, draw(st.one_of(words, texts)))
        elif what == "drop":
            del lines[at]
        elif what == "double":
            lines.insert(at, lines[at])
        elif what == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif what == "indent":
            lines[at] = " " * draw(st.integers(0, 6)) + lines[at].lstrip()
        elif what == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif what == "value":
            lines[at] = f"{lines[at].partition(':')[0]}: {draw(st.one_of(words, texts, values.map(_as_json)))}"
        else:
            old = lines[at].split()
            lines[at] = lines[at].replace(draw(st.sampled_from(old)), draw(st.one_of(words, texts))) if old else ""
    return "\n".join(lines)


def _as_json(value):
    return json.dumps(value)
