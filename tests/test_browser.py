"""The page in a real browser: headless Chromium, driven by Playwright, where both are installed."""

import os
import re
import shutil

import fixtures
import pytest

from claimcheck.records import Attribution, Claim, Document, Party, Relation, Speaker
from claimcheck.report import Report

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except sync_api.Error as error:
            pytest.skip(
                f"no Chromium: playwright install chromium, or name one in CHROMIUM ({str(error)[:80]})"
            )
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser, tmp_path):
    """Show a report; return the page, with all that it asked for and complained of."""

    def show(report, *, width=1400, height=900, **options):
        report.to_html(tmp_path / "report.html")
        page = browser.new_page(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        page.asked, page.heard = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.on("dialog", lambda dialog: (page.heard.append(dialog.message), dialog.dismiss()))
        page.goto((tmp_path / "report.html").as_uri())
        return page

    return show


def focused(page):
    return page.evaluate("document.activeElement.id")


def lit(page):
    """Return the numbers of the claims that are lit up, and of the main one."""
    numbers = "elements => [...new Set(elements.map(e => e.dataset.c))]"
    return page.eval_on_selector_all(".cc-on", numbers), page.eval_on_selector_all(".cc-main", numbers)


def in_view(page, selector):
    script = """element => {
      const box = element.getBoundingClientRect();
      return box.top >= 0 && box.bottom <= innerHeight && box.height > 0;
    }"""
    return page.eval_on_selector(selector, script)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "make",
    [fixtures.small, fixtures.seed, fixtures.statements, fixtures.crossed, Report],
    ids=lambda make: make.__name__,
)
def test_the_page_asks_for_nothing_and_complains_of_nothing(show, make, scheme):
    page = show(make(), color_scheme=scheme)
    assert page.asked == [page.url]
    assert page.heard == []
    assert page.locator("[data-ready]").count() == 1  # the script ran, so its hash is right


def luminance(color):
    channels = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "part", [".cc-text p", ".cc-text mark", ".cc-byline", ".cc-why", ".cc-label", "table .cc-s"]
)
def test_text_has_the_contrast_that_wcag_asks_for(show, scheme, part):
    page = show(fixtures.seed(), color_scheme=scheme)
    script = """element => {
      const color = getComputedStyle(element).color;
      while (getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)") element = element.parentElement;
      return [color, getComputedStyle(element).backgroundColor];
    }"""
    ink, paper = sorted(map(luminance, page.eval_on_selector(part, script)), reverse=True)
    assert (ink + 0.05) / (paper + 0.05) >= 4.5


def test_a_click_on_a_relation_shows_both_places(show):
    page = show(fixtures.seed())
    card = page.locator(".cc-relation").nth(2)
    one, two = card.get_attribute("data-pair").split(" ")
    card.click(position={"x": 8, "y": 8})
    assert sorted(lit(page)[0]) == sorted([one, two])
    assert lit(page)[1] == [one]
    assert focused(page) == f"cc-c{one}"
    assert in_view(page, f"#cc-c{one}")
    page.locator(".cc-pair a").nth(1).click()
    assert lit(page)[1] == [two]
    assert focused(page) == f"cc-c{two}"
    assert in_view(page, f"#cc-c{two}")


def test_a_side_of_a_relation_leads_to_its_own_place(show):
    page = show(fixtures.seed())
    side = page.locator(".cc-relation").nth(2).locator(".cc-quote").nth(1)
    side.locator("blockquote").click()
    assert focused(page) == f"cc-c{side.get_attribute('data-go')}"


def test_the_keyboard_is_enough(show):
    page = show(fixtures.seed())
    page.locator("table a.cc-c").first.focus()
    page.keyboard.press("Enter")
    assert focused(page) == "cc-r1"
    assert in_view(page, "#cc-r1")
    page.keyboard.press("Tab")  # to the first claim of the relation
    page.keyboard.press("Enter")
    assert focused(page) == f"cc-c{page.locator('#cc-r1').get_attribute('data-pair').split()[0]}"


def test_links_work_without_the_script(show):
    page = show(fixtures.seed(), java_script_enabled=False)
    page.locator(".cc-relation .cc-id").nth(5).click()
    target = page.locator(".cc-relation .cc-id").nth(5).get_attribute("href")
    assert page.url.endswith(target)
    box = page.locator(f"[id='{target[1:]}']").bounding_box()
    assert 0 <= box["y"] < 900


@pytest.mark.parametrize("width", [320, 800])
def test_narrow_windows_do_not_scroll_sideways(show, width):
    page = show(fixtures.seed(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_in_print_the_whole_text_is_there(show):
    page = show(fixtures.seed())
    page.locator(".cc-relation").first.click()
    assert page.locator(".cc-pair").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".cc-pair").is_visible()
    assert page.eval_on_selector(".cc-left", "pane => pane.scrollHeight <= pane.clientHeight + 1")
    assert page.pdf().startswith(b"%PDF")


def test_nothing_of_an_article_becomes_markup(show):
    evil = "</style></script><script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>go</a>"
    text = f"{evil} said: {evil}"
    source, content = fixtures.at(text, evil), fixtures.at(text, evil, 1)
    claims = [
        Claim(
            "a1",
            evil,
            evil,
            "p",
            cue=evil,
            attribution="a1",
            document=evil,
            start=content.start,
            end=content.end,
        ),
        Claim("a2", evil, evil, "p"),
    ]
    report = Report(
        (Document(evil, text, title=evil, url="javascript:alert(4)"),),
        (Attribution("a1", (source,), (), (content,), "direct"),),
        (Speaker("s", evil),),
        (Party("p", evil, (evil,)),),
        claims,
        (Relation("a1", "a2", "contradicts", 0.9, (0, 0, 1), (0, 0, 1), evil),),
        {evil: evil},
    )
    page = show(report)
    page.locator(".cc-relation").first.click(position={"x": 8, "y": 8})
    assert page.heard == []
    assert page.asked == [page.url.partition("#")[0]]
    assert page.locator("img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.title() == f"{evil} – claimcheck"
    assert page.locator(".cc-text").inner_text().count("onerror=alert(2)") == 2
