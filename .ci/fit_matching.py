"""Fit the rule that says how sure a match with a card is, on the golden questions that are not held back.

Each question is asked with its role and without. Prints the weights for `assistant.retrieval.cards.Fit` and, for a range of thresholds, what they would do to the
questions they were fitted on and to those held back.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent.parent))
from assistant import bootstrap, settings
from assistant.domain.guidance import Card
from assistant.evaluation.golden import Golden, read_golden, within
from assistant.retrieval.cards import CardMatcher
from assistant.retrieval.search import Retriever

ROUNDS = (0.4, 0.5, 0.6, 0.7)


def rows_of(golden: Golden, matcher: CardMatcher, retriever: Retriever) -> list[tuple[tuple[float, ...], bool]]:
    """Features and rightness of each likely card for one question."""
    question = golden.question
    vectors = retriever.encode([question.text])
    hits = retriever.search(question.text, limit=20, role=question.role, language=question.language, vector=vectors[0])
    looked = matcher.looked_at(question.text, vectors[0], hits, question.role, question.nation)
    return [
        (features.row, any(within(held, wanted) for held in held_by(matcher.cards[place]) for wanted in golden.sections))
        for place, features in looked.items()
    ]


def held_by(card: Card) -> tuple[str, ...]:
    """The sections that a card shows: its own and its evidence."""
    return (f"{card.document}#{card.section}", *card.evidence)


def outcomes(groups: list[tuple[Golden, np.ndarray, np.ndarray]], model: LogisticRegression) -> None:
    """Print what each threshold does."""
    for threshold in ROUNDS:
        counts = {"right": 0, "wrong": 0, "declined right": 0, "declined wrong": 0}
        for golden, features, right in groups:
            sure = model.predict_proba(features)[:, 1]
            best = int(sure.argmax())
            if sure[best] >= threshold:
                counts["right" if right[best] else "wrong"] += 1
            else:
                counts["declined right" if "NONE" in golden.wanted else "declined wrong"] += 1
        print(f"   {threshold}: {counts}")


def main() -> None:
    """Fit and print."""
    assembly = bootstrap.assemble(settings.from_environment())
    matcher = bootstrap.make_matcher(assembly.library, assembly.retriever.index)
    groups = []
    for path in sorted(Path("tests/golden").glob("*.txt")):
        for golden in read_golden(path):
            routed = any(wanted.startswith("@") for wanted in golden.wanted)
            if golden.kind in {"follow-up", "parts"} or routed:
                continue
            for asked in dict.fromkeys((golden, replace(golden, question=replace(golden.question, role=None)))):
                rows = rows_of(asked, matcher, assembly.retriever)
                groups.append((golden, np.array([row for row, _ in rows]), np.array([right for _, right in rows])))
    open_to_all = [group for group in groups if not group[0].held]
    model = LogisticRegression(C=10.0, max_iter=5000).fit(
        np.concatenate([features for _, features, _ in open_to_all]), np.concatenate([right for _, _, right in open_to_all])
    )
    print("weights", tuple(round(float(weight), 3) for weight in model.coef_[0]), "bias", round(float(model.intercept_[0]), 3))
    for name, chosen in (("fitted on", open_to_all), ("held back", [group for group in groups if group[0].held])):
        for language, some in (("en", True), ("others", False)):
            kept = [group for group in chosen if (group[0].question.language == "en") is some]
            found = [right[int(model.predict_proba(f)[:, 1].argmax())] for g, f, right in kept if g.sections]
            print(f"{name}, {language}: {len(kept)} questions, first card right {np.mean(found):.3f}")
            outcomes(kept, model)


if __name__ == "__main__":
    main()
