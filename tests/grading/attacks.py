"""Submissions that mean harm, or marks that are not due; each with what is due all the same.

Most attack through `same_padding`, whose honest answer is worth 2 points; the others are solved.
Should the wall ever be down, nothing is harmed: whoever sees the machine answers wrongly instead.
"""

import handins as h
from submissions import NONE, Due, all_but

WRONG = h.with_body("same_padding", "return 7, 7")
TARGET = "same_padding"


def attack(source, points=0, status="graded", *words, cell=None):
    """An attack in the exercise's own function, or in a cell before it."""
    notebook = h.answered(**{TARGET: source})
    if cell:
        notebook = h.with_cell(cell, before=TARGET, notebook=notebook)
    return Due(notebook, all_but(TARGET, points), status, words)


def cheat(cell, source=WRONG, points=0, status="graded", *words):
    return attack(source, points, status, *words, cell=cell)


def harm(body, points=2, status="graded", *words):
    """Does something harmful, then answers rightly."""
    tried = "try:\n" + "\n".join(f"    {line}" for line in body.strip().splitlines())
    guarded = f"import os\nif os.path.exists('/etc/passwd'):\n    return 7, 7\n{tried}"
    return attack(
        h.doing_first(TARGET, f"{guarded}\nexcept Exception:\n    pass"), points, status, *words
    )


def forger(text):
    """A cell with a function that writes a frame of its own to every handle."""
    return (
        "import os, struct\n"
        "def forge():\n"
        f"    text = {text!r}.encode()\n"
        "    for handle in range(64):\n"
        "        try: os.write(handle, struct.pack('>II', len(text), 0) + text)\n"
        "        except OSError: pass\n"
    )


FORGES = h.with_body(TARGET, "forge()\nreturn 7, 7")


