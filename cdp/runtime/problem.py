"""What the user is told when the product cannot start: one sentence that says what to do."""


class RuntimeProblem(Exception):
    """Its text is shown to the user as it is, without a traceback."""
