"""Reading single files of the corpus: strict YAML, Markdown whose every sentence keeps its place, and example messages.

Nothing here stops at the first fault: problems are gathered, each with its file and line.
"""

import hashlib
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, is_dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from assistant.domain.answers import Help
from assistant.domain.guidance import Opening, Paragraph, Provenance, Reference, Role, Section, Sentence
from assistant.domain.sentences import spans
from assistant.domain.site import Example

T = TypeVar("T")
Place = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """A fault in the corpus, where it is, and whether it stops the build or only ``--strict``."""

    path: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """``file:line: message``."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Lines:
    """The line on which each value of a YAML file stands."""

    path: str
    lines: dict[Place, int]

    def at(self, place: Place) -> int:
        """The line of a value, or of the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without its two traps: a repeated key is refused, and a bare ``no`` stays a word."""


_StrictLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in pairs
        if tag not in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
    ]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9]\d*)$"), list("-0123456789"))
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?\d+\.\d+$"), list("-0123456789"))


def read_yaml(text: str, path: str, first_line: int = 1) -> tuple[Any, Lines, list[Problem]]:
    """The value of a YAML text, where its parts stand, and what is wrong with it."""
    if _too_deep(text):
        return None, Lines(path, {}), [Problem(path, first_line, "this is nested too deeply")]
    loader = _StrictLoader(text)
    reader = _YamlReader(loader, path, first_line)
    try:
        node = loader.get_single_node()
        value = None if node is None else reader.value(node, ())
    except yaml.YAMLError as error:
        value = None
        reader.problems[:] = [reader.problem(getattr(error, "problem_mark", None), f"this is not YAML: {getattr(error, 'problem', error)}")]
    finally:
        loader.dispose()
    return value, Lines(path, reader.lines), reader.problems


DEEPEST = 50
"""Levels of a YAML text. The library reads deeper ones until it falls over, with the whole process."""
_IN_A_LINE = re.compile(rf"(?:[-?:][ \t]+){{{DEEPEST}}}|^ {{{4 * DEEPEST}}}", re.MULTILINE)


def _too_deep(text: str) -> bool:
    steps = (1 if mark in "[{" else -1 for mark in re.findall(r"[\[\]{}]", text))
    levels = accumulate(steps, lambda level, step: max(level + step, 0))
    return max(levels, default=0) > DEEPEST or _IN_A_LINE.search(text) is not None


class _YamlReader:
    """One YAML text on its way to a value: where its parts stand, and what is wrong with them."""

    def __init__(self, loader: _StrictLoader, path: str, first_line: int) -> None:
        self._loader = loader
        self._path = path
        self._first = first_line
        self._met: set[int] = set()
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, self._line(node.start_mark))
        if id(node) in self._met:
            self.problems.append(Problem(self._path, self.lines[place], "this stands in another place: write it out here"))
            return None
        self._met.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        return self._word(node)

    def _word(self, node: yaml.Node) -> Any:
        try:
            return self._loader.construct_object(node)
        except ValueError as fault:
            self.problems.append(self.problem(node.start_mark, f"{node.value!r} cannot be read: {fault}"))
            return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self._word(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                self.problems.append(self.problem(key_node.start_mark, "a key is a word"))
                continue
            if key in mapping:
                self.problems.append(self.problem(key_node.start_mark, f"the key {key!r} is given twice"))
            self.lines[(*place, key)] = self._line(key_node.start_mark)
            mapping[key] = self.value(value_node, (*place, key))
        return mapping

    def problem(self, mark: yaml.Mark | None, message: str) -> Problem:
        return Problem(self._path, self._line(mark), message)

    def _line(self, mark: yaml.Mark | None) -> int:
        return self._first + (mark.line if mark else 0)


def shape(kind: type[T], value: Any, lines: Lines, place: Place = ()) -> tuple[T | None, list[Problem]]:
    """Read a value as one of the domain's frozen values; unknown keys, missing keys and wrong kinds are problems."""
    try:
        return _adapter(kind).validate_python(value), []
    except ValidationError as error:
        return None, [
            Problem(lines.path, lines.at((*place, *fault["loc"])), f"{_dotted(fault['loc'])}: {_plain(fault['type'], fault['msg'])}")
            for fault in error.errors(include_url=False)
        ]


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _adapters:
        _forbid_unknown_keys(kind)
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _forbid_unknown_keys(kind: Any) -> None:
    """Tell pydantic, class by class, that a key the domain does not name is a fault: it reads this mark on dataclasses."""
    for inner in get_args(kind):
        _forbid_unknown_keys(inner)
    if is_dataclass(kind) and isinstance(kind, type) and "__pydantic_config__" not in vars(kind):
        kind.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
        for hint in get_type_hints(kind).values():
            _forbid_unknown_keys(hint)


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place) or "the file"


