/** The small menu in the header. What cannot be taken back asks first. */
import { create, createButton, createIcon } from "./elements.js";

export class Menu {
  #items;
  #button;
  #confirmation = create("dialog.confirmation", { role: "alertdialog", "aria-labelledby": "question" });

  /**
   * `actions` are pairs of a label and what it does; `risky` ones have a question and the word for yes between
   * the two, and happen only after that.
   */
  constructor({ strings, actions, risky }) {
    this.#button = createButton(
      "icon-button.menu-button",
      { "aria-label": strings.menu, "aria-expanded": "false", "aria-controls": "menu" },
      () => this.#toggle(this.#items.hidden),
      createIcon("menu"),
    );
    this.#items = create(
      "div.menu", { id: "menu", hidden: true },
      ...actions.map(([label, action]) => this.#createItem(label, action)),
      ...risky.map(([label, ...question]) => this.#createItem(label, () => this.#ask(strings.go_back, ...question))),
    );
    this.node = create("div.menu-area", {}, this.#button, this.#items, this.#confirmation);
    this.node.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.node.contains(event.relatedTarget)) this.#toggle(false);
    });
  }

  /** Closes the innermost open part. Returns false when there was none. */
  closeInnermost() {
    if (this.#confirmation.open) this.#confirmation.close();
    else if (this.#items.hidden) return false;
    else this.#toggle(false);
    this.#button.focus();
    return true;
  }

  /** Folds everything away, for example because the chat is being closed. */
  close() {
    if (this.#confirmation.open) this.#confirmation.close();
    this.#toggle(false);
  }

  /** Closes the list when the visitor presses somewhere else. */
  closeUnless(target) {
    if (!this.node.contains(target)) this.#toggle(false);
  }

  #toggle(isOpen) {
    this.#items.hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", String(isOpen));
  }

  #createItem(label, action) {
    const press = () => {
      // First, so that the focus has somewhere to return to.
      this.#button.focus();
      this.#toggle(false);
      action();
    };
    return createButton("menu-item", {}, press, label);
  }

  #ask(no, question, yes, action) {
    const close = () => this.#confirmation.close();
    this.#confirmation.replaceChildren(
      create("p", { id: "question" }, question),
      create(
        "div.confirmation-buttons", {},
        createButton("quiet", {}, close, no),
        createButton("danger", {}, () => { close(); action(); }, yes),
      ),
    );
    this.#confirmation.showModal();
  }
}
