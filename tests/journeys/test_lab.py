"""A trainee: course, lab in JupyterHub without a second password, grade, certificate, verification."""

import pytest

from courses.catalogue.reading import course_named
from hub.demo.play import right_answer
from labs.catalogue import lab_named
from tests.journeys.looks import axe, shots

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def open_the_lab(page, playing) -> None:
    page.goto(f"{playing.url}/labs/first-look")
    assert axe(page) == []
    page.get_by_role("button", name="실습 열기").click()
    page.wait_for_url("**/user/*/lab/tree/first-look/*.ipynb", timeout=120_000)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=90_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)


def run_solved(page) -> None:
    """Put the solution below the notebook and run everything, as a trainee who fills it in would."""
    page.keyboard.press("Escape")
    page.evaluate("() => document.activeElement.blur()")
    page.locator(".jp-Notebook .jp-Cell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(lab_named("first-look").solution())
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="Run", exact=True).or_(
        page.get_by_role("menuitem", name="실행", exact=True)
    ).first.click()
    page.locator("li[data-command='notebook:run-all-cells']").or_(
        page.locator("li[data-command='runmenu:run-all']")
    ).first.click()


def read_the_course(page, playing) -> None:
    course = course_named("read-a-prediction")
    place = f"{playing.url}/learn/courses/{course.slug}"
    page.goto(place)
    assert axe(page) == []
    page.locator("input[name=track][value=employee]").check()
    page.locator("form[action$='/begin'] button[type=submit]").click()
    for lesson in course.lessons:
        page.goto(f"{place}/lessons/{lesson.slug}")
        assert axe(page) == []
        for question in lesson.questions:
            form = page.locator(f"#q-{question.id}")
            answer(form, question, "given")
            form.locator("button[type=submit]").click()
            page.locator(f"#q-{question.id} .right, #q-{question.id} [data-right=yes]").or_(
                page.locator(f"#q-{question.id} .badge")
            ).first.wait_for()
        page.locator("form[action$='/finish'] button[type=submit]").click()
        page.wait_for_load_state("load")
    page.goto(f"{place}/test")
    for question in course.test.questions:
        answer(page.locator("form[action$='/test']"), question, question.id)
    page.locator("form[action$='/test'] button[type=submit]").click()
    page.wait_for_url("**/test/1")
    assert axe(page) == []


def answer(form, question, name: str) -> None:
    for given in right_answer(question):
        if question.kind == "number":
            form.locator(f"input[name='{name}']").fill(given)
        else:
            form.locator(f"input[name='{name}'][value='{given}']").check()


def test_from_the_course_to_a_certificate_that_anyone_can_verify(
    playing, someone, pictures
) -> None:
    page = someone("learn@people.example")
    read_the_course(page, playing)
    shots(page, "test", pictures)
    open_the_lab(page, playing)
    page.screenshot(path=pictures / "notebook.png")
    run_solved(page)
    page.get_by_text("통과했습니다").first.wait_for(timeout=90_000)
    page.screenshot(path=pictures / "notebook-solved.png")

    page.goto(f"{playing.url}/labs/first-look")
    assert "통과" in page.locator("main").inner_text()
    assert axe(page) == []
    shots(page, "grade", pictures)
    page.goto(f"{playing.url}/learn/courses/read-a-prediction")
    page.locator("form[action$='/certificate'] button[type=submit]").click()
    page.wait_for_url("**/learn/certificates")
    assert axe(page) == []
    shots(page, "certificates", pictures)

    address = page.locator("a[href*='/verify/']").first.get_attribute("href")
    stranger = someone()
    stranger.goto(address if address.startswith("http") else f"{playing.url}{address}")
    assert "정하늘" in stranger.locator("main").inner_text()
    assert axe(stranger) == []
    shots(stranger, "verify", pictures)