def attacks(sentinel, port, course):
    """All of them. sentinel: a folder and port: a server of the grader's; course: the package."""
    return {
        # --- marks that are not due
        "patched_comparisons": cheat(
            "import numpy as np, builtins, copy, json\n"
            "for name in ('allclose', 'array_equal', 'isclose', 'testing'):\n"
            "    setattr(np, name, lambda *a, **k: True)\n"
            "builtins.all = builtins.any = lambda *a: True\ncopy.deepcopy = lambda x: x"
        ),
        "patched_worker": Due(
            h.with_cell(
                "import json, builtins\nbuiltins.isinstance = lambda *a: True\n"
                'json.dumps = lambda *a, **k: \'{"failure": null, "values": {"t": [1, 1]}}\'',
                before=TARGET,
            ),
            NONE,
            "needs a look",
        ),
        "equal_to_everything": cheat(
            "class Yes:\n"
            "    __eq__ = __le__ = __ge__ = __contains__ = __bool__ = lambda *a: True\n"
            "    __ne__ = __lt__ = __gt__ = lambda *a: False\n"
            "    __len__ = lambda s: 2\n    __iter__ = lambda s: iter((Yes(), Yes()))\n"
            "    __getitem__ = lambda s, i: Yes()\n    __hash__ = lambda s: 0",
            h.with_body(TARGET, "return Yes()"),
        ),
        "equal_integers": cheat(
            "class Yes(int):\n    __eq__ = lambda *a: True\n    __hash__ = int.__hash__\n"
            "    __index__ = __int__ = lambda s: 1",
            h.with_body(TARGET, "return Yes(7), Yes(7)"),
        ),
        "array_subclass": cheat(
            "import numpy as np\nclass Yes(np.ndarray):\n"
            "    __eq__ = lambda *a: np.True_\n    __ne__ = lambda *a: np.False_\n"
            "    __sub__ = __rsub__ = lambda *a: 0\n"
            "    def __array_ufunc__(self, *a, **k): return np.True_\n"
            "    def __array_function__(self, *a, **k): return True\n",
            h.with_body(TARGET, "return np.array([7, 7]).view(Yes)"),
        ),
        "pretends_to_be_an_array": cheat(
            "class Yes:\n    __array__ = lambda s, *a: 1 / 0\n"
            "    dtype = shape = property(lambda s: 1 / 0)",
            h.with_body(TARGET, "return Yes()"),
        ),
        "reads_sources": cheat(
            "import importlib, os, sys\n"
            f"sys.path[:0] = [{course!r}, '/sealed', '/work', *sys.path]\n"
            "for place, _, files in os.walk('/'):\n"
            "    if 'shapes.py' in files: sys.path.insert(0, os.path.dirname(place))\n"
            "def stolen():\n"
            "    return importlib.import_module('coursekit' + '.shapes').same_padding\n",
            h.with_body(TARGET, "return stolen()(kernel_size, dilation)"),
        ),
        "reads_memory": cheat(
            "import gc, sys, types\n"
            "def found(name):\n"
            "    for one in gc.get_objects():\n"
            "        if isinstance(one, dict) and 'EXERCISES' in one: return one[name]\n"
            "        if isinstance(one, types.FunctionType) and one.__name__ == name:\n"
            "            if one.__module__ != '__main__': return one\n"
            "    raise LookupError\n",
            h.with_body(TARGET, "return found('same_padding')(kernel_size, dilation)"),
        ),
        "reads_frames": cheat(
            "import sys\n"
            "def looked():\n"
            "    frame = sys._getframe(1)\n"
            "    while frame:\n"
            "        for name, value in {**frame.f_globals, **frame.f_locals}.items():\n"
            "            if name in ('expected', 'reference', 'case', 'exercise'): return value\n"
            "        frame = frame.f_back\n",
            h.with_body(TARGET, "return looked()"),
        ),
        "forged_answers": cheat(
            forger('{"failure": null, "values": {"t": [true, {"t": []}]}}'), FORGES
        ),
        "forged_marks": cheat(
            forger('{"failure": null, "points": 2, "status": "passed"}'), FORGES, 0, "needs a look"
        ),
        "garbage_on_every_handle": attack(
            h.doing_first(
                TARGET,
                "import os\nfor handle in range(64):\n    try:\n"
                "        os.write(handle, b'\\xff' * 5000)\n    except OSError:\n        pass",
            ),
            0,
            "needs a look",
            "something else than an answer",
        ),
        "redefined_check": cheat(
            "import coursekit\ncoursekit.check = check = lambda *a: 2\n"
            "import sys\nsys.modules['coursekit.exercises'] = None"
        ),
        "second_call": cheat(
            "calls = []",
            h.doing_first(TARGET, "calls.append(1)\nif len(calls) == 1:\n    return 7, 7"),
            2 * 2 / 3,
        ),
        "traced": cheat(
            "import sys, threading\n"
            "def trace(frame, event, arg):\n"
            "    for name in frame.f_locals: pass\n    return trace\n"
            "sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)"
        ),
        "stealthy_torch": attack(
            h.with_body(TARGET, "import importlib\nreturn importlib.import_module('tor' + 'ch').a")
        ),
        # --- harm to the machine
        "deletes_files": harm(
            f"import shutil\nfor place in ({sentinel!r}, {course!r}, '/home', '/tmp'):\n"
            "    shutil.rmtree(place, ignore_errors=True)"
        ),
        "reads_files": attack(h.with_body(TARGET, f"return open({sentinel!r} + '/secret').read()")),
        "writes_files": harm(
            f"import os\nfor place in ({sentinel!r}, {course!r}, '/usr/lib', '/sealed', '/'):\n"
            "    try: open(place + '/planted.py', 'w').write('1 / 0')\n"
            "    except OSError: pass"
        ),
        "reads_environment": attack(
            h.with_body(TARGET, "import os\nreturn dict(os.environ), os.listdir('/proc')")
        ),
        "connects": harm(
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1).send(b'hello')"
        ),
        "kills": harm(
            "for process in (1, os.getppid(), -1):\n"
            "    try:\n        os.kill(process, 9)\n    except OSError:\n        pass",
        ),
        "fork_bomb": harm(
            "import os, time\nfor _ in range(300):\n"
            "    if not os.fork():\n        time.sleep(600)\n        os._exit(0)"
        ),
        "leaves_processes": harm(
            "import os, time\nif not os.fork():\n    try:\n        os.setsid()\n"
            "        if not os.fork():\n            while True:\n                time.sleep(1)\n"
            "    finally:\n        os._exit(0)"
        ),
        "fills_disk": harm(
            "with open('/tmp/full', 'wb') as file:\n"
            "    for _ in range(10_000):\n        file.write(bytes(1 << 20))"
        ),
        "empty_files": harm(
            "for number in range(10**9):\n    os.symlink('x', f'/tmp/{number}')",
            points=0,
            status="needs a look",
        ),
        # --- hopeless, at nobody's cost but its own
        "prints_without_end": harm(
            "import os\nfor _ in range(100):\n    print('x' * 100_000)\n"
            "    os.write(1, b'x' * 100_000)\n    os.write(2, b'x' * 100_000)"
        ),
        "huge_result": attack(
            h.with_body(TARGET, "import numpy\nreturn numpy.zeros(200_000_000, 'uint8')"),
            0,
            "graded",
            "more than may be handed over",
        ),
        "huge_list": attack(h.with_body(TARGET, "return [0] * 5_000_000")),
        "endless_list": attack(h.with_body(TARGET, "a = []\na.append(a)\nreturn a")),
        "huge_integer": attack(h.with_body(TARGET, "return 1 << 10_000_000, 1")),
        "huge_message": attack(h.with_body(TARGET, "raise ValueError('x' * 10_000_000)")),
        "markup": attack(
            h.with_body(TARGET, "raise ValueError('<script>alert(1)</script>')"),
            0,
            "graded",
            "&lt;script&gt;",
        ),
        "unprintable": attack(
            h.with_body(TARGET, "raise ValueError('\\ud800 \\x00 \\u202e backwards')"),
            0,
            "graded",
            "raised ValueError",
        ),
        "unprintable_result": attack(h.with_body(TARGET, "return '\\ud800\\x00', {'\\udfff': 1}")),
        "forged_text": Due(
            h.with_cell(
                "import json\nreal = json.dumps\njson.dumps = lambda message, **k: real("
                "{**message, 'sentence': '\\ud800' * 9, 'failure': 'raised'})",
                before=TARGET,
            ),
            NONE,
        ),
        # found out at the first reply; without the cell that did it, the answers are right
        "forged_types": Due(
            h.with_cell(
                "import json\nreal = json.dumps\njson.dumps = lambda message, **k: real("
                "{'failure': [1], 'kind': {}, 'sentence': 3, 'uses': 7, 'function': [1],"
                " 'seconds': 'x'} | {'values': message['values']})",
                before=TARGET,
            )
        ),
        "deep_recursion": attack(
            h.with_body(
                TARGET,
                "import sys\nsys.setrecursionlimit(10**9)\n"
                "def down(x):\n    return [down(y) for y in (x,)]\nreturn down(1)",
            ),
            status="",  # ends in an error, a crash or at the time limit, as the machine has it
        ),
        "closes_everything": attack(
            h.doing_first(TARGET, "import os\nos.closerange(0, 1000)"), status="needs a look"
        ),
        "endless_printing_object": attack(
            h.with_body(
                TARGET,
                "class Slow:\n    def __repr__(self):\n        while True:\n            pass\n"
                "return Slow()",
            ),
        ),
        "interrupts": attack(h.with_body(TARGET, "raise KeyboardInterrupt")),
        "segfault": attack(
            h.with_body(TARGET, "import ctypes\nctypes.string_at(0)"), status="needs a look"
        ),
    }
