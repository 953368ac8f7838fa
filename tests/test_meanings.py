import pytest

from assistant.meanings import explained


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What does the acronym LADO stand for?", "lado"),
        ("What's a MARAC", "marac"),
        ("trauma-informed meaning", "trauma informed"),
        ("Beth yw OASys?", "oasys"),
        ("When is the inquest?", "when is the inquest"),
    ],
)
def test_a_text_may_ask_for_a_meaning_alone_A13(text, asked):
    assert explained(text) == asked
