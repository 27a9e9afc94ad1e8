"""A class of students: what each handed in, and the marks, status and words that are due."""

from dataclasses import dataclass, field

import handins as h

FULL = h.POINTS
NONE = dict.fromkeys(h.NAMES, 0)
PADDING_IGNORED = h.with_body(
    "output_size", "return (w_in - dilation * (kernel_size - 1) - 1) // stride + 1"
)


@dataclass(frozen=True)
class Due:
    """What is due to one student: points by exercise, status, and words in note or feedback."""

    handed_in: object  # a notebook, or the bytes of a file
    points: dict = field(default_factory=lambda: FULL)
    status: str = "graded"
    words: tuple = ()


def all_but(name, points=0, **others):
    return {**FULL, name: points, **others}


def lost(name, source, *words, points=0, status="graded"):
    """Somebody whose answer to one exercise goes wrong, and who gets the marks of the others."""
    return Due(h.answered(**{name: source}), all_but(name, points), status, words)


def broken(data, *words):
    return Due(data, {}, "unreadable", words)


def awkward(notebook, points=FULL, status="graded", words=()):
    return Due(notebook, points, status, words)


LOOP = h.doing_first("receptive_field", "while True:\n    pass")
STUBBORN = """
import signal, time
for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    time.sleep(1)
"""

CLASS = {
    # whole notebooks
    "right": Due(h.solved()),
    "untouched": Due(h.untouched(), NONE, words=("not attempted",)),
    "half": Due(
        h.answered(h.untouched(), **{n: h.solution(n) for n in h.NAMES[:2]}),
        {"output_size": 3, "uncovered_pixels": 2, "same_padding": 0, "receptive_field": 0},
    ),
    # wrong answers
    "padding_ignored": lost("output_size", PADDING_IGNORED, "padding is ignored", points=3 * 3 / 7),
    "returns_nothing": lost("same_padding", h.with_body("same_padding", "pass"), "None"),
    "returns_text": lost("same_padding", h.with_body("same_padding", "return 'one'"), "str"),
    "crashes": lost("same_padding", h.with_body("same_padding", "return 1 / 0"), "return 1 / 0"),
    "generator": lost(
        "uncovered_pixels", h.with_body("uncovered_pixels", "yield 1"), "a generator"
    ),
    # broken cells
    "syntax_error": lost(
        "same_padding", "def same_padding(:\n", "cannot be read", "line 1", status="needs a look"
    ),
    "conflict": lost(
        "same_padding", h.conflicted("same_padding"), "merge conflict", status="needs a look"
    ),
    "renamed": lost(
        "same_padding",
        h.renamed("same_padding", "padding_same"),
        "padding_same",
        status="needs a look",
    ),
    "look_alike": lost(
        "same_padding",
        h.renamed("same_padding", "s\u0430me_padding"),
        "look-alike",
        "cyrillic small letter a",
        status="needs a look",
    ),
    "not_a_function": lost("same_padding", "same_padding = (1, 1)", status="needs a look"),
    "deleted_cell": Due(
        h.without(h.solved(), "same_padding"),
        all_but("same_padding"),
        "needs a look",
        ("nowhere in this notebook",),
    ),
    "duplicated_cell": awkward(
        h.with_cell(PADDING_IGNORED, before="output_size"),
    ),
    "last_one_counts": awkward(
        h.with_cell(PADDING_IGNORED), all_but("output_size", 3 * 3 / 7), words=("padding",)
    ),
    "answer_elsewhere": awkward(
        h.with_cell(h.solution("output_size"), notebook=h.answered(output_size="pass"))
    ),
    "moved_cells": awkward({**h.solved(), "cells": h.solved()["cells"][::-1]}),
    # cells that go wrong beside the answers
    "added_crash": awkward(h.with_cell("1 / 0", before="output_size")),
    "added_exit": awkward(h.with_cell("import os\nos._exit(0)", before="output_size")),
    "added_quit": awkward(h.with_cell("raise SystemExit", before="output_size")),
    "added_loop": awkward(h.with_cell("while True:\n    pass", before="output_size")),
    "exit_in_exercise_cell": awkward(
        h.answered(output_size=h.solution("output_size") + "\nimport os\nos._exit(1)\n")
    ),
    "magics": awkward(
        h.with_cell(
            "%matplotlib inline\n!rm -rf data\nfiles = !ls\n%time x = 3\ndisplay(x)\nprint?",
            before="output_size",
            notebook=h.answered(output_size="%%time\n" + h.solution("output_size")),
        )
    ),
    "packages": awkward(
        h.with_cell(
            "import matplotlib.pyplot as plt, seaborn, torch.nn as nn\n"
            "from coursekit.plots import *\n"
            "fig, (one, two) = plt.subplots(1, 2)\n"
            "one.plot([1, 2]); fig.savefig('x.png')\n"
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "print(Net()(3).shape[0] / 2, input('name?'))\n"
            "for batch in nn.loader:\n    pass\n",
            before="output_size",
        )
    ),
    "shadowing": awkward(h.with_cell("print = 3\nlist = 'x'\nnp = None", before="output_size")),
    # files
    "byte_order_mark": awkward(b"\xef\xbb\xbf" + h.text_of(h.solved()).encode()),
    "utf_16": awkward(h.text_of(h.solved()).encode("utf-16")),
    "old_format": awkward(h.old_format(h.solved())),
    "no_metadata": awkward(h.stripped(h.solved())),
    "huge_output": awkward(h.with_outputs(h.solved(), 50)),
    "empty": broken(b"", "is empty"),
    "not_json": broken(b"print('hello')\n", "not JSON"),
    "web_page": broken(b"<!DOCTYPE html><html></html>", "web page"),
    "zip_archive": broken(b"PK\x03\x04rest", "zip"),
    "cut_off": broken(h.text_of(h.solved()).encode()[:5000], "breaks off"),
    "json_list": broken(b"[1, 2]", "not a notebook"),
    "no_cells": broken(b"{}", "no cells"),
    "deep": broken(b"[" * 200_000, "not"),
    "merge_conflict": broken(b'{\n<<<<<<< HEAD\n"a"\n=======\n"b"\n>>>>>>> x\n}', "conflict"),
    # hostile or hopeless answers: cost their own exercise only
    "endless_loop": lost("receptive_field", LOOP, "not answered after"),
    "stubborn_loop": lost(
        "receptive_field", h.doing_first("receptive_field", STUBBORN), "did not stop"
    ),
    "exits": lost(
        "same_padding",
        h.doing_first("same_padding", "import os\nos._exit(0)"),
        "ended the whole Python process",
        status="needs a look",
    ),
    "memory_bomb": lost(
        "same_padding",
        h.doing_first(
            "same_padding", "held = []\nwhile True:\n    held.append(bytearray(1 << 26))"
        ),
        "MemoryError",
    ),
    "calls_torch": lost(
        "same_padding",
        "import torch\n" + h.doing_first("same_padding", "torch.nn.functional.pad(dilation)"),
        "calls torch",
    ),
}
