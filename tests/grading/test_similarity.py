"""Copies are found through renaming and layout; the same short idea of many is no copy."""

import random

import handins as h

from coursekit.grading.similarity import runs, similar_pairs

ODD = '''
def f(x, w, s):
    """Mine."""
    best, where = None, {}
    for i in range(0, len(x) - len(w) + 1, s):
        acc = 0
        for j, v in enumerate(w):
            acc += v * x[i + j] if j % 2 else x[i + j] * v
        where[i // s] = acc if acc > -1e9 else -1e9
        if best is None or where[i // s] >= where[best]:
            best = i // s
    ordered = [where[k] for k in sorted(where.keys())]
    while len(ordered) and ordered[-1] is None:
        ordered.pop()
    return ordered, best if best is not None else -1
'''
COPY = ODD.replace("where", "found").replace("acc", "total").replace('"""Mine."""', "# all mine")
PARTS = """a = b + c|y = x[i] * 2|while a > b: a -= 1|z = [q for q in p if q]|f(a, b, c)|t = (u, v)
k = max(m, n) // 2|d[e] = not g|s += o ** 2 - 1|r = w @ x.T|if h: h = None|del j[0]|l = lambda a: a
n.append(m[::2])""".replace("\n", "|").split("|")


def somebody(seed, lines=30):
    """An answer of its own: lines in an order that nobody else has."""
    drawn = random.Random(seed)
    return "\n".join(f"{drawn.choice(PARTS)}\n{drawn.choice(PARTS)}" for _ in range(lines))


def classmates(count=20):
    return {f"student{n:02d}": somebody(n) for n in range(count)}


def test_a_copy_with_other_names_and_layout_is_found():
    (pair,) = similar_pairs({**classmates(), "ada": ODD, "eve": COPY.replace("    ", "  ")})
    assert (pair.one, pair.other) == ("ada", "eve")
    assert pair.share > 0.95


def test_a_copy_with_lines_added_is_found():
    longer = (
        COPY.replace("    ordered =", "    print('debugging', total)\n    ordered =") + "\nx = 1\n"
    )
    (pair,) = similar_pairs({**classmates(), "ada": ODD, "eve": longer})
    assert 0.75 < pair.share <= 1


def test_what_most_of_the_class_wrote_is_no_copy():
    everybody = {f"s{n}": ODD.replace("acc", f"acc{n}") for n in range(20)}
    assert similar_pairs(everybody) == []


def test_the_stub_does_not_count():
    stub = h.untouched()
    text = "\n".join(cell["source"] for cell in stub["cells"] if cell["cell_type"] == "code")
    assert similar_pairs({**classmates(), "ada": text, "eve": text}, stub=text) == []


def test_independent_answers_are_no_pairs():
    assert similar_pairs(classmates(40)) == []


def test_what_is_no_python_is_compared_as_far_as_it_goes():
    assert runs("def f(:\n  '''") is not None
    broken = {**classmates(), "ada": ODD + "\n  )(", "eve": COPY + '\n"""'}
    assert [(pair.one, pair.other) for pair in similar_pairs(broken)] == [("ada", "eve")]


def test_short_answers_say_nothing():
    short = "def f(w, k):\n    return (w - k) // 2 + 1\n"
    assert similar_pairs({**classmates(), "ada": short, "eve": short}) == []
