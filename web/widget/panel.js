/** The chat itself, fetched when the visitor opens it for the first time: puts the parts together. */
import { Announcer } from "./announcer.js";
import { ChatApi } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { create, createButton, createIcon } from "./elements.js";
import { createLink, formatInline } from "./formatting.js";
import { dateForName, printConversation, saveFile } from "./keeping.js";
import { Menu } from "./menu.js";
import { describeFailure } from "./message-view.js";
import { SessionStore } from "./session-store.js";
import { Transcript } from "./transcript.js";
import PANEL_STYLES from "./panel.css" with { type: "text" };
import STRINGS from "./strings/en.json" with { type: "json" };

export { PANEL_STYLES };

// Small or zoomed screens: the chat covers the page and keeps the focus, instead of hiding what has the focus.
const FULL_SCREEN = "(max-width: 479.98px), (max-height: 479.98px)";

export class ChatPanel {
  #host;
  #strings = STRINGS;
  #links;
  #announcer = new Announcer();
  #conversation;
  #transcript;
  #composer;
  #menu;
  #title;
  #status;
  #startFailure;
  #dialog;
  #fullScreen = matchMedia(FULL_SCREEN);
  // What the panel listens to outside of itself, and only while it is open.
  #outside;

  /**
   * `host`: the node the panel is put into as `area`, the server's address as `apiBase`, the page's `options`, and
   * what the panel may ask for: `close()`, `addUnread()`, `tell(eventName)`.
   */
  constructor(host) {
    this.#host = host;
    this.#links = { contactAddress: new URL("contact", host.apiBase).href, newTab: STRINGS.new_tab };
    this.#createParts();
    this.#build();
    this.#listen();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  show({ moveFocus }) {
    this.#title.textContent = this.#host.options.title || this.#strings.title;
    this.#showDialog();
    if (moveFocus) this.#placeFocus();
    this.#announcer.resume();
    this.#conversation.begin();
    this.#listenOutside();
  }

  hide() {
    this.#outside.abort();
    this.#announcer.pause();
    this.#menu.close();
    this.#dialog.close();
  }

  /** Sends `text` as if the visitor had written it. */
  send(text) {
    if (text.trim()) this.#conversation.send(text.trim());
  }

  // What the conversation calls.

  showMessages(messages, { isRestored, isOpening, ask }) {
    this.#startFailure?.remove();
    const added = this.#transcript.add(messages, { isBeforePending: isRestored || isOpening });
    this.#composer.setAsk(ask);
    if (isRestored) {
      this.#announcer.say(this.#strings.restored);
      return;
    }
    for (const { message, spoken } of added) {
      this.#announcer.say(spoken, { isUrgent: message.kind === "urgent" });
      if (!this.isOpen) this.#host.addUnread();
    }
  }

  showOutgoing(item) {
    this.#transcript.showOutgoing(item);
    if (item.state === "failed") {
      this.#announcer.say(`${this.#strings.not_sent} ${describeFailure(item.error, this.#strings)}`, { isUrgent: true });
    }
  }

  /** Gives the visitor's answer back to them with the reason why it could not be used. */
  showRefusal(text, reason) {
    this.#composer.showRefusal(text, reason);
  }

  showTyping(isTyping) {
    this.#transcript.showTyping(isTyping);
  }

