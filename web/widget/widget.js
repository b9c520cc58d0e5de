/**
 * The one script a page includes. It shows the launcher button and nothing else: no storage is touched
 * and no chat request is made until the visitor opens the chat. Only then is the panel fetched.
 */
import { createGreeting, wasDismissed } from "./greeting.js";
import STYLES from "./launcher.css" with { type: "text" };
import ENGLISH from "./strings/en.launcher.json" with { type: "json" };

const ELEMENT_NAME = "acupuncture-chat";
const ASSETS = new URL("./widget/", import.meta.url);
const OPTIONS = [
  "title", "position", "zIndex", "colorScheme", "api", "lang", "open", "remember", "greeting", "greetingDelay", "privacy",
];
const DARK = /\(prefers-color-scheme: ?dark\)/g;
const SCHEMES = { light: "not all", dark: "all" };
const BUBBLE = "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 4.5V16A2 2 0 0 1 4 14z";
const CHEVRON = "M6 9l6 6 6-6";

// What a name of a language looks like; anything else never becomes part of an address.
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/;

/** The launcher's sentences in `language`. One without a file falls back to English: a typo cannot remove the chat. */
async function fetchStrings(language) {
  if (language === "en") return ENGLISH;
  try {
    const response = await fetch(new URL(`strings/${language}.launcher.json`, ASSETS), { credentials: "omit" });
    return await response.json();
  } catch {
    return ENGLISH;
  }
}

/** The opened chat's code with its sentences. `attempt` makes a new address: browsers remember what failed to load. */
async function importPanel(language, attempt) {
  const query = attempt ? `?attempt=${attempt}` : "";
  const load = (name) => import(new URL(`panel.${name}.js${query}`, ASSETS).href);
  try {
    return await load(language);
  } catch (error) {
    if (language === "en") throw error;
    return load("en");
  }
}

/** Constructed style sheets need no permission from the page's content security policy; old browsers have none. */
function applyStyles(root, text) {
  if ("adoptedStyleSheets" in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } else {
    const style = document.createElement("style");
    style.textContent = text;
    root.append(style);
  }
}

