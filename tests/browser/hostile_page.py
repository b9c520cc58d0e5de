"""A page that is watched for everything a hostile text could do in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Request

HOSTILE_WORDS = [
    line
    for line in Path(__file__).with_name("hostile_words.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
]
REPORT_BROKEN_POLICY = """
addEventListener('securitypolicyviolation', (event) => {
  wasBroken(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""
# Elements with a handler or an unsafe address, or that nothing of ours makes; shadow roots are looked into.
FIND_DANGEROUS = """
() => {
  const NEVER_OURS = ['iframe', 'object', 'embed', 'base', 'marquee', 'math', 'plaintext', 'xmp'];
  const ADDRESSES = ['href', 'src', 'action', 'formaction'];
  const SAFE_ADDRESS = /^(https?:|tel:|sms:|mailto:|[/#?.]|[\\w-]+([/?#.]|$)|$)/;
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll('*')) {
      const name = element.localName;
      if (NEVER_OURS.includes(name)) found.push(name);
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith('on')) found.push(`${name} ${attribute}`);
        const isUnsafe = ADDRESSES.includes(attribute) && !SAFE_ADDRESS.test(value);
        if (isUnsafe) found.push(`${name} ${attribute}=${value}`);
      }
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}
"""


class HostilePage:
    """A page of a context; `seen` lists what ran, was blocked, opened, or was asked elsewhere."""

    def __init__(self, context: BrowserContext, own_address: str) -> None:
        self.seen: list[str] = []
        self._own_address = own_address
        context.expose_binding("hurt", lambda *_: self.seen.append("it ran"))
        context.expose_binding("wasBroken", lambda _, what: self.seen.append(f"policy: {what}"))
        context.add_init_script(REPORT_BROKEN_POLICY)
        context.on("request", self._note_request)
        self.page: Page = context.new_page()
        self.page.on("dialog", self._note_dialog)

    def look(self) -> list[str]:
        """Return all that was seen so far, and what is dangerous on the page as it stands."""
        self.page.wait_for_load_state("load")
        return self.seen + self.page.evaluate(FIND_DANGEROUS)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self._own_address):
            self.seen.append(f"asked {request.url}")

    def _note_dialog(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()
