"""Look at every page with axe, in each language, narrow and wide, light and dark, and keep the result in docs/accessibility.json."""

import json
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from screens import ARGUMENTS, browser_path, served

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser.test_site import PAGES, ask, axe

ASKED = ("do i have to take part", "he is going to kill me", "what is the capital of france", "who is to blame for my sister's death")
"""A question that is answered, one that calls for help, one that is not answered, and one that belongs elsewhere."""
OUT = Path("docs/accessibility.json")
LANGUAGES = ("", "/cy")
SIZES = ((320, 700), (1100, 800))
SCHEMES = ("light", "dark")


def look(page: Page, paths: list[str]) -> list[str]:
    """What axe finds on each path in each language and on each kind of answer, with what was looked at before it."""
    found = []
    for language, path in product(LANGUAGES, paths):
        response = page.goto(f"{language}{path}")
        assert response is not None and (response.ok or path == "/nope"), path  # noqa: PT018 - a page that is not there has no faults
        found += [f"{language}{path}: {fault}" for fault in axe(page)]
    for text in ASKED:
        ask(page, text)
        found += [f"{text}: {fault}" for fault in axe(page)]
    return found


def main() -> None:
    """Serve the site, look at it, and keep how many pages were looked at and what was found."""
    paths = [path for path in PAGES if not path.startswith("/cy")]
    found: list[str] = []
    with served() as base, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for (width, height), scheme in product(SIZES, SCHEMES):
            page = browser.new_context(base_url=base, viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
            found += [f"{width} {scheme} {fault}" for fault in look(page, paths)]
        browser.close()
    result = {
        "on": datetime.now(UTC).date().isoformat(),
        "pages": len(paths) + len(ASKED),
        "languages": len(LANGUAGES),
        "faults": len(found),
    }
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join(found) or f"No fault on {result['pages']} pages.")


if __name__ == "__main__":
    main()
