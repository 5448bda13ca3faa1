"""Where keys stand, whatever form of TOML a person chose."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.shares.toml_lines import TomlPath, line_index

DOCUMENT = '''\
# comment = 1
a.b = 1.5 # [x]
[profile.phone]
fields = ["name",
  # z, ]
  "unit",
  ["q", {k = 'v', "w.x" = 2026-05-01 10:00:00}], []
]
text = """
[[no]] \\"""
"""""
after = \'\'\'\'x
\'\'\'
[[share]]
name = "x # [ \\" ="
only = { tenancy = "current", tags = ["a", "b"], inner.deep = 1 }
empty = {}
[share.more]
x = 2
[[share]]

name = 'y'
only.tenancy = 1
[[share.sub]]
q = 1
[[share.sub]]
  "q" = 2'''


def test_every_form_of_key_is_found_on_its_line() -> None:
    tomllib.loads(DOCUMENT)
    lines = {"/".join(map(str, path)): line for path, line in line_index(DOCUMENT).items()}
    assert lines == {
        "a": 2,
        "a/b": 2,
        "profile": 3,
        "profile/phone": 3,
        "profile/phone/fields": 4,
        "profile/phone/fields/0": 4,
        "profile/phone/fields/1": 6,
        "profile/phone/fields/2": 7,
        "profile/phone/fields/2/0": 7,
        "profile/phone/fields/2/1": 7,
        "profile/phone/fields/2/1/k": 7,
        "profile/phone/fields/2/1/w.x": 7,
        "profile/phone/fields/3": 7,
        "profile/phone/text": 9,
        "profile/phone/after": 12,
        "share": 14,
        "share/0": 14,
        "share/0/name": 15,
        "share/0/only": 16,
        "share/0/only/tenancy": 16,
        "share/0/only/tags": 16,
        "share/0/only/tags/0": 16,
        "share/0/only/tags/1": 16,
        "share/0/only/inner": 16,
        "share/0/only/inner/deep": 16,
        "share/0/empty": 17,
        "share/0/more": 18,
        "share/0/more/x": 19,
        "share/1": 20,
        "share/1/name": 22,
        "share/1/only": 23,
        "share/1/only/tenancy": 23,
        "share/1/sub": 24,
        "share/1/sub/0": 24,
        "share/1/sub/0/q": 25,
        "share/1/sub/1": 26,
        "share/1/sub/1/q": 27,
    }


def paths(value: object, path: TomlPath = ()) -> set[TomlPath]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return ({path} if path else set()).union(*(paths(item, (*path, key)) for key, item in inner))


PIECES = st.sampled_from(
    [
        *(
            "[[s]]",
            "[t]",
            "[t.u]",
            "[[s.v]]",
            "k = 1",
            "k.l = 'x'",
            '"m n" = """a\nb"""',
            "o = [1,\n[2], # ]\n{p = 3}]",
        ),
        *("", "# [[s]]", "r = { a = [{}], b.c = 1 }", "d = 2026-06-15 # = 1", "f = ['a', \"b\",\n]", "e = -1.5e3"),
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_whatever_tomllib_reads_has_a_line(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = line_index(text)
    assert set(lines) == paths(values)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
