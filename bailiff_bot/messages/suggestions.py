"""What somebody probably meant who mistyped a word."""

from collections.abc import Iterable

from rapidfuzz.distance.DamerauLevenshtein import normalized_similarity
from rapidfuzz.process import extract

_MIN_SIMILARITY = 0.6
"""Of 1.0. Two words with less have little in common."""
_MAX_SUGGESTIONS = 3
_MAX_LENGTH = 60
"""Characters of a word that are compared: everything that can be suggested is shorter."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the question whether the most similar choices are meant, after a blank; empty if none is similar."""
    similar = extract(
        word[:_MAX_LENGTH].casefold(),
        sorted(choices),
        scorer=normalized_similarity,
        processor=str.casefold,
        score_cutoff=_MIN_SIMILARITY,
        limit=_MAX_SUGGESTIONS,
    )
    best = [f"“{choice}”" for choice, similarity, _ in similar if similarity == similar[0][1]]
    return f" Did you mean {' or '.join(best)}?" if best else ""
