"""A trainee: course, lab in JupyterHub without a second password, grade, certificate."""

import pytest

from courses.catalogue.reading import course_named
from hub.demo.play import right_answer
from labs.catalogue import lab_named
from tests.journeys.looks import axe, send, shots

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1800)]


def open_the_lab(page, playing) -> None:
    page.goto(f"{playing.url}/labs/first-look")
    assert axe(page) == []
    send(page, "form[action$='/open'] button[type=submit]")
    page.wait_for_url("**/user/*/lab/tree/first-look/*.ipynb", timeout=300_000)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=300_000)
    page.locator(".jp-KernelName", has_text="Python 3").wait_for(timeout=300_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=300_000)


def run_solved(page) -> None:
    """Run every cell as it comes, then write the solution over the answers and run that cell."""
    cells = len(lab_named("first-look").notebook("ko")["cells"])
    page.locator(".jp-Notebook .jp-Cell").first.click()
    for _ in range(cells):
        page.keyboard.press("Shift+Enter")
    page.get_by_text("아직 통과가 아닙니다").first.wait_for(timeout=300_000)
    answers = page.locator(".jp-CodeCell .cm-content", has_text="mean_cycle_time").first
    answers.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(lab_named("first-look").solution())
    page.keyboard.press("Shift+Enter")


def read_the_course(page, playing) -> None:
    course = course_named("read-a-prediction")
    place = f"{playing.url}/learn/courses/{course.slug}"
    page.goto(place)
    assert axe(page) == []
    page.locator("input[name=track][value=employee]").check()
    send(page, "form[action$='/begin'] button[type=submit]")
    for lesson in course.lessons:
        page.goto(f"{place}/lessons/{lesson.slug}")
        assert axe(page) == []
        for question in lesson.questions:
            form = page.locator(f"#q-{question.id}")
            answer(form, question, "given")
            form.locator("button[type=submit]").click()
            page.locator(f"#q-{question.id} .feedback.good").wait_for()
        send(page, "form[action$='/finish'] button[type=submit]")
    page.goto(f"{place}/test")
    for question in course.test.questions:
        answer(page.locator("form[action$='/test']"), question, question.id)
    send(page, "form[action$='/test'] button[type=submit]")
    page.wait_for_url("**/test/1")
    assert axe(page) == []


def answer(form, question, name: str) -> None:
    for given in right_answer(question):
        if question.kind == "number":
            form.locator(f"input[name='{name}']").fill(given)
        else:
            form.locator(f"input[name='{name}'][value='{given}']").check()


def test_from_the_course_to_a_certificate_that_anyone_can_verify(
    playing, published, someone, pictures
) -> None:
    page = someone("learn@people.example")
    read_the_course(page, playing)
    shots(page, "test", pictures)
    open_the_lab(page, playing)
    page.screenshot(path=pictures / "notebook.png")
    run_solved(page)
    page.get_by_text("통과했습니다").first.wait_for(timeout=300_000)
    page.screenshot(path=pictures / "notebook-solved.png")

    page.goto(f"{playing.url}/labs/first-look")
    assert "통과" in page.locator("main").inner_text()
    assert axe(page) == []
    shots(page, "grade", pictures)
    page.goto(f"{playing.url}/learn/courses/read-a-prediction")
    send(page, "form[action$='/certificate'] button[type=submit]")
    page.wait_for_url("**/learn/certificates")
    assert axe(page) == []
    shots(page, "certificates", pictures)

    address = page.locator("a[href*='/verify/']").first.get_attribute("href")
    stranger = someone()
    stranger.goto(address if address.startswith("http") else f"{playing.url}{address}")
    assert "정하늘" in stranger.locator("main").inner_text()
    assert axe(stranger) == []
    shots(stranger, "verify", pictures)
