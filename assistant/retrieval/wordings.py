"""How alike a question and the ways of asking are in their words: what there is to go by where there is no model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.words import plain_words, stem


class Wordings:
    """Ways of asking as bags of stems, common words among them: "can I", "will they" and "who" tell them apart."""

    def __init__(self, asks: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._bag = TfidfVectorizer(
            tokenizer=lambda text: [stem(word) for word in plain_words(text)], token_pattern=None, sublinear_tf=True
        )
        self._asks = self._bag.fit_transform(asks)

    def likeness(self, text: str) -> NDArray[np.float64]:
        """The cosine between a text and each way of asking, 0 to 1."""
        found: NDArray[np.float64] = (self._asks @ self._bag.transform([text]).T).toarray()[:, 0]
        return found
