"""Where questions are told apart: spaces learned from the vectors of ways of asking and what each asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.encoder import Vectors

CHOOSER_STRENGTH = 10.0
"""Inverse strength of the regularisation of the regression."""
NEVER = -30.0
"""The bias of an owner without a way of asking."""
TEMPER = 0.5
"""How much of the mean variance is added in every direction before what differs within an owner is evened out."""
WIDTH = 192
"""Dimensions of a space that is drawn together."""
SPACE = ("mean", "projection", "asks", "weights")
"""The arrays of a space."""


@dataclass(frozen=True)
class Space:
    """Where questions are compared with ways of asking, and what chance each card and gap has there to be what is asked for."""

    mean: Vectors
    """The middle of the ways of asking that it was learned from; as wide as the part of a question's vector that is looked at."""
    projection: Vectors | None
    asks: Vectors
    """The places of the ways of asking, unit rows; they lie in memory by column, which halves the time of a product with one question."""
    weights: Vectors
    """A row for each card and gap, the bias last."""

    def place(self, vectors: Vectors) -> Vectors:
        """Where questions stand, of length one, from their vectors."""
        seen: Vectors = vectors[..., : len(self.mean)] - self.mean
        return unit(seen if self.projection is None else seen @ self.projection)

    def logs(self, place: Vectors) -> NDArray[np.float64]:
        """The logarithm of the chance of each card and gap for a question that stands there."""
        values = (self.weights[:, :-1] @ place + self.weights[:, -1]).astype(np.float64)
        logs: NDArray[np.float64] = values - np.logaddexp.reduce(values)
        return logs


def unit(vectors: Vectors) -> Vectors:
    """Vectors brought to length one, row by row."""
    found: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return found


def fit_space(
    asks: Vectors,
    owners: Sequence[int],
    *,
    drawn: bool,
    taught: Sequence[bool] | None = None,
    told: tuple[Vectors, Sequence[int]] | None = None,
) -> Space:
    """A space in which questions are told apart, learned from the vectors of ways of asking and their owners.

    All ways of asking have their place in it, and it is learned from those that ``taught`` names, or from all. ``drawn``
    draws together what differs between ways of asking the same: within-class covariance normalisation (Hatch, Kajarekar
    and Stolcke 2006), then the `WIDTH` directions in which most is left. So is what ``told`` adds: vectors of ways of asking
    after something that is told, and their owners. In it stands a multinomial logistic regression, by scikit-learn. With fewer
    than three owners nothing is learned.
    """
    from sklearn.linear_model import LogisticRegression

    rows = np.ones(len(asks), bool) if taught is None else np.asarray(taught)
    owned = np.asarray(owners)[rows]
    mean = asks[rows].mean(axis=0)
    known = sorted(set(owned.tolist()))
    more, theirs = (asks[:0], ()) if told is None else told
    alike = np.concatenate([asks[rows], more]) - mean, np.concatenate([owned, np.asarray(theirs, owned.dtype)])
    projection = _drawn_together(*alike) if drawn and len(known) > 2 else None
    space = Space(mean, projection, asks, np.zeros((0, 0), np.float32))
    placed = space.place(asks)
    weights = np.zeros((max(owners) + 1, placed.shape[1] + 1), np.float32)
    weights[:, -1] = NEVER
    if len(known) < 3:
        weights[known, -1] = 0.0
    else:
        model = LogisticRegression(C=CHOOSER_STRENGTH, max_iter=300).fit(placed[rows], owned)
        weights[model.classes_] = np.column_stack([model.coef_, model.intercept_])
    return replace(space, asks=np.asfortranarray(placed), weights=weights)


def _drawn_together(asks: Vectors, owners: NDArray[np.int64]) -> Vectors:
    rows = np.unique(owners, return_inverse=True)[1]
    sums = np.zeros((rows.max() + 1, asks.shape[1]), np.float64)
    np.add.at(sums, rows, asks)
    apart = asks - (sums / np.bincount(rows)[:, None])[rows]
    within = apart.T @ apart / len(apart)
    values, ways = np.linalg.eigh(within + TEMPER * np.trace(within) / len(within) * np.eye(len(within)))
    whitened = (ways / np.sqrt(values)) @ ways.T
    left = asks @ whitened
    projection: Vectors = (whitened @ np.linalg.eigh(left.T @ left)[1][:, -WIDTH:]).astype(np.float32)
    return projection
