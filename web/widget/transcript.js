/** The list of messages: adds them, keeps the newest in sight, shows that an answer is being written. */
import { create, createHidden } from "./elements.js";
import { writeMessage } from "./keeping.js";
import {
  closeChoices, closeQuestion, createAssistantMessage, createVisitorMessage, markChosen, readAloud, showDelivery,
} from "./message-view.js";

export class Transcript {
  #strings;
  #options;
  #onRetry;
  #list = create("ol.messages");
  #typing;
  #rows = new Map();
  #answers = [];

  /** `options` are those of createAssistantMessage, and `onRetry(item)`; `privacy` is what stands above it all. */
  constructor({ privacy, onRetry, ...options }) {
    const { strings } = options;
    this.#strings = strings;
    this.#options = options;
    this.#onRetry = onRetry;
    this.#typing = create(
      "li.message.assistant.typing", {},
      create("span.bubble", { "aria-hidden": "true" }, create("i"), create("i"), create("i")),
      createHidden(strings.writing),
    );
    // A log is live by its role; here the announcer speaks instead, so that nothing is read twice.
    this.node = create(
      "div.transcript",
      { role: "log", "aria-live": "off", "aria-label": strings.transcript, tabindex: "0" },
      privacy,
      this.#list,
    );
  }

  /** The conversation as text. */
  write() {
    return [...this.#list.querySelectorAll(".assistant, .visitor")].map(writeMessage).join("\n\n");
  }

  /** Adds messages of both sides. Returns `[{message, spoken}]` for the assistant's ones. */
  add(messages, { isBeforePending }) {
    const beforePending = isBeforePending ? this.#firstPending() : null;
    const spoken = [];
    for (const message of messages) {
      if (message.author === "visitor") {
        this.#closeAnswered(message.text);
        this.#insert(createVisitorMessage(message.text, this.#strings), beforePending);
      } else {
        const row = createAssistantMessage(message, this.#options);
        this.#answers.push(row);
        this.#insert(row, beforePending);
        spoken.push({ message, spoken: readAloud(row, this.#strings) });
      }
    }
    this.#showNewest();
    return spoken;
  }

  /** Shows the visitor's own message and how far it got. */
  showOutgoing(item) {
    let row = this.#rows.get(item);
    if (!row) {
      this.#closeAnswered(item.choice ? null : item.text);
      row = createVisitorMessage(item.text, this.#strings);
      this.#rows.set(item, row);
      this.#insert(row, null);
    } else if (item.state === "sending") {
      // Sent again, it belongs below what was said since.
      if (row !== this.#list.lastElementChild && !row.contains(this.#focused)) this.#insert(row, null);
    }
    const hadFocus = row.contains(this.#focused);
    showDelivery(row, item, { strings: this.#strings, onRetry: () => this.#onRetry(item) });
    if (hadFocus && !row.contains(this.#focused)) this.node.focus({ preventScroll: true });
    if (item.state === "sent") this.#rows.delete(item);
    this.showEnd();
  }

  showTyping(isTyping) {
    if (isTyping) this.#list.append(this.#typing);
    else this.#typing.remove();
    if (isTyping) this.showEnd();
  }

  /** Shows something the widget itself has to say. `nodes` are its content. */
  addNotice(...nodes) {
    const row = create("li.message.local", {}, ...nodes);
    this.#insert(row, null);
    this.showEnd();
    return row;
  }

  /** An ended session's choices can no longer be used. */
  closeAllChoices() {
    this.#answers.forEach(closeChoices);
  }

  clear() {
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#answers = [];
  }

  get #focused() {
    return this.node.getRootNode().activeElement;
  }

  #firstPending() {
    return [...this.#rows.values()].find((row) => row.isConnected) ?? null;
  }

  #insert(row, before) {
    const typing = this.#typing.parentNode ? this.#typing : null;
    this.#list.insertBefore(row, before ?? typing);
  }

  /** The visitor has spoken: questions before are answered, and a choice named by the same words was taken. */
  #closeAnswered(text) {
    const last = this.#answers.at(-1);
    if (last && text !== null) markChosen(last, text, this.#strings);
    this.#answers.forEach(closeQuestion);
  }

  /** The box that scrolls: usually the list; on very low screens the whole panel. */
  get #scroller() {
    return getComputedStyle(this.node).overflowY === "visible" ? this.node.parentElement : this.node;
  }

  showEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Shows the end, but never past the start of the newest answer: long answers are read from their top. */
  #showNewest() {
    this.showEnd();
    const rows = [...this.#list.children];
    const lastVisitor = rows.findLastIndex((row) => row.classList.contains("visitor"));
    const first = rows[lastVisitor] ?? rows[0];
    if (!first) return;
    const hiddenAbove = this.#scroller.getBoundingClientRect().top - first.getBoundingClientRect().top;
    if (hiddenAbove > -12) this.#scroller.scrollTop -= hiddenAbove + 12;
  }
}
