"""Reading a lecture's source: good markers are understood, bad ones named with their line."""

from pathlib import Path

import pytest

from coursekit.building.problem import BuildProblem
from coursekit.building.solution import hide_solution, unmark_solution
from coursekit.building.source import find_sources, read_lecture

SOURCES = Path(__file__).parents[1] / "fixtures" / "solutions"

GOOD = """# %% exercise="double"
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
# %% check="double" points=2
double(1)
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "07_bad.py"
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(folder: Path, text: str) -> str:
    with pytest.raises(BuildProblem) as caught:
        read_lecture(write(folder, text))
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_markers_and_lines_are_read():
    cells = read_lecture(SOURCES / "01_doubling.py").cells
    lines = (SOURCES / "01_doubling.py").read_text().splitlines()
    assert all(lines[cell.line - 1].startswith("# %%") for cell in cells)
    assert len({cell.line for cell in cells}) == len(cells)
    exercise = next(cell for cell in cells if cell.exercise)
    check = next(cell for cell in cells if cell.check)
    assert (exercise.exercise, check.check, check.points) == ("double", "double", 2)
    assert sorted({tag for cell in cells for tag in cell.tags}) == ["instructor", "slow", "timed"]


def test_a_cell_line_inside_a_string_is_text(tmp_path):
    text = 's = """\n# %% not a cell\n"""\n# %%\nt = 1\n'
    cells = read_lecture(write(tmp_path, "# %%\n" + text)).cells
    assert [cell.line for cell in cells] == [1, 5]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD.split("# %% check")[0], 1, 'no check="double"'),
        ('# %% check="double" points=2\ndouble(1)\n', 1, 'no exercise="double"'),
        (GOOD.replace("    ### END SOLUTION\n", ""), 3, "without its ### END"),
        (GOOD.replace("    ### BEGIN SOLUTION\n", ""), 4, "without a ### BEGIN"),
        (GOOD.replace("    return", "    ### BEGIN SOLUTION\n    return"), 4, "inside another"),
        (GOOD.replace("### END SOLUTION", "### END SOLUTIONS"), 5, "write exactly"),
        (GOOD.replace("### BEGIN", "# begin"), 3, "write exactly"),
        (GOOD + GOOD, 8, "already on line 1"),
        (GOOD + '# %% check="double" points=1\n1\n', 8, "already on line 6"),
        (GOOD.replace("points=2", 'points=2 tags=["slwo"]'), 6, "slwo"),
        (GOOD.replace("points=2", 'points=2 tags="slow"'), 6, "write tags="),
        (GOOD.replace("points=2", "points=2 grade=true"), 6, "unknown marker grade"),
        (GOOD.replace("# %% check", "# %% Now check"), 6, "unknown marker title"),
        (GOOD.replace('exercise="double"', "exercise=double"), 1, "could not read"),
        (GOOD.replace(" points=2", ""), 6, "has no points"),
        (GOOD.replace("points=2", 'points="two"'), 6, "points='two'"),
        (GOOD.replace("points=2", "points=true"), 6, "points=True"),
        (GOOD.replace("points=2", "points=0"), 6, "above 0"),
        (GOOD.replace("points=2", "points=-1"), 6, "above 0"),
        (GOOD.replace('"double"\ndef', '"double" points=2\ndef'), 1, "points belong to the check"),
        ("# %% points=2\n1\n", 1, "points belong to a check"),
        (GOOD.replace('exercise="double"', 'exercise="double" check="double"'), 1, "not both"),
        (GOOD.replace('"double"\n', '"double" tags=["instructor"]\n', 1), 1, "for students"),
        (GOOD.replace("def double", "def twice"), 1, "defines no function"),
        (GOOD.replace('"double"', '"two words"'), 1, "cannot name an exercise"),
        (GOOD.replace('"double"', '""'), 1, "cannot name an exercise"),
        (GOOD.replace('"double"', "3"), 1, "cannot name an exercise"),
        (GOOD.replace(' exercise="double"', ""), 3, "without exercise"),
        ("# %% [markdown]\n# ### BEGIN SOLUTION\n", 2, "without its"),
        ('# %% exercise="f"\ndef f(): pass\n# %% check="f" points=1\n1\n', 1, "no solution block"),
        ('# %% [markdown] exercise="f"\n# text\n', 1, "exercises and checks are code"),
        ("# %% [raw]\n# text\n", 1, "raw cell"),
        (GOOD[GOOD.index("# %% check") :] + GOOD.split("# %% check")[0], 1, "before its exercise"),
        ("print(1)\n", 1, "outside of any cell"),
        ("", 1, "no cells"),
        (
            "# ---\n# jupyter:\n#   kernelspec: {}\n# ---\n# %%\n1\n",
            1,
            "could not be read as a notebook",
        ),
    ],
)
def test_bad_markers_are_named_with_their_line(tmp_path, text, line, words):
    sentence = problem_of(tmp_path, text)
    assert sentence.startswith(f"{tmp_path / '07_bad.py'}:{line}: ")
    assert words in sentence


def test_unreadable_sources_are_named(tmp_path):
    path = tmp_path / "07_bad.py"
    path.write_bytes(b"# %%\nx = '\xff\xfe'\n")
    with pytest.raises(BuildProblem, match=r"07_bad\.py: could not be read as UTF-8"):
        read_lecture(path)
    with pytest.raises(BuildProblem, match="could not be read"):
        read_lecture(tmp_path / "08_missing.py")


def test_only_numbered_files_are_lectures(tmp_path):
    for name in ("10_b.py", "01_a.py", "helper.py", "02-x.py", "03_c.txt"):
        (tmp_path / name).touch()
    assert list(find_sources(tmp_path)) == ["01_a", "10_b"]


def test_every_solution_is_hidden_at_its_own_indent():
    source = (
        "class A:\n    def f(self):\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n    kept = 2\n    def g(self):\n"
        "        ### BEGIN SOLUTION\n        return 2\n        ### END SOLUTION\nafter = 3"
    )
    hidden = hide_solution(source, "A")
    assert hidden.count('        raise NotImplementedError("A")') == 2
    assert "return" not in hidden
    assert "SOLUTION" not in hidden
    assert "    kept = 2" in hidden
    assert hidden.endswith("after = 3")
    compile(hidden, "hidden", "exec")
    assert "SOLUTION" not in unmark_solution(source)
    assert unmark_solution(source).count("return") == 2
