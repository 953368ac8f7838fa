import re

import pytest


def begin(client):
    response = client.post("/module/1", data={"token": client.token("/module/1")})
    assert response.status_code == 303
    return response.location


def chosen(page):
    kinds = set(re.findall(r'type="(radio|checkbox)"', page))
    values = re.findall(r'name="chosen" type="(?:radio|checkbox)" value="(\d)"', page)
    if not values:
        return list(dict.fromkeys(re.findall(r'<option value="(\d)"', page)))
    return values[:1] if "radio" in kinds else values[:2]


def test_a_whole_attempt_from_start_to_result(client):
    path = begin(client)
    for _ in range(10):
        page = client.get(path)
        assert "right" not in re.findall(r"<input[^>]*>", page.text)
        response = client.post(path, data={"token": client.token(path), "chosen": chosen(page.text)})
        assert response.status_code == 303
        feedback = client.get(response.location).text
        assert "matches the guidance" in feedback or "says something different" in feedback
        assert "<blockquote>" in feedback
        path = re.search(r'href="(/module/1/[0-9a-f]+/(?:\d+|result))"[^>]*>(?:Next question|See the result)', feedback)[1]
    result = client.get(path).text
    assert "of 10 as the guidance does" in result
    assert "By objective" in result


def test_why_stands_on_no_page_before_an_answer_SS07(client, library):
    path = begin(client)
    page = client.get(path).text
    for item in library.quizzes["module-1"].items:
        assert not any(option.why["en"] in page for option in item.options)


def test_sent_twice_it_counts_once(client, assembly):
    path = begin(client)
    page = client.get(path).text
    token = client.token(path)
    values = re.findall(r'value="(\d)"', page)
    client.post(path, data={"token": token, "chosen": chosen(page)})
    client.post(path, data={"token": token, "chosen": values[-1:]})
    attempt = path.split("/")[-2]
    with client.session_transaction(base_url="https://localhost") as session:
        learner = session["learner"]
    assert len(assembly.records.attempt(attempt, learner).given) == 1


@pytest.mark.parametrize("values", [[], ["9"], ["x"], ["-1"], ["0", "1", "2", "3", "4", "5"]])
def test_a_response_that_does_not_fit_is_told_plainly(client, values):
    path = begin(client)
    response = client.post(path, data={"token": client.token(path), "chosen": values})
    assert response.status_code == 422
    assert "Choose an answer first." in response.text


def test_another_learner_sees_nothing_SS02(client, app):
    path = begin(client)
    stranger = app.test_client()
    assert stranger.get(path, base_url="https://localhost").status_code == 404


def test_all_that_is_held_can_be_deleted_SP13(client):
    path = begin(client)
    assert "Delete it now" in client.get("/mine").text
    client.post("/mine", data={"token": client.token("/mine")})
    assert "Nothing is held." in client.get("/mine").text
    assert client.get(path).status_code == 404
