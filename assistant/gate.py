"""When a find is an answer: how sure a match with a card has to be, and the fitted rule for passages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

ODD = 1 / 3
"""Share of a question's telling words that stand nowhere in what is held, from which it is likely to be about something else."""


@dataclass(frozen=True)
class Gate:
    """The thresholds, and a logistic regression over the signs of passages, fitted on the development part of the golden questions."""

    card: float = 0.4
    """Probability of a match, or of two together, from which cards are shown."""
    card_odd: float = 0.5
    """The same for a question `ODD` of whose telling words stand nowhere in what is held."""
    card_abroad: float = 0.3
    """The same for a question in another language than the cards, whose match is weaker all over."""
    below_help: float = 0.65
    """The same below a help panel, for a card that is not about such help, where a message only tells."""
    below_help_asked: float = 0.45
    """The same where it asks something."""
    gap: float = 0.7
    """Similarity from which a known gap that is nearer than the card is believed, however sure the match."""
    whole: float = 0.5
    """Probability from which the match of the whole text counts, however sure a sentence of it is."""
    passages: float = 0.6
    """Probability from which passages are shown."""
    weights: tuple[float, ...] = (12.456, -0.748, -0.042, -3.133, 2.241, 0.226)
    bias: float = -12.269
    words: float = 0.6
    """Where there is no model to ask: likeness of the nearest way of asking from which its card is shown."""
    words_odd: float = 0.9
    """The same for a question `ODD` of whose telling words stand nowhere in what is held."""
    alike: float = 0.81
    """Likeness from which a passage has to do with what is looked for. Of 30 words of the subject all but one have such a passage."""
    named: float = 0.5
    """The same for the share of the telling words that the passage holds."""
    uncarded: float = 0.9
    """Where there are no cards: share of the question's telling words that the best passage holds."""

    def for_card(self, *, has_model: bool, abroad: bool, odd: float) -> float:
        """How sure a match has to be, for a question in the language of the cards or ``abroad``, with this share of odd words."""
        if has_model and abroad:
            return self.card_abroad
        usual, high = (self.card, self.card_odd) if has_model else (self.words, self.words_odd)
        return high if odd >= ODD else usual

    def for_passages(self, signs: Sequence[float]) -> bool:
        """Whether passages with these signs, which `Answerer` reads in the order of the weights, answer a question."""
        value = sum(w * sign for w, sign in zip(self.weights, signs, strict=True))
        return 1 / (1 + math.exp(-(value + self.bias))) >= self.passages


GATE = Gate()
