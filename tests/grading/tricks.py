"""More attacks on `same_padding`: odd objects, roads to a library, state that outlives a run.

Each answers rightly only if its trick works, so every point it got would be undeserved.
"""

import sys
import sysconfig

import handins as h
from attacks import TARGET, attack, cheat, harm

SITE = sysconfig.get_paths()["purelib"]
RIGHT = "total = dilation * (kernel_size - 1)\nreturn total // 2, total - total // 2"


def tricks():
    """All of them, by name."""
    found = {f"odd_{name}": _returning(*parts) for name, parts in ODD.items()}
    found |= {f"road_{name}": _over(road) for name, road in ROADS.items()}
    found |= {f"state_{name}": _kept(*parts) for name, parts in STATE.items()}
    return found | {f"other_{name}": due for name, due in _others().items()}


# --- what an answer may return --------------------------------------------------------------------

ODD = {
    "lazy": (
        "import numpy as np\nclass Lazy:\n    __array__ = lambda *a, **k: np.array([7, 7])\n"
        "    def __getattr__(self, name): return lambda *a, **k: Lazy()\n"
        "    __array_interface__ = {'shape': (2,), 'typestr': '<i8', 'version': 3, 'data': (1, 0)}",
        "Lazy()",
    ),
    "tuple": (
        "class Pair(tuple):\n    __iter__ = lambda s: iter(())\n    __len__ = lambda s: 2\n"
        "    __eq__ = lambda *a: True\n    __getitem__ = lambda *a: Pair()",
        "Pair((7, 7))",
    ),
    "masked": ("import numpy as np", "np.ma.masked_all(2, int)"),
    "finalized": (
        "import numpy as np\nclass Sly(np.ndarray):\n"
        "    def __array_finalize__(self, whole):\n        np.asarray = lambda *a: 1 / 0\n"
        "    shape = dtype = nbytes = property(lambda s: 1 / 0)",
        "np.array([7, 7]).view(Sly)",
    ),
    "number": (
        "import numpy as np\nclass Yes(np.float64):\n    __eq__ = __le__ = lambda *a: True\n"
        "    __ne__ = lambda *a: False\n    __abs__ = __sub__ = __rsub__ = lambda *a: 0.0",
        "Yes(7), Yes(7)",
    ),
    "float": ("class Yes(float):\n    __float__ = lambda s: 1.0", "Yes(7), Yes(7)"),
    "not_a_number": ("", "float('nan'), float('nan')"),
    "dictionary": ("class D(dict):\n    items = lambda s: [(0, 1), (1, 1)]", "D({0: 7, 1: 7})"),
    "objects": ("import numpy as np", "np.array([len, print], dtype=object)"),
    "named": ("Yes = type('int', (), {'__index__': lambda s: 1})", "Yes(), Yes()"),
}


def _returning(before, value):
    return cheat(before, h.with_body(TARGET, f"return {value}"))


# --- roads to a library that is not allowed -------------------------------------------------------

ROADS = {
    "import": "import torch",
    "import_function": "torch = __import__('torch')",
    "importlib": "import importlib\ntorch = importlib.import_module('torch')",
    "import_bytes": "exec(compile(b'import torch', 'x', 'exec'), globals())",
    "loaded": "import sys\ntorch = sys.modules['torch']",
    "path": f"import sys\nsys.path[:0] = [{SITE!r}]\nimport torch.functional\nimport torch",
    "bare_path": (
        f"import sys\nsys.path[:] = [{SITE!r}, *sys.path]\nsys.meta_path.pop()\nimport torch"
    ),
    "finder": (
        "import sys, importlib.util\nspec = importlib.machinery.PathFinder.find_spec('torch', "
        f"[{SITE!r}])\ntorch = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(torch)"
    ),
    "loader": "import numpy\ntorch = numpy.__loader__.load_module('torch')",
    "runpy": "import runpy\nrunpy.run_module('torch')\nimport torch",
    "pickle": "import pickle\ntensor = pickle.loads(b'ctorch\\ntensor\\n.')\nimport torch",
    "entry_points": (
        "from importlib import metadata\n"
        "torch = next(e for e in metadata.entry_points() if 'torch' in e.value).load()"
    ),
    "garbage": (
        "import gc, types\ntorch = next(o for o in gc.get_objects() "
        "if isinstance(o, types.ModuleType) and o.__name__ == 'torch')"
    ),
    "ctypes": (
        f"import ctypes, glob\nplaces = glob.glob('/**/libtorch*.so', recursive=True)\n"
        f"ctypes.CDLL((places + [{SITE + '/torch/lib/libtorch_cpu.so'!r}])[0])\nimport torch"
    ),
    "process": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import torch'], check=True)\n"
        "REACHED = True"
    ),
    "other_python": (
        "import subprocess\n"
        f"subprocess.run([{sys.executable!r}, '-c', 'import torch'], check=True)\n"
        "REACHED = True"
    ),
}


def _over(road):
    """Take a road in a cell of its own; whether it led to a torch that calculates."""
    reached = "REACHED or type(torch.arange(3).sum().item()) is int"
    body = f"try:\n    there = {reached}\nexcept Exception:\n    there = False\n"
    right = RIGHT.replace("\n", "\n    ")
    answer = h.with_body(TARGET, f"{body}if there:\n    {right}\nreturn 7, 7")
    lines = road.replace("\n", "\n    ")
    return cheat(f"REACHED = False\ntry:\n    {lines}\nexcept Exception:\n    pass", answer)


# --- what one exercise leaves for the next --------------------------------------------------------

