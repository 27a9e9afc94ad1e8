"""What the command line tells its user in one sentence instead of a traceback."""


class Problem(Exception):
    """Something the user can put right; its text is one sentence: found, expected, what to do."""
