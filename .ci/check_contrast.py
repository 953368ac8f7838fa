"""Compute the contrast of every pair of colours that text or edges are drawn with, light and dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
import sys
from pathlib import Path

TEXT = [
    ("ink", "paper"), ("ink", "ground"), ("ink", "quote"), ("ink", "mark"), ("ink", "part"), ("ink", "none"), ("ink", "help-bg"), ("ink", "good-bg"),
    ("soft", "paper"), ("soft", "ground"), ("soft", "quote"), ("soft", "none"), ("link", "paper"), ("link", "quote"), ("link", "part"),
    ("link", "help-bg"), ("link", "none"), ("link", "ground"), ("brand", "paper"), ("brand", "quote"), ("on-brand", "brand"), ("on-deep", "deep"),
    ("on-help", "help"), ("error", "paper"), ("good", "paper"), ("on-focus", "focus"), ("paper", "ink"), ("deep", "paper"),
]  # fmt: skip
EDGES = [("edge", "paper"), ("edge", "ground"), ("part-edge", "part"), ("help", "paper"), ("brand", "ground")]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def main() -> int:
    """Print each pair under its limit; the exit code says whether there is one."""
    text = Path("assistant/web/static/tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media", 1)
    faults = 0
    for scheme, block in (("light", light), ("dark", dark)):
        tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for limit, pairs in ((4.5, TEXT), (3.0, EDGES)):
            for front, back in pairs:
                ratio = contrast(tokens[front], tokens[back])
                if ratio < limit:
                    faults += 1
                    sys.stderr.write(f"tokens.css: {front} on {back} is {ratio:.2f} in {scheme}; {limit} is needed\n")
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
