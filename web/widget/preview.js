/** Draws an answer for its writer as visitors will see it: `<answer-preview message="…JSON…">`. */
import { createAssistantMessage } from "./message-view.js";
import LAUNCHER_STYLES from "./launcher.css" with { type: "text" };
import PANEL_STYLES from "./panel.css" with { type: "text" };
import STRINGS from "./strings/en.json" with { type: "json" };

export class AnswerPreview extends HTMLElement {
  static observedAttributes = ["message"];

  attributeChangedCallback() {
    const root = this.shadowRoot ?? this.#open();
    const list = document.createElement("ol");
    list.className = "log";
    list.append(createAssistantMessage(JSON.parse(this.getAttribute("message")), {
      strings: STRINGS,
      links: { contactAddress: new URL("/contact", location).href, newTab: STRINGS.new_tab },
      onChoice() {},
      onFeedback() {},
      onSaveReference() {},
      say() {},
    }));
    const section = document.createElement("section");
    section.append(list);
    root.replaceChildren(section);
  }

  #open() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [LAUNCHER_STYLES, PANEL_STYLES].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    return root;
  }
}

customElements.define("answer-preview", AnswerPreview);
