import re
from datetime import UTC, datetime, timedelta

import pytest

from assistant.learning.attempts import respond, start
from assistant.learning.revision import missed
from tests.web.test_learn import begin


def right(item):
    return [str(i) for i, option in enumerate(item.options) if option.right] or [str(i) for i in range(len(item.options))]


def wrong(item):
    if item.kind.placed:
        return [str(i) for i in reversed(range(len(item.options)))]
    return [str(i) for i, option in enumerate(item.options) if not option.right][:1]


def learner_of(client):
    with client.session_transaction(base_url="https://localhost") as session:
        return session["learner"]


def read_lessons(client, library, name):
    quiz, module = library.quizzes[name], library.modules[name]
    for place, lesson in enumerate(module.lessons, start=1):
        path = f"/module/{quiz.number}/lesson/{place}"
        sent = client.post(path, data={"token": client.token(path), "chosen": right(quiz.item(lesson.check))})
        assert sent.location == f"{path}/told"


def take_test(client, assembly, name, choose=right):
    quiz = assembly.library.quizzes[name]
    path = f"/module/{quiz.number}"
    attempt = client.post(path, data={"token": client.token(path)}).location.split("/")[3]
    for place, item in enumerate(assembly.records.attempt(attempt, learner_of(client)).items, start=1):
        client.post(
            f"{path}/{attempt}/{place}", data={"token": client.token(f"{path}/{attempt}/{place}"), "chosen": choose(item), "sure": "yes"}
        )
    return f"{path}/{attempt}"


@pytest.fixture
def revising(client, assembly):
    """A learner with one missed item that is due."""
    begin(client)
    item = assembly.library.quizzes["module-1"].item("m1-014")
    state, due = missed(datetime.now(UTC) - timedelta(days=2))
    assembly.records.schedule(learner_of(client), "module-1", item.id, state, due, due)
    return item


def test_every_course_module_lesson_and_scene_can_be_read(client, library):
    for course in library.courses.values():
        assert client.get(f"/course/{course.number}").status_code == 200
    for name, module in library.modules.items():
        number = library.quizzes[name].number
        assert client.get(f"/module/{number}").status_code == 200
        assert "Handout" in client.get(f"/module/{number}/trainer").text
        for place, lesson in enumerate(module.lessons, start=1):
            page = client.get(f"/module/{number}/lesson/{place}").text
            assert lesson.title["en"] in page.replace("&#39;", "'")
            assert "Where this comes from" in page


def test_a_lesson_tells_of_its_question_and_is_marked_as_read(client, assembly, library):
    quiz = library.quizzes["module-wales"]
    item = quiz.item(library.modules["module-wales"].lessons[0].check)
    path = f"/module/{quiz.number}/lesson/1"
    sent = client.post(path, data={"token": client.token(path), "chosen": wrong(item), "sure": "yes"})
    page = client.get(sent.location).text
    assert client.get(f"/module/{quiz.number}/lesson/2/told").location == f"/module/{quiz.number}/lesson/2"
    assert "The guidance says something different" in page
    assert "You were sure of this one" in page
    assert "This lesson is done." in page
    assert assembly.records.lessons(learner_of(client), "module-wales") == {"one"}
    assert "1 of 3" in client.get("/course/8").text


def test_a_lesson_says_what_is_ahead_and_can_be_skipped_or_paused_SX08(client, library):
    module, quiz = library.modules["module-suicide"], library.quizzes["module-suicide"]
    page = client.get(f"/module/{quiz.number}/lesson/1").text
    assert page.index(module.lessons[0].ahead["en"]) < page.index('href="#after"') < page.index('id="after"')
    assert f'href="/module/{quiz.number}/lesson/2"' in page
    assert f'href="/module/{quiz.number}">Pause here</a>' in page
    last = client.get(f"/module/{quiz.number}/lesson/{len(module.lessons)}").text
    assert "Next lesson" not in last
    case = library.scenarios["disputed-suicide"]
    assert case.ahead["en"] in client.get(f"/case/{case.number}").text
    assert case.ahead["en"] not in client.get(f"/case/{case.number}/2").text


def test_a_module_says_how_far_it_is(client, assembly, library):
    quiz, module = library.quizzes["module-wales"], library.modules["module-wales"]
    path = f"/module/{quiz.number}"
    page = client.get(path).text
    assert page.count("Not started") == len(module.lessons) + 1
    assert f"A certificate needs {quiz.needed(quiz.draw)} of {quiz.draw}" in page
    client.post(path, data={"token": client.token(path)})
    assert "In progress" in client.get(path).text
    client.post(f"{path}/lesson/1", data={"token": client.token(f"{path}/lesson/1"), "chosen": wrong(quiz.item(module.lessons[0].check))})
    assert "Done" in client.get(path).text


def test_a_lesson_without_an_answer_says_so_and_is_not_marked(client):
    path = "/module/12/lesson/1"
    response = client.post(path, data={"token": client.token(path)})
    assert response.status_code == 422
    assert "Choose an answer first." in response.text


def test_every_option_is_told_with_its_reason_and_its_place_in_the_guide_C3(client, assembly):
    path = take_test(client, assembly, "module-1", wrong)
    quiz = assembly.library.quizzes["module-1"]
    for place, item in enumerate(assembly.records.attempt(path.split("/")[3], learner_of(client)).items, start=1):
        page = client.get(f"{path}/{place}").text.replace("&#39;", "'")
        assert all(option.why["en"] in page for option in item.options)
        assert page.count('class="cite"') >= len(item.options)
    assert quiz.draw == 10


