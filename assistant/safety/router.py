"""Where a question belongs. A list of rules in order, each with a name; the first that fits is taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.domain.site import RouteRule
from assistant.safety.phrases import phrase_pattern, words


@dataclass(frozen=True)
class _Compiled:
    rule: RouteRule
    phrases: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def fits(self, line: str, sentences: Sequence[str]) -> bool:
        if self.rule.whole:
            return any(phrase.fullmatch(line) for phrase in self.phrases)
        said = any(phrase.search(sentence) for phrase in self.phrases for sentence in sentences)
        return said and not any(p.search(line) for p in self.unless)


class Router:
    """Compares a question with the route rules."""

    def __init__(self, rules: Sequence[RouteRule], spellings: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> None:
        def made(phrase: str) -> re.Pattern[str]:
            for name, choices in groups.items():
                phrase = phrase.replace(f"<{name}>", f"({'|'.join(choices)})")
            return re.compile(f"{phrase_pattern(phrase)} ")

        self._spellings = spellings
        self._rules = tuple(_Compiled(rule, tuple(map(made, rule.phrases)), tuple(map(made, rule.unless))) for rule in rules)

    def route(self, text: str) -> RouteRule | None:
        """The first rule that the question fits, or None for an ordinary question. A phrase stands within one sentence."""
        sentences = [self._line(sentence) for sentence in re.split(r"[.?!]\s", text)]
        line = self._line(text)
        for compiled in self._rules:
            if compiled.fits(line, sentences):
                return compiled.rule
        return None

    def _line(self, text: str) -> str:
        return f" {' '.join(words(text, self._spellings))} "

    def applied(self, rule: RouteRule | None, parts: Sequence[str]) -> list[RouteRule | None]:
        """The rule of a whole text for those of its parts that it fits by themselves, or for all where it fits none alone."""
        fits = [rule if rule is not None and self.route(part) == rule else None for part in parts]
        return fits if any(fits) else [rule] * len(parts)