export class AcupunctureChat extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #strings;
  #ready;
  #area;
  #panel;
  #launcher;
  #label;
  #badge;
  #failure;
  #greeting;
  #loadAttempts = 0;
  #unread = 0;
  #wasOpen = false;

  connectedCallback() {
    this.#ready ??= this.#prepare();
    this.#ready.catch(() => { this.#ready = undefined; });
    // A page that moves its nodes about takes the chat out and puts it back.
    if (this.#wasOpen) this.open({ moveFocus: false });
  }

  disconnectedCallback() {
    this.#wasOpen = this.isOpen;
    if (this.isOpen) this.#hide();
  }

  /** The server the chat talks to: where this script came from, unless the page says otherwise. */
  get #apiBase() {
    const base = new URL(this.dataset.api || "./", import.meta.url);
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    return base;
  }

  get #language() {
    const { lang } = this.dataset;
    return LANGUAGE.test(lang) ? lang : "en";
  }

  /** Whether the chat is on the screen. */
  get isOpen() {
    return this.#panel?.isOpen ?? false;
  }

  /** Opens the chat. Resolves when it is on the screen, or when it could not be loaded and the page says so. */
  async open({ moveFocus = true } = {}) {
    await (this.#ready ??= this.#prepare());
    const panel = await this.#loadPanel();
    if (!panel || panel.isOpen || !this.isConnected) return;
    panel.show({ moveFocus });
    this.#greeting?.remove();
    this.#showUnread(0);
    this.#label.textContent = this.#strings.launcher_close;
    this.#launcher.setAttribute("aria-expanded", "true");
    this.#tell("chat-opened");
  }

  /** Closes the chat. Focus goes back to the launcher only if it was inside the chat. */
  close() {
    if (!this.isOpen) return;
    const hadFocus = this.#root.activeElement !== null;
    this.#hide();
    if (hadFocus) this.#launcher.focus();
    this.#tell("chat-closed");
  }

  #hide() {
    this.#panel.hide();
    this.#label.textContent = this.#strings.launcher_open;
    this.#launcher.setAttribute("aria-expanded", "false");
  }

  /** Opens the chat and sends `text` as the visitor's message. */
  async send(text) {
    await this.open();
    this.#panel?.send(String(text));
  }

  /** Shows how many messages came in while the chat was closed. */
  #showUnread(count) {
    this.#unread = count;
    const words = count === 1 ? this.#strings.unread_one : this.#strings.unread_many.replace("{count}", count);
    this.#badge.hidden = count === 0;
    this.#badge.firstChild.textContent = count || "";
    this.#badge.lastChild.textContent = count ? words : "";
  }

  /** Tells the page that something happened, never what was said. */
  #tell(name) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }

  async #prepare() {
    this.#strings = await fetchStrings(this.#language);
    this.#applyStyles(STYLES);
    const layer = Number.parseInt(this.dataset.zIndex, 10);
    if (Number.isInteger(layer)) this.#applyStyles(`:host { z-index: ${layer} }`);
    this.#build();
    if (this.dataset.open !== undefined) this.#openUnasked();
    if (this.dataset.greeting !== undefined && !wasDismissed()) this.#greet();
  }

  /** A page that is always light, or always dark, says so; the dark colors then never, or always, apply. */
  #applyStyles(text) {
    const scheme = SCHEMES[this.dataset.colorScheme];
    applyStyles(this.#root, scheme ? text.replaceAll(DARK, scheme) : text);
  }

  #greet() {
    this.#greeting = createGreeting({ text: this.dataset.greeting, strings: this.#strings, onOpen: () => this.open() });
    const seconds = Number.parseFloat(this.dataset.greetingDelay) || 0;
    setTimeout(() => { if (!this.#panel) this.#area.prepend(this.#greeting); }, seconds * 1000);
  }

  /** A page may ask for an open chat, but not for one that covers the whole page or takes the focus away. */
  #openUnasked() {
    if (!matchMedia("(max-width: 479.98px), (max-height: 479.98px)").matches) this.open({ moveFocus: false });
  }

  #build() {
    this.#launcher = document.createElement("button");
    this.#launcher.type = "button";
    this.#launcher.className = "launcher";
    this.#launcher.setAttribute("part", "launcher");
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#launcher.lang = this.#strings.language;
    this.#label = document.createElement("span");
    this.#label.textContent = this.#strings.launcher_open;
    this.#badge = document.createElement("span");
    this.#badge.className = "badge";
    this.#badge.setAttribute("part", "badge");
    const count = document.createElement("span");
    count.setAttribute("aria-hidden", "true");
    const words = document.createElement("span");
    words.className = "visually-hidden";
    this.#badge.append(count, words);
    this.#launcher.append(drawIcon(BUBBLE, "bubble"), drawIcon(CHEVRON, "chevron"), this.#label, this.#badge);
    this.#launcher.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.#area = document.createElement("section");
    this.#area.setAttribute("aria-label", this.#strings.region);
    this.#area.append(this.#launcher);
    this.#root.append(this.#area);
    this.#showUnread(0);
  }

  async #loadPanel() {
    if (this.#panel) return this.#panel;
    this.#launcher.setAttribute("aria-busy", "true");
    try {
      const { ChatPanel, PANEL_STYLES } = await importPanel(this.#language, this.#loadAttempts);
      // Two clicks in a row wait here together; the first one builds.
      if (!this.#panel) {
        this.#applyStyles(PANEL_STYLES);
        this.#panel = new ChatPanel({
          area: this.#area,
          apiBase: this.#apiBase,
          options: this.dataset,
          close: () => this.close(),
          addUnread: () => this.#showUnread(this.#unread + 1),
          tell: (name) => this.#tell(name),
        });
      }
      this.#failure?.remove();
      return this.#panel;
    } catch {
      this.#loadAttempts += 1;
      this.#showLoadFailure();
      return undefined;
    } finally {
      this.#launcher.removeAttribute("aria-busy");
    }
  }

  #showLoadFailure() {
    this.#failure?.remove();
    this.#failure = document.createElement("p");
    this.#failure.className = "failure";
    this.#failure.setAttribute("role", "alert");
    const link = document.createElement("a");
    link.href = new URL("contact", this.#apiBase);
    link.textContent = this.#strings.contact_form;
    this.#failure.append(`${this.#strings.load_failed} `, link);
    this.#area.append(this.#failure);
  }
}

function drawIcon(path, name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.classList.add("icon", name);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  icon.append(shape);
  return icon;
}

/** Adds the chat to the page, with the script tag's data attributes, unless the page placed one itself. */
function placeChat() {
  if (document.querySelector(ELEMENT_NAME)) return;
  const chat = document.createElement(ELEMENT_NAME);
  // By its written address too: a <base> that comes later changes what the others resolve to.
  const script = [...document.querySelectorAll("script[src]")].find(
    (each) => each.src === import.meta.url || /(^|\/)widget\.js$/.test(each.getAttribute("src")),
  );
  for (const option of OPTIONS) {
    if (script?.dataset[option] !== undefined) chat.dataset[option] = script.dataset[option];
  }
  document.body.append(chat);
}

// Included twice, under one address or two, the script still makes one chat.
if (!customElements.get(ELEMENT_NAME)) {
  customElements.define(ELEMENT_NAME, AcupunctureChat);
  // With "async" the script can be here before the page's body.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", placeChat);
  else placeChat();
}
