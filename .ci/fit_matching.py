"""Fit the rule that says how sure a match with a card is, on the ways of asking themselves.

Each way of asking, of cards and of known gaps, is asked in turn as if it were not known: a fifth of them at a time is
left out, with what is learned from it. The golden questions have no part in it. Prints the weights for
the fits of `assistant.retrieval.cards` and, for a range of thresholds, what they do to the questions that were left out.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent.parent))
from assistant import bootstrap, settings
from assistant.domain.guidance import Role
from assistant.retrieval.cards import CardMatcher
from assistant.retrieval.saved import manifest
from assistant.retrieval.spaces import fit_space

FOLDS = 5
OTHERS = 1 / 8
"""Share of askers who may be of any role, and not of those for whom a card is written."""
ROUNDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def left_out(*, drawn: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each way of asking: features of its likely cards, a row each, and whether each is the right one.

    The space that is drawn together is for questions in English alone.
    """
    chosen = settings.from_environment()
    assembly = bootstrap.assemble(chosen)
    library, index = assembly.library, assembly.retriever.index
    folder, texts = Path(manifest(chosen.index)["folder"]), bootstrap.texts(library)
    asked = np.load(folder / "asks.npy").astype(np.float32)
    told, telling = np.load(folder / "told.npy").astype(np.float32), np.array(texts.telling)
    width = asked.shape[1] if drawn else len(index.plain.mean)
    things = [*library.cards.values(), *library.gaps.values()]
    asks = [(ask, place) for place, thing in enumerate(things) for ask in thing.asks]
    owners = np.array([place for _, place in asks])
    english = np.array(index.authored.languages[: len(asks)]) == "en"
    chance = random.Random(7)
    fold = np.array([chance.randrange(FOLDS) for _ in asks])
    count = len(library.cards)
    for part in range(FOLDS):
        kept = fold != part
        some = [
            replace(thing, asks=tuple(a for i, (a, p) in enumerate(asks) if p == place and kept[i])) for place, thing in enumerate(things)
        ]
        known = kept[telling]
        space = fit_space(
            asked[kept, :width],
            owners[kept],
            drawn=drawn,
            taught=english[kept] if drawn else None,
            told=(told[known], owners[telling[known]]) if drawn else None,
        )
        matcher = CardMatcher(some[:count], some[count:], library.documents, bootstrap.sections(library), index)
        for i in np.flatnonzero(~kept & (english | (not drawn))):
            text, owner = asks[i]
            thing = things[owner]
            meant = sorted(thing.roles) if owner < count else []
            role = chance.choice([None, *meant] if chance.random() >= OTHERS else sorted(Role))
            looked = matcher.looked_at(text, asked[i], space, role, None).features
            own = set(thing.evidence) if owner < count else set()
            right = [place == owner or (bool(own) and set(matcher.cards[place].evidence) == own) for place in looked]
            yield np.array([features.row for features in looked.values()]), np.array(right)


def main() -> None:
    """Fit and print, for questions that one encoder reads and for those in a space that is drawn together."""
    for name, drawn in (("FIT", False), ("DRAWN_FIT", True)):
        print(name)
        fit(list(left_out(drawn=drawn)))


def fit(groups: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Fit to what was left out and print."""
    features, right = np.concatenate([f for f, _ in groups]), np.concatenate([r for _, r in groups])
    model = LogisticRegression(C=10.0, max_iter=5000).fit(features, right)
    print("weights", tuple(round(float(weight), 3) for weight in model.coef_[0]), "bias", round(float(model.intercept_[0]), 3))
    chances = [(model.predict_proba(f)[:, 1], r) for f, r in groups]
    for name, some in (("of cards", [g for g in chances if g[1].any()]), ("without a likely card", [g for g in chances if not g[1].any()])):
        print(f"{name}: {len(some)}, surest right {np.mean([r[int(c.argmax())] for c, r in some]):.3f}")
        for threshold in ROUNDS:
            shown = [r[int(c.argmax())] for c, r in some if c.max() >= threshold]
            print(f"   {threshold}: shown {len(shown)}, right {sum(map(bool, shown))}")


if __name__ == "__main__":
    main()