def _plain(kind: str, message: str) -> str:
    known = {"unexpected_keyword_argument": "this key is not known", "missing": "this key is missing"}
    return known.get(kind, message[0].lower() + message[1:])


@dataclass(frozen=True)
class Fence:
    """A block of YAML that stands under a heading, as read."""

    section: str
    value: Any
    lines: Lines


@dataclass(frozen=True)
class Markdown:
    """A Markdown file: its front matter, its sections, and the YAML blocks within them."""

    front: dict[str, Any]
    lines: Lines
    sections: tuple[Section, ...]
    fences: tuple[Fence, ...]
    line_of: dict[str, int]
    """Line of each section and paragraph by id."""


_HEADING = re.compile(r"^(#{1,4}) +(.+?)(?: +\{#([a-z0-9][a-z0-9-]*)\})?\s*$")
_ITEM = re.compile(r"^(?:[-*]|\d+\.) +")
_SOURCES = re.compile(r"\s*\{([^{}]+)\}")
_MARKUP = re.compile(r"[*_`]{1,2}\w|\]\(|<\w|\{#|~~")


def read_markdown(text: str, path: str) -> tuple[Markdown, list[Problem]]:
    """Read a Markdown file of the corpus.

    The form is small on purpose, so that a sentence stands in the file just as it is shown: headings with an
    id, paragraphs, list items, each with its sources in braces at its end, and no markup inside a sentence.
    """
    problems: list[Problem] = []
    front, lines, body_at = _front(text, path, problems)
    sections: list[Section] = []
    fences: list[Fence] = []
    line_of: dict[str, int] = {}
    current = Section("top", str(front.get("title", "")), 1, (), ())
    paragraphs: list[Paragraph] = []
    trail: list[tuple[int, str]] = []

    def close() -> None:
        if paragraphs or current.id != "top":
            sections.append(Section(current.id, current.title, current.level, current.path, tuple(paragraphs)))
            paragraphs.clear()

    for start, block in _blocks(text, body_at):
        line = text.count("\n", 0, start) + 1
        heading = _HEADING.match(block)
        if heading:
            close()
            level, title, name = len(heading[1]), heading[2], heading[3]
            if name is None:
                problems.append(Problem(path, line, f"the heading '{title}' has no {{#id}}"))
            if name in line_of:
                problems.append(Problem(path, line, f"the id #{name} is used twice"))
            trail = [(depth, words) for depth, words in trail if depth < level] + [(level, title)]
            current = Section(name or f"line-{line}", title, level, tuple(words for _, words in trail), ())
            line_of[current.id] = line
        elif block.startswith("~~~"):
            fence, faults = _fence(block, current.id, path, line)
            problems.extend(faults)
            fences.append(fence)
        else:
            paragraph, faults = _paragraph(block, start, path, line, line_of)
            problems.extend(faults)
            line_of[paragraph.id] = line
            paragraphs.append(paragraph)
    close()
    return Markdown(front, lines, tuple(sections), tuple(fences), line_of), problems


def _fence(block: str, section: str, path: str, line: int) -> tuple[Fence, list[Problem]]:
    inside, closed, _ = block.partition("\n")[2].rpartition("~~~")
    value, lines, problems = read_yaml(inside, path, line + 1)
    if not closed:
        problems.append(Problem(path, line, "this block has no end: close it with ~~~"))
    return Fence(section, value, lines), problems


def _front(text: str, path: str, problems: list[Problem]) -> tuple[dict[str, Any], Lines, int]:
    if not text.startswith("---\n") or "\n---\n" not in text[3:]:
        problems.append(Problem(path, 1, "there is no front matter between two lines of ---"))
        return {}, Lines(path, {}), 0
    end = text.index("\n---\n", 3)
    value, lines, faults = read_yaml(text[4 : end + 1], path, 2)
    problems.extend(faults)
    return value if isinstance(value, dict) else {}, lines, end + 5


