"""What of a page is not for every hand and eye: by axe (https://github.com/dequelabs/axe-core) and by looks of our own."""

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

LOOK = Path(__file__).with_suffix(".js").read_text()
GRAVE = ["serious", "critical"]
# Violations in Streamlit's own elements, which no option or style of ours can mend: rules and the elements that may break them.
STREAMLIT = {
    # On a phone, its list of pages has the names of sections and <div>s between the list and its items.
    "list": "[data-testid=stSidebarNavItems]",
    "listitem": "[data-testid=stSidebarNavItems] li",
    # A wide table in Markdown scrolls, and takes no `tabindex`: browsers that let Tab reach whatever scrolls (Chromium) reach it.
    "scrollable-region-focusable": "[data-testid=stMarkdownContainer] table",
}
RUN = """async ([grave, known]) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], elementRef: true });
  const isKnown = (rule, element) => known[rule.id] && element.matches(known[rule.id]);
  const words = (rule, node) => `${rule.id}: ${node.html.slice(0, 90)}: ${node.failureSummary.split("\\n").slice(1).join(";")}`;
  return violations.filter((rule) => grave.includes(rule.impact)).flatMap((rule) =>
    rule.nodes.filter((node) => !isKnown(rule, node.element)).map((node) => words(rule, node)));
}"""


def violations(page: Page) -> list[str]:
    """Return a line for each element, in shadow roots too, that gravely violates a rule of axe, and what is wrong with it."""
    page.evaluate(AXE_SCRIPT)
    lines: list[str] = page.evaluate(RUN, [GRAVE, STREAMLIT])
    return lines


def lacks(page: Page) -> dict[str, list[str]]:
    """Return what is at fault by kind: pictures `unnamed`, parts of components `moving` or `ringless`, what a bar has `covered`."""
    rows: dict[str, list[str]] = page.evaluate(LOOK)
    return {kind: names for kind, names in rows.items() if names}
