"""The one exception of the builder: a sentence for whoever edits the lectures."""

from pathlib import Path

from coursekit.problem import Problem


class BuildProblem(Problem):
    """What is wrong with a lecture, in one sentence with its place."""

    @classmethod
    def at(cls, path: Path, line: int, sentence: str) -> "BuildProblem":
        """A problem with its place, as editors and terminals link it."""
        return cls(f"{path}:{line}: {sentence}")