def test_what_one_was_sure_of_is_a_point_of_the_result(client, assembly):
    page = client.get(f"{take_test(client, assembly, 'module-1', wrong)}/result").text
    assert "You were sure, and the guidance says something different" in page
    assert "Worth another look" in page


def test_no_course_page_shows_a_word_of_failing_C4(client, assembly):
    page = client.get(f"{take_test(client, assembly, 'module-1', wrong)}/result").text.lower()
    assert not re.search(r"\bfail|\bwrong\b|score of", page)


def test_a_missed_item_comes_back_once_and_then_waits(client, assembly, revising):
    page = client.get("/revise").text
    assert revising.stem["en"] in page
    data = {"token": client.token("/revise"), "asked": revising.id, "chosen": right(revising)}
    assert "This matches the guidance" in client.get(client.post("/revise", data=data).location).text
    due = assembly.records.next_due(learner_of(client))
    assert client.post("/revise", data=data).location == "/revise"
    assert assembly.records.next_due(learner_of(client)) == due
    assert "The next one comes on" in client.get("/revise").text


def test_revision_is_switched_off_and_on_again(client, assembly, revising):
    client.post("/revise/switch", data={"token": client.token("/revise")})
    page = client.get("/revise").text
    assert "This is switched off." in page
    assert revising.stem["en"] not in page
    client.post("/revise/switch", data={"token": client.token("/revise"), "on": "1"})
    assert "This is switched off." not in client.get("/revise").text


def test_a_wrong_answer_of_a_test_comes_back_and_a_right_one_does_not(client, assembly):
    take_test(client, assembly, "module-wales", right)
    assert assembly.records.next_due(learner_of(client)) is None
    take_test(client, assembly, "module-wales", wrong)
    assert assembly.records.next_due(learner_of(client)) is not None


def test_every_decision_of_every_case_has_its_page(client, library):
    for case in library.scenarios.values():
        for place, scene in enumerate(case.scenes, start=1):
            path = f"/case/{case.number}/{place}"
            page = client.get(path).text
            assert not any(decision.why["en"] in page for decision in scene.decisions)
            for chosen, decision in enumerate(scene.decisions):
                sent = client.post(path, data={"token": client.token(path), "chosen": chosen})
                told = client.get(sent.location).text.replace("&#39;", "'")
                assert decision.follows["en"] in told
                assert "<blockquote>" in told
                assert ("Looking back" in told) is (decision.to == "")


@pytest.mark.parametrize("chosen", ["", "9", "x", "-1"])
def test_a_decision_that_is_not_there_is_told_plainly(client, chosen):
    response = client.post("/case/1/1", data={"token": client.token("/case/1/1"), "chosen": chosen})
    assert response.status_code == 422
    assert "Choose an answer first." in response.text


def test_progress_comes_back_with_a_code_in_another_browser(client, app):
    begin(client)
    page = client.post("/mine/keep", data={"token": client.token("/mine")}).text
    code = re.search(r'class="number" dir="ltr">([^<]+)<', page)[1]
    me = learner_of(client)
    other = app.test_client()
    assert "Nothing is held." in other.get("/mine").text
    response = other.post("/mine/code", data={"token": other.token("/mine"), "code": code.lower()})
    assert response.status_code == 303
    assert learner_of(other) == me
    assert "Delete it now" in other.get("/mine").text


def test_a_code_that_is_unknown_is_told_plainly_and_stays_in_the_field(client):
    response = client.post("/mine/code", data={"token": client.token("/mine"), "code": "ABCD EFGH JKMN PQRS"})
    assert response.status_code == 422
    assert "We cannot find a place for that code." in response.text
    assert "ABCD EFGH JKMN PQRS" in response.text


def test_the_review_page_is_for_development_alone(client, app, monkeypatch):
    assert "difficulty" in client.get("/review").text
    context = app.extensions["site"]
    import dataclasses

    production = dataclasses.replace(context.assembly.settings, production=True)
    monkeypatch.setitem(
        app.extensions, "site", dataclasses.replace(context, assembly=dataclasses.replace(context.assembly, settings=production))
    )
    assert client.get("/review").status_code == 404


def test_no_progress_stands_on_the_pages_of_the_bereaved_C5(client, assembly):
    take_test(client, assembly, "module-wales", wrong)
    for path in ("/for/1", "/for/2", "/way/1", "/way/1/2", "/check/3/1"):
        page = client.get(path).text
        assert "Courses" not in page
        assert not re.search(r"\d+ of \d+ as the guidance|certificate", page)


def test_a_marked_response_counts_once_among_two_hundred_learners(assembly):
    from concurrent.futures import ThreadPoolExecutor

    quiz, now = assembly.library.quizzes["module-2"], datetime.now(UTC)
    attempts = [start(quiz, f"crowd-{i}", i, now) for i in range(200)]

    def answer_all(attempt):
        assembly.records.save(attempt, now)
        for item in attempt.items:
            attempt = respond(attempt, item, (0,))
            assembly.records.save(attempt, now)
            assembly.records.save(attempt, now)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(answer_all, attempts))
    for attempt in attempts:
        kept = assembly.records.attempt(attempt.id, attempt.learner)
        assert set(kept.given) == {item.id for item in attempt.items}
