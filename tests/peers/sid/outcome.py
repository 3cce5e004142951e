"""How a test ends when it does not pass."""


class Failed(Exception):
    """The peer did something else than what it must."""


class Skipped(Exception):
    """The case can't be tried here; says why."""


def check(condition, message):
    if not condition:
        raise Failed(message)
