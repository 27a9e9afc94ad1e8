"""Write benchmarks/README.md from results/*.json: what was measured, and beside what."""

import json
from pathlib import Path

HERE = Path(__file__).parent
FASTER = "times nbgrader's throughput"  # of results/grading.json
HEAD = """# Benchmarks

Each script measures this course beside a peer or a limit in the same run; anyone can run it.
The tables are made from `results/*.json` by `table.py`. Two noisy cores: read ratios, not seconds.
"""


def main() -> None:
    """Read the results that are there and write the page."""
    parts = [HEAD]
    for name, section in SECTIONS.items():
        path = HERE / "results" / f"{name}.json"
        if path.exists():
            parts += [f"## {name}.py\n", section(json.loads(path.read_text(encoding="utf-8")))]
    (HERE / "README.md").write_text("\n".join(parts), encoding="utf-8")


def table(head: str, rows: list[list[object]]) -> str:
    """A Markdown table."""
    titles = [title.strip() for title in head.split("|")]
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def layers(found: dict) -> str:
    """NumPy layers beside torch.nn.functional: ratios of medians, and the limit for each."""
    rows = [
        [one["layer"], one["threads"], one["ratio"], one["cpu_ratio"], one["limit"]]
        for one in found["results"]
    ]
    machine = found["machine"]
    words = f"float32; {machine['cores']} cores, NumPy {machine['numpy']}, torch {machine['torch']}"
    head = "layer | threads | time beside torch | processor time beside torch | limit"
    return f"{words}.\n\n" + table(head, rows)


def training(found: dict) -> str:
    """Time to an accuracy beside PyTorch's first tutorial."""
    rows = [
        [one["who"], f"{one['target']:.0%}", one["accuracy"], one["wall_s"], one["cpu_s"]]
        for one in found["results"]
        if one.get("reached")
    ]
    head = "who | to reach | accuracy | seconds | processor seconds"
    return f"{found['data']}, {found['machine']['cores']} cores.\n\n" + table(head, rows)


def grading(found: dict) -> str:
    """Seconds a submission beside nbgrader, and how that grows with the class."""
    rows = [[who, seconds] for who, seconds in found["seconds a submission"].items()]
    both = found["students graded by nbgrader"]
    words = (
        f"{found['students']} submissions of four exercises, {both} of them by nbgrader too; "
        f"{found['cores']} cores, load before: {found['load before']:.1f}. "
        f"{found[FASTER]} times nbgrader's throughput. "
        f"All cores run a plain loop {found['times as fast a plain loop']} times as fast as one"
    )
    names = ["students", "one process", "all cores", "times as fast", "peak memory, MB"]
    sizes = table(" | ".join(names), [[one[name] for name in names] for one in found["classes"]])
    kinds = "Seconds a class, and the grader's own memory:"
    return f"{words}.\n\n{table('who | seconds a submission', rows)}\n{kinds}\n\n{sizes}"


def widgets(found: dict) -> str:
    """Key to repaint beside interact and matplotlib."""
    rows = [
        [name, found["ours_ms"][name], found["interact_ms"][name], found["times_faster"][name]]
        for name in ("median", "p95")
    ]
    painted = f"{found['painted_of_60_at_30_a_second']} of 60 presses at 30 a second painted"
    words = f"{found['machine']}, load {found['load']}; {painted}"
    head = "from key press to repaint | ours, ms | interact + matplotlib, ms | times faster"
    return f"{words}.\n\n" + table(head, rows)


def each_widget(found: dict) -> str:
    """Each widget: opening, handler, key to repaint, presses painted."""
    names = list(next(iter(found["widgets"].values())))
    rows = [[name, *(row[column] for column in names)] for name, row in found["widgets"].items()]
    rows.append(["limit", *(found["limits"].get(column, "") for column in names)])
    words = f"{found['machine']}, load {found['load']}; opening includes the still picture"
    return f"{words}.\n\n" + table(" | ".join(["widget", *names]), rows)


def live_trainer(found: dict) -> str:
    """The live trainer beside the same loop unwatched, and a plain one."""
    rates = ["plain_examples_s", "unwatched_examples_s", "live_examples_s"]
    names = ["net", *rates, "ratio", "cpu_ratio"]
    rows = [[row[name] for name in names] for row in found["results"]]
    whole = found["together"]
    low, high = whole["between"]
    words = (
        f"Cost of drawing as a share of training speed; limit {found['limit']:.0%}. All rounds "
        f"together: {whole['ratio']:.1%} ({low:.1%} to {high:.1%}), {whole['verdict']}"
    )
    return f"{words}.\n\n" + table(" | ".join(names), rows)


SECTIONS = {"layers": layers, "training": training, "grading": grading, "widgets": widgets}
SECTIONS |= {"each_widget": each_widget, "live_trainer": live_trainer}


if __name__ == "__main__":
    main()