def _blocks(text: str, start: int) -> Iterator[tuple[int, str]]:  # noqa: C901 - one pass, one state
    """Blocks of the body with their offsets: headings and list items are blocks of their own, fences stay whole."""
    begin, fenced = start, False
    parts: list[str] = []
    place = start
    for line in text[start:].splitlines(keepends=True):
        fence = line.startswith("~~~")
        alone = not fenced and (_HEADING.match(line) or not line.strip())
        if not fenced and (alone or fence or _ITEM.match(line)):
            if parts:
                yield begin, "".join(parts)
            begin, parts = place, []
        if alone:
            if line.strip():
                yield place, line
            begin = place + len(line)
        else:
            parts.append(line)
            if fence and fenced:
                yield begin, "".join(parts)
                begin, parts = place + len(line), []
        if fence:
            fenced = not fenced
        place += len(line)
    if parts:
        yield begin, "".join(parts)


def _paragraph(block: str, start: int, path: str, line: int, taken: dict[str, int]) -> tuple[Paragraph, list[Problem]]:
    """A paragraph: statements one after the other, each followed by its sources."""
    problems: list[Problem] = []
    marker = _ITEM.match(block)
    place = marker.end() if marker else 0
    sentences: list[Sentence] = []
    while place < len(block):
        sources = _SOURCES.search(block, place)
        end = sources.start() if sources else len(block)
        piece = block[place:end].replace("\n", " ")
        if _MARKUP.search(piece):
            problems.append(Problem(path, line, "markup inside a sentence: write plain words"))
        references: tuple[Reference, ...] = ()
        if sources:
            references, faults = _references(sources[1], path, line + block.count("\n", 0, end))
            problems.extend(faults)
        sentences.extend(
            Sentence(re.sub(r"\s+", " ", piece[a:b]), start + place + a, start + place + b, references) for a, b in spans(piece)
        )
        place = sources.end() if sources else len(block)
    name = "p-" + hashlib.sha256(" ".join(s.text for s in sentences).encode()).hexdigest()[:8]
    while name in taken:
        name += "x"
    return Paragraph(name, tuple(sentences), marker is not None), problems


def _references(text: str, path: str, line: int) -> tuple[tuple[Reference, ...], list[Problem]]:
    """Read ``source: place, provenance; …``.

    A mark without a provenance counts as recalled, the weaker reading.
    """
    found: list[Reference] = []
    problems: list[Problem] = []
    for part in text.split(";"):
        source, _, rest = part.strip().partition(":")
        place, _, word = rest.strip().rpartition(",")
        if word.strip() in set(Provenance):
            provenance = Provenance(word.strip())
        else:
            place, provenance = rest, Provenance.RECALLED
            if rest.strip():
                problems.append(Problem(path, line, f"the source '{part.strip()}' does not end in seen, recalled or inferred"))
        found.append(Reference(source.strip(), place.strip(), provenance))
    return tuple(found), problems


def read_messages(text: str, path: str) -> tuple[tuple[Example, ...], list[Problem]]:
    """Read lines of ``label|language|message``, and what is wrong with others; ``causing`` may stand after the label."""
    return _by_line(text, path, _message, "label|language|message")


def read_openings(text: str, path: str) -> tuple[tuple[Opening, ...], list[Problem]]:
    """Read lines of ``role|what is told``, and what is wrong with others."""
    return _by_line(text, path, _opening, "role|what is told")


def _by_line(text: str, path: str, read: Callable[[str], T | None], form: str) -> tuple[tuple[T, ...], list[Problem]]:
    """What each line is read as, but for empty ones and comments."""
    found: list[T] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        thing = read(line)
        if thing is None:
            problems.append(Problem(path, number, f"this is not {form}"))
        else:
            found.append(thing)
    return tuple(found), problems


def _message(line: str) -> Example | None:
    marked, _, rest = line.partition("|")
    language, _, message = rest.partition("|")
    label, _, mark = marked.partition(" ")
    if language and message.strip() and ((label in set(Help) and mark in {"", "causing"}) or marked == "none"):
        return Example(None if label == "none" else Help(label), language, message, bool(mark))
    return None


def _opening(line: str) -> Opening | None:
    role, _, told = line.partition("|")
    return Opening(Role(role), told.strip()) if role in set(Role) and told.strip() else None


def read_text(path: Path) -> str:
    """A file as text, with line ends as they are on all systems."""
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")
