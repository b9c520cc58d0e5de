/** The small menu in the header. What cannot be taken back asks first. */
import { create, createButton, createIcon } from "./elements.js";

export class Menu {
  #items;
  #button;
  #confirmations;

  /**
   * `actions` are pairs of a label and what it does; `questions` have a `name`, which is also their strings'
   * beginning, a `label`, and `onYes()`, which is only called after a yes.
   */
  constructor({ strings, actions, questions }) {
    this.#confirmations = questions.map((each) => createConfirmation(strings, each));
    this.#button = createButton(
      "icon-button.menu-button",
      { "aria-label": strings.menu, "aria-expanded": "false", "aria-controls": "menu" },
      () => this.#toggle(this.#items.hidden),
      createIcon("menu"),
    );
    this.#items = create(
      "div.menu", { id: "menu", hidden: true },
      ...actions.map(([label, action]) => this.#createItem(label, action)),
      ...questions.map(({ label }, index) => this.#createItem(label, () => this.#confirmations[index].showModal())),
    );
    this.node = create("div.menu-area", {}, this.#button, this.#items, ...this.#confirmations);
    this.node.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.node.contains(event.relatedTarget)) this.#toggle(false);
    });
  }

  /** Closes the innermost open part. Returns false when there was none. */
  closeInnermost() {
    const isClosed = this.#closeConfirmation();
    if (!isClosed && this.#items.hidden) return false;
    if (!isClosed) this.#toggle(false);
    this.#button.focus();
    return true;
  }

  /** Folds everything away, for example because the chat is being closed. */
  close() {
    this.#closeConfirmation();
    this.#toggle(false);
  }

  /** Closes the list when the visitor presses somewhere else. */
  closeUnless(target) {
    if (!this.node.contains(target)) this.#toggle(false);
  }

  #closeConfirmation() {
    const open = this.#confirmations.find((each) => each.open);
    open?.close();
    return Boolean(open);
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
}

function createConfirmation(strings, { name, onYes }) {
  const close = () => confirmation.close();
  const confirm = () => {
    close();
    onYes();
  };
  const confirmation = create(
    "dialog.confirmation", { role: "alertdialog", "aria-labelledby": `${name}-question` },
    create("p", { id: `${name}-question` }, strings[`${name}_question`]),
    create(
      "div.confirmation-buttons", {},
      createButton("quiet", {}, close, strings[`${name}_cancel`]),
      createButton("danger", {}, confirm, strings[`${name}_confirm`]),
    ),
  );
  return confirmation;
}
