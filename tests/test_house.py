"""How the house is kept: light imports, messages complete, vendored files whole, no number outside its file, no path of a machine."""

import csv
import hashlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import HOME

STATIC = HOME / "assistant" / "web" / "static"


@pytest.mark.parametrize("heavy", ["torch", "sentence_transformers", "transformers"])
def test_the_web_does_not_import_the_heavy_libraries(heavy):
    code = f"import sys, assistant.web.app, assistant.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=HOME, check=False).returncode == 0


def test_every_template_compiles(app):
    for name in app.jinja_env.list_templates(filter_func=lambda n: not n.startswith("govuk")):
        app.jinja_env.get_template(name)


def test_every_catalogue_is_complete():
    assert subprocess.run([sys.executable, ".ci/check_catalogues.py"], cwd=HOME, check=False).returncode == 0


def test_every_contrast_is_enough():
    assert subprocess.run([sys.executable, ".ci/check_contrast.py"], cwd=HOME, check=False).returncode == 0


def test_vendored_files_are_those_of_the_manifest():
    for line in (STATIC / "vendor" / "MANIFEST").read_text().splitlines()[1:]:
        digest, name = line.split()
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest, name


def test_nothing_looks_like_gov_uk(client):
    for path in STATIC.rglob("*.css"):
        text = path.read_text()
        assert "GDS Transport" not in text
        assert "url(" not in text
    page = client.get("/").text
    assert "crest" not in page
    assert "govuk-header__logotype" not in page


def test_no_telephone_number_stands_outside_its_file_SF10():
    number = re.compile(r"(?<![\w.])(?:0[38]\d\d[ ]?\d{3}[ ]?\d{3,4}|0\d{3} \d{4} \d{3})(?![a-f\d])|116 123|85258")
    for folder in ("assistant", "templates", "translations", "corpus"):
        for path in (HOME / folder).rglob("*"):
            if (
                path.suffix in {".py", ".html", ".po", ".md", ".yaml", ".js"}
                and path.name != "services.yaml"
                and "vendor" not in path.parts
            ):
                assert not number.search(path.read_text(encoding="utf-8")), path


def test_first_load_is_light_E3(client):
    import gzip

    names = ["vendor/govuk-frontend.css", "tokens.css", "app.css", "on.js", "app.js", "vendor/govuk-frontend.js"]
    size = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)
    assert size + len(gzip.compress(client.get("/").data)) < 60_000


def test_no_exclamation_mark_on_the_site():
    for path in [*(HOME / "corpus").rglob("*.md"), *(HOME / "translations").rglob("*.po")]:
        assert "!" not in path.read_text(encoding="utf-8"), path


def test_no_path_of_a_machine_is_tracked():
    found = subprocess.run(
        ["git", "grep", "-nE", r"(^|[^A-Za-z0-9_.])/(work|root|home)/[a-z]", "--", ".", ":!*.svg", ":!tests/test_house.py"],
        cwd=HOME, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""


def test_every_room_has_its_tests():
    for folder in ("content", "domain", "learning", "retrieval", "safety", "web"):
        assert list((HOME / "tests" / folder).glob("test_*.py")), folder
        assert Path(HOME / "assistant" / folder / "__init__.py").read_text().count("\n") == 1


def test_each_requirement_of_the_security_standard_is_settled_by_tests_that_exist_or_a_reason_SS01():
    written = {name for path in (HOME / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    with (HOME / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["requirement"] for row in rows}) == len(rows)
    assert Counter(row["level"] for row in rows) == {"1": 70, "2": 183}
    numbers = [tuple(map(int, row["requirement"].split("."))) for row in rows]
    assert numbers == sorted(numbers)
    assert {chapter for chapter, _, _ in numbers} == set(range(1, 18))
    for row in rows:
        tests = set(filter(None, row["tests"].split(";")))
        assert row["how"], row
        assert tests <= written, tests - written
        assert row["settled"] in ({"met", "otherwise"} if tests else {"not applicable"}), row
