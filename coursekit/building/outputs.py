"""What the cells of a copy put out: kept small, stable and free of anything of one machine."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

SNAPSHOT = "application/vnd.coursekit.widget+json"
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
# Said once on a fresh machine, by matplotlib and not by the lecture.
_HARMLESS = ("Matplotlib is building the font cache",)


class BadOutput(ValueError):
    """An output that must not reach students, in one sentence."""


def clean_outputs(outputs: list[NotebookNode], keep_snapshots: bool) -> list[NotebookNode]:
    """Outputs as they are stored: pictures with their text, no live views.

    keep_snapshots: keep what the slides need to bring widgets to life.
    Raises BadOutput for anything on stderr, a progress bar or a memory address.
    """
    cleaned = [_clean(output, keep_snapshots) for output in outputs if not _is_harmless(output)]
    joined = _joined_streams(cleaned)
    for text in (text for output in joined for text in plain_texts(output)):
        if address := _ADDRESS.search(text):
            raise BadOutput(
                f"shows the memory address {address[0]!r}, which changes with every run; "
                "print a value instead"
            )
    return joined


def _joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Kernels cut a long print where they like; stored outputs must not depend on it."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def plain_texts(output: NotebookNode) -> Iterator[str]:
    """The texts of an output that readers and nbval compare."""
    if output.output_type == "stream":
        yield output.text
    elif "text/plain" in output.get("data", {}):
        yield output.data["text/plain"]


def _is_harmless(output: NotebookNode) -> bool:
    return output.output_type == "stream" and output.text.startswith(_HARMLESS)


def _clean(output: NotebookNode, keep_snapshots: bool) -> NotebookNode:
    if output.output_type == "stream":
        if output.name == "stderr":
            raise BadOutput(f"warns on stderr: {_last_line(output.text)!r}; remove its cause")
        if "\r" in output.text:
            raise BadOutput("draws a progress bar; print lines, or nothing, in a quick run")
        return output
    data = output.data
    live = data.pop(_WIDGET_VIEW, None)
    if live or "image/png" in data:
        data.pop("text/html", None)
    if not keep_snapshots:
        data.pop(SNAPSHOT, None)
    alt = output.metadata.get("image/png", {}).get("alt")
    output.metadata = NotebookNode({"image/png": NotebookNode(alt=alt)} if alt else {})
    return output


def _last_line(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    # Warnings end with the source line that caused them; the sentence stands before it.
    told = [line for line in lines if "Warning:" in line or "Error:" in line]
    return (told or lines)[-1].strip()[:200]
