/** The small menu in the header. Deleting asks first. */
import { create, createButton, createIcon } from "./elements.js";

export class Menu {
  #items;
  #button;
  #confirmation;

  /** `actions` are pairs of a label and what it does; `onDelete()` is only called after a yes. */
  constructor({ strings, actions, onDelete }) {
    this.#button = createButton(
      "icon-button.menu-button",
      { "aria-label": strings.menu, "aria-expanded": "false", "aria-controls": "menu" },
      () => this.#toggle(this.#items.hidden),
      createIcon("menu"),
    );
    this.#items = create(
      "div.menu", { id: "menu", hidden: true },
      ...actions.map(([label, action]) => this.#createItem(label, action)),
      this.#createItem(strings.delete_chat, () => this.#confirmation.showModal()),
    );
    this.#confirmation = createConfirmation(strings, onDelete);
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
}

function createConfirmation(strings, onDelete) {
  const close = () => confirmation.close();
  const confirm = () => {
    close();
    onDelete();
  };
  const confirmation = create(
    "dialog.confirmation", { role: "alertdialog", "aria-labelledby": "delete-question" },
    create("p", { id: "delete-question" }, strings.delete_question),
    create(
      "div.confirmation-buttons", {},
      createButton("quiet", {}, close, strings.delete_cancel),
      createButton("danger", {}, confirm, strings.delete_confirm),
    ),
  );
  return confirmation;
}
