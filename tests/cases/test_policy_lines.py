import tomllib

import pytest

from cases import policies
from cases.policies.lines import find_lines

NASTY = '''\
# a comment with [brackets] = "and text"
name = "x"   # a tail
"quoted.key" = 1
'lit#eral' = 'a # b'
a.b.c = 1.5
a.b.d = 2026-03-02 09:00:00
a . "e f" = [1, 2,
  [3.5, "]"],   # ]
  {x = 1, y.z = [ {q = 2} ]},
]
multi = """
one [x]
k = 1 \\""" still
"""
lit = \'\'\'
[no]
\'\'\'
after = true
empty = []

[t]
k = 1
  [t.u]
[[arr]]
n = 1
[arr.sub]
m = 1
[[arr]]
[[arr.deep]]
p = 1
[[arr.deep]]
p = 2
[ "sp ace" . x ]
y = {a = {b = "}"}}
'''


def paths(value, path=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inside:
        yield (*path, key)
        if isinstance(part, (dict, list)):
            yield from paths(part, (*path, key))


@pytest.mark.parametrize("source", [NASTY, *map(policies.source_of, policies.names())])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_key_has_a_line_and_no_line_is_of_nothing(source, newline):
    source = source.replace("\n", newline)

    assert set(find_lines(source)) == set(paths(tomllib.loads(source)))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("quoted.key",), 3),
        (("lit#eral",), 4),
        (("a", "b", "d"), 6),
        (("a", "e f", 1), 7),
        (("a", "e f", 2, 1), 8),
        (("a", "e f", 3, "y", "z", 0, "q"), 9),
        (("multi",), 11),
        (("lit",), 15),
        (("after",), 18),
        (("t", "k"), 22),
        (("t", "u"), 23),
        (("arr", 0, "sub", "m"), 27),
        (("arr", 1), 28),
        (("arr", 1, "deep", 0, "p"), 30),
        (("arr", 1, "deep", 1, "p"), 32),
        (("sp ace", "x", "y", "a", "b"), 34),
    ],
)
def test_the_line_of_a_key_is_found(path, line):
    assert find_lines(NASTY)[path] == line
