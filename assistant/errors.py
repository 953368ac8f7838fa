"""The faults that a person can do something about, each with the words to say so."""


class AssistantError(Exception):
    """A fault with a cause that a person can act on. Its text is one plain line."""


class CorpusError(AssistantError):
    """The corpus has problems: every one of them is in ``problems``, a line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"The corpus has {len(problems)} problem(s). Run: assistant check")
        self.problems = problems


class ModelError(AssistantError):
    """The encoder model is missing, damaged or not the one that was asked for."""


class IndexFault(AssistantError):  # noqa: N818 - IndexError is Python's own
    """The index is missing, damaged, or was built from something else than what stands here now."""


class StoreFault(AssistantError):  # noqa: N818 - beside `IndexFault`
    """What is kept of learners cannot be read or written just now: the file is locked, damaged, or there is no space."""


class TooMuchAtOnce(AssistantError):  # noqa: N818 - beside `StoreFault`
    """A deletion would take more than it should without a person: how many rows are due, and of how many."""

    def __init__(self, due: int, held: int) -> None:
        super().__init__(f"{due} of {held} are due, more than is deleted without a person.")


class InputError(AssistantError):
    """A file, line or option that was given cannot be used."""


class SettingsError(AssistantError):
    """A setting that the service cannot start with."""
