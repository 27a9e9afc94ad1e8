"""A lecture's source as a reader meets it, for tests of what it says."""

import re
from pathlib import Path

SOLUTIONS = Path(__file__).parents[2] / "solutions"


class Lecture:
    """The prose and code of one lecture.

    >>> Lecture("00_start_here").says("your first exercise")
    True
    """

    def __init__(self, stem: str) -> None:
        self.source = (SOLUTIONS / f"{stem}.py").read_text(encoding="utf-8")
        joined = re.sub(r'"\n\s*"', "", self.source)  # strings that go on in the next line
        self.text = re.sub(r"\s*\n#?\s*", " ", joined)

    def says(self, words: str) -> bool:
        """Whether the lecture contains these words, line breaks aside."""
        return words in self.text

    @property
    def minutes(self) -> int:
        """Sum of the times in the instructor's cells."""
        return sum(int(found) for found in re.findall(r"Time: (\d+) min", self.source))
