from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from assistant.web.drawing import flow, stage_map

LABELS = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=30), min_size=1, max_size=12)


@given(labels=LABELS, now=st.integers(0, 12), mirrored=st.booleans())
def test_any_label_makes_a_drawing_that_stays_inside(labels, now, mirrored):
    drawing = ET.fromstring(stage_map(labels, now, [("<Inquest>", 1, len(labels))], mirrored=mirrored))
    _, _, width, height = (float(n) for n in drawing.get("viewBox").split())
    dots = drawing.findall("circle")
    assert len(dots) == len(labels)
    assert sum("now" in dot.get("class") for dot in dots) == (1 <= now <= len(labels))
    assert all(0 <= float(dot.get("cx")) <= width and 0 <= float(dot.get("cy")) <= height for dot in dots)
    assert drawing.get("aria-hidden") == "true"
    assert not any(text.get("text-anchor") for text in drawing.findall("text") if text.get("class") is None)


def test_equal_steps_whatever_the_stage():
    dots = ET.fromstring(stage_map(["a", "b", "c"], 2, [])).findall("circle")
    places = [float(dot.get("cy")) for dot in dots]
    assert places[1] - places[0] == places[2] - places[1]


def test_a_flow_names_its_steps_and_conditions():
    drawing = flow("Way & <more>", [("First", ""), ("Second", "trial = yes")])
    assert "2. Second (if trial = yes)" in "".join(ET.fromstring(drawing).itertext())
