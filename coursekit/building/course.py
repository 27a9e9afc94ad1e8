"""Where a course keeps its sources and what is built from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coursekit.building.problem import BuildProblem
from coursekit.building.source import find_sources


@dataclass(frozen=True)
class Course:
    """The folders of a course, all below its root."""

    root: Path

    @property
    def lock(self) -> Path:
        """The file of pinned versions."""
        return self.root / "requirements.lock"

    def notebook(self, stem: str) -> Path:
        """The committed student notebook."""
        return self.root / "notebooks" / f"{stem}.ipynb"

    def solved(self, stem: str) -> Path:
        """The solved notebook."""
        return self.root / "build" / "solved" / f"{stem}.ipynb"

    def release(self, stem: str) -> Path:
        """The notebook as nbgrader releases it: one assignment a lecture."""
        return self.root / "build" / "release" / stem / f"{stem}.ipynb"

    def slides(self, stem: str) -> Path:
        """The slides, one file."""
        return self.root / "build" / "slides" / f"{stem}.html"

    def outputs(self, stem: str, kind: str) -> Path:
        """Where the outputs of the last run are kept."""
        return self.root / "build" / "outputs" / f"{stem}.{kind}.json"

    def find(self, stems: Sequence[str] = ()) -> dict[str, Path]:
        """Stem to source of the lectures asked for, or of all.

        Raises BuildProblem for a stem without a source, or when there is no source at all.
        """
        sources = find_sources(self.root / "solutions")
        if not sources:
            raise BuildProblem(f"{self.root / 'solutions'}: found no lectures named NN_stem.py")
        for stem in stems:
            if stem not in sources:
                known = ", ".join(sources)
                raise BuildProblem(f"no lecture is called {stem!r}; there are {known}")
        return {stem: sources[stem] for stem in stems or sources}
