"""Language identification: whether a text is English or not, from its vector.

A multilingual encoder puts the language of a text into its vector, a few words suffice, and a language that nobody
gave an example of is told as well. Learned from the example messages, whose languages are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.retrieval.encoder import Vectors

FROM = 0.4
"""Probability from which a text is in another language."""
SHORT, SHORT_FROM = 2, 0.85
"""The same for a text of at most so many words, which may be a name or an initialism."""
STRENGTH = 10.0
"""Inverse strength of the regularisation."""


@dataclass(frozen=True)
class LanguageIdentifier:
    """Tells English from other languages."""

    weights: Vectors
    """Of a logistic regression over the vectors of the first encoder, the bias last."""

    def foreign(self, vector: Vectors, words: int) -> bool:
        """Whether a text of so many words, with this vector as a question, is in another language than English."""
        value = float(self.weights[:-1] @ vector[: len(self.weights) - 1] + self.weights[-1])
        return float(1 / (1 + np.exp(-value))) > (FROM if words > SHORT else SHORT_FROM)


def fit_languages(vectors: Vectors, languages: Sequence[str]) -> LanguageIdentifier | None:
    """What tells English texts from others, by scikit-learn, from the vectors of texts in these languages; None without both kinds."""
    from sklearn.linear_model import LogisticRegression

    foreign = [language != "en" for language in languages]
    if len(set(foreign)) < 2:
        return None
    model = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced").fit(vectors, foreign)
    return LanguageIdentifier(np.append(model.coef_[0], model.intercept_).astype(np.float32))