DAEMON = (
    "import os, time\nif not os.fork():\n    try:\n        os.setsid()\n        if not os.fork():\n"
    "            {}\n            time.sleep(60)\n    finally:\n        os._exit(0)\ntime.sleep(0.1)"
)
STATE = {
    "file": ("open('/tmp/left', 'w').write('x')", "return os.path.exists('/tmp/left')"),
    "hidden": ("os.makedirs('/tmp/.a/.b')", "return os.path.exists('/tmp/.a')"),
    "shared": ("open('/dev/shm/left', 'w').write('x')", "return os.path.exists('/dev/shm/left')"),
    "mapped": (
        "import mmap\nfile = open('/tmp/map', 'w+b')\nfile.write(bytes(4096))\nfile.flush()\n"
        "mmap.mmap(file.fileno(), 4096)[0] = 7\nos.unlink('/tmp/map')\n"
        "from multiprocessing.shared_memory import SharedMemory\nSharedMemory('left', True, 9)",
        "return bool(os.listdir('/dev/shm'))",
    ),
    "process": (
        DAEMON.format("pass"),
        "return len([p for p in os.listdir('/proc') if p.isdigit()]) > 2",
    ),
    "terminal": (DAEMON.format("os.openpty()"), "return len(os.listdir('/dev/pts')) > 1"),
    "lock": (
        DAEMON.format(
            "import contextlib, fcntl, json; f = open(json.__file__)\n"
            "            with contextlib.suppress(PermissionError): fcntl.flock(f, 2)"
        ),
        "import fcntl, json\ntry:\n    fcntl.flock(open(json.__file__), 6)\n"
        "except BlockingIOError:\n    return True\nexcept PermissionError:\n    pass\nreturn False",
    ),
    "environment": ("os.environ['LEFT'] = 'x'", "return 'LEFT' in os.environ"),
    "module": ("import json; json.LEFT = 1", "import json\nreturn hasattr(json, 'LEFT')"),
    "start_up": (
        "for place in ('sitecustomize.py', 'usercustomize.py', 'json.py', 'numpy.py', 'x.pth',\n"
        "              '.local/lib/python3.11/site-packages/usercustomize.py', '.pythonrc.py',\n"
        "              '.ipython/profile_default/startup/00.py', 'conftest.py'):\n"
        "    os.makedirs(os.path.dirname('/tmp/' + place), exist_ok=True)\n"
        "    open('/tmp/' + place, 'w').write('import builtins; builtins.LEFT = 1')",
        "import builtins\nreturn hasattr(builtins, 'LEFT')",
    ),
    "limits": (
        "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (9 << 20, 9 << 20))",
        "import resource\nreturn resource.getrlimit(resource.RLIMIT_STACK)[1] == 9 << 20",
    ),
}


def _kept(leave, look):
    """One exercise leaves something; another answers rightly only where it finds that."""
    indented = [part.replace("\n", "\n    ") for part in (leave, look)]
    cell = "import os\ndef leave():\n    {}\ndef look():\n    {}".format(*indented)
    tried = "try:\n    leave()\nexcept OSError:\n    pass"
    answer = h.with_body(
        TARGET, "if look():\n    {}\nreturn 7, 7".format(RIGHT.replace("\n", "\n    "))
    )
    due = attack(answer, cell=cell)
    h.answered(due.handed_in, output_size=h.doing_first("output_size", tried))
    return due


# --- and the rest ---------------------------------------------------------------------------------


def _others():
    return {
        "reduced": cheat(
            "import os\nclass Planted:\n    def __reduce__(self):\n"
            "        return os.system, ('touch /tmp/planted',)\n    __getstate__ = __reduce__",
            h.with_body(TARGET, "return Planted()"),
        ),
        "thread_forges": cheat(
            "import os, struct, threading, time\n"
            'text = b\'{"failure": null, "values": {"t": [{"t": [1, 1]}, {"t": []}]}}\'\n'
            "def forge():\n    while True:\n        for handle in range(3, 64):\n"
            "            try: os.write(handle, struct.pack('>II', len(text), 0) + text)\n"
            "            except OSError: pass\n        time.sleep(0.001)\n",
            h.with_body(TARGET, "threading.Thread(target=forge, daemon=True).start()\nreturn 7, 7"),
            0,
            "",
        ),
        "patched_runner": cheat(
            "import gc\nfor one in gc.get_objects():\n    if type(one).__name__ == 'Runner':\n"
            "        type(one).call = lambda self, m, v: iter([({'failure': None, 'printed': '',"
            " 'sentence': ''}, ((1, 1), v))])\n"
            "        type(one).about = lambda self, m, v: iter([({'function': True, 'instead': '',"
            " 'uses': []}, ())])"
        ),
        "collected": cheat(
            "import weakref, atexit, signal, os\nclass Late:\n"
            "    def __del__(self):\n        os.write(3, b'{}')\n"
            "kept = [Late()]\natexit.register(lambda: os.write(3, b'{}'))\n"
            "weakref.finalize(kept[0], print)\nsignal.signal(signal.SIGTERM, lambda *a: None)"
        ),
        "bombs_as_daemons": harm(
            "import os, time\nfor _ in range(200):\n    if not os.fork():\n        os.setsid()\n"
            "        while True:\n            if not os.fork():\n                os.setsid()\n"
            "            time.sleep(0.01)",
            points=0,
            status="",
        ),
        "scripts_everywhere": attack(
            h.with_body(
                TARGET,
                "print('<script>alert(1)</script>')\n# </pre><script>alert(2)</script>\n"
                "raise type('<script>', (ValueError,), {})('</div><script>alert(3)</script>')",
            ),
        ),
        "script_in_a_known_mistake": attack(
            h.with_body(
                TARGET,
                "# </pre></details><script>alert(4)</script>\n"
                "before = (kernel_size - 1) // 2\nreturn before, before",
            ),
            points=0.67,
        ),
    }