  /** Shows "offline", "unreachable" or "limited" above the messages, or nothing for null. */
  showStatus(status) {
    if (this.#status.dataset.status === (status ?? "")) return;
    this.#status.dataset.status = status ?? "";
    this.#status.hidden = status === null;
    this.#status.replaceChildren(...(status ? this.#format(`status_${status}`) : []));
    if (status) this.#announcer.say(this.#status.textContent);
  }

  /** Shows one of the widget's own sentences between the messages. */
  showNotice(name) {
    if (name.startsWith("session_renewed")) this.#transcript.closeAllChoices();
    const row = this.#transcript.addNotice(create("p", {}, ...this.#format(name)));
    this.#announcer.say(row.textContent);
  }

  showStartFailure() {
    this.#startFailure?.remove();
    const press = () => {
      this.#composer.field.focus();
      this.#conversation.begin();
    };
    const again = createButton("retry", {}, press, this.#strings.start_again);
    this.#startFailure = this.#transcript.addNotice(create("p", {}, this.#strings.start_failed), again);
    this.#announcer.say(this.#strings.start_failed);
  }

  clear() {
    this.#transcript.clear();
    this.#announcer.clear();
    this.#composer.setAsk(null);
  }

  tell(name) {
    this.#host.tell(name);
  }

  #format(name) {
    return formatInline(this.#strings[name], this.#links);
  }

  #createParts() {
    const strings = this.#strings;
    this.#conversation = new Conversation({
      api: new ChatApi(this.#host.apiBase),
      store: new SessionStore(this.#host.options.remember ?? "device"),
      view: this,
    });
    const say = (text) => this.#announcer.say(text);
    this.#transcript = new Transcript({
      strings,
      say,
      links: this.#links,
      privacy: create("p.privacy", {}, strings.privacy, " ", ...this.#createPrivacyLink()),
      onChoice: (choice) => this.#conversation.send(choice.title, choice),
      onRetry: (item) => this.#conversation.retry(item),
      onFeedback: (message, verdict, reason) => this.#conversation.giveFeedback(message.id, verdict, reason),
      onSaveReference: (text, reference) => this.#save(reference, text.replaceAll("**", "")),
    });
    this.#composer = new Composer({
      strings,
      say,
      onSend: (text) => this.#conversation.send(text),
      person: createButton("person", {}, () => this.send(strings.person_message), strings.person),
    });
    this.#menu = new Menu({
      strings,
      actions: [
        [strings.save_chat, () => this.#save(`${strings.file_name}-${dateForName()}`, this.#transcript.write())],
        [strings.print_chat, printConversation],
        [strings.start_over, () => this.#conversation.startOver()],
      ],
      questions: [
        { name: "withdraw", label: strings.withdraw, onYes: () => this.#withdraw() },
        { name: "delete", label: strings.delete_chat, onYes: () => this.#delete() },
      ],
    });
  }

  #createPrivacyLink() {
    const address = this.#host.options.privacy;
    return address ? createLink(this.#strings.privacy_policy, create("a", { href: address }).href, this.#links) : [];
  }

  #save(name, text) {
    const { automated, fine_print: finePrint } = this.#strings;
    saveFile(`${name}.txt`, `${this.#title.textContent}\n${automated}. ${finePrint}\n\n${text}\n`);
    this.#announcer.say(this.#strings.saved_file);
  }

  async #withdraw() {
    if (!(await this.#conversation.withdrawConsent())) this.showNotice("withdraw_failed");
  }

  async #delete() {
    if (!(await this.#conversation.delete())) this.showNotice("delete_failed");
  }

  #build() {
    const strings = this.#strings;
    this.#title = create("h2.title", { id: "title", tabindex: "-1" });
    this.#status = create("p.status", { hidden: true, "data-status": "" });
    this.#dialog = create(
      "dialog.panel",
      { "aria-labelledby": "title", lang: strings.language, dir: strings.direction },
      create(
        "header.header", {},
        create("span.mark", {}, createIcon("mark")),
        create("div.titles", {}, this.#title, create("p.automated", {}, strings.automated)),
        this.#menu.node,
        createButton("icon-button.close-button", { "aria-label": strings.close }, () => this.#host.close(), createIcon("close")),
      ),
      create("p.emergency", {}, ...this.#format("emergency")),
      this.#status,
      this.#transcript.node,
      this.#composer.node,
      create("p.fine-print", {}, strings.fine_print),
      ...this.#announcer.nodes,
    );
    this.#host.area.append(this.#dialog);
  }

  #listen() {
    this.#host.area.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || !this.isOpen) return;
      event.preventDefault();
      event.stopPropagation();
      if (!this.#menu.closeInnermost()) this.#host.close();
    });
    // The back gesture of a phone closes a modal dialog without any key.
    this.#dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.#dialog) return;
      event.preventDefault();
      this.#host.close();
    });
    this.#dialog.addEventListener("pointerdown", (event) => this.#menu.closeUnless(event.target));
    // What is typed here is not meant for the page: its shortcuts would fire with every letter.
    for (const type of ["keydown", "keyup", "keypress"]) {
      this.#dialog.addEventListener(type, (event) => event.key !== "Escape" && event.stopPropagation());
    }
  }

  #listenOutside() {
    this.#outside = new AbortController();
    const { signal } = this.#outside;
    this.#fullScreen.addEventListener("change", () => this.#changeMode(), { signal });
    addEventListener("offline", () => this.showStatus("offline"), { signal });
    addEventListener("online", () => this.#reconnect(), { signal });
    // Another tab may have gone on with the same conversation.
    document.addEventListener("visibilitychange", () => document.hidden || this.#conversation.lookForNews(), { signal });
  }

  #reconnect() {
    if (this.#status.dataset.status !== "offline") return;
    this.showStatus(null);
    this.#announcer.say(this.#strings.status_online);
    this.#conversation.tryLost();
  }

  #showDialog() {
    // The open attribute, unlike show(), leaves the focus where it is.
    if (this.#fullScreen.matches) this.#dialog.showModal();
    else this.#dialog.open = true;
  }

  #changeMode() {
    if (!this.isOpen) return;
    const focused = this.#dialog.getRootNode().activeElement;
    this.#dialog.close();
    this.#showDialog();
    focused?.focus();
  }

  /** Into the field, but on touch screens not: the keyboard would cover the first message. */
  #placeFocus() {
    if (matchMedia("(pointer: coarse)").matches) this.#title.focus();
    else this.#composer.field.focus();
  }
}
