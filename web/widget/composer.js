/** Where the visitor writes. The field changes with what was asked, so that phones offer the right keys and autofill. */
import { countWords, create, createIcon } from "./elements.js";

const LIMIT = 500;
const COUNTED_FROM = 60;
// Counting every key aloud would drown the visitor's own typing.
const SPOKEN_AT = [50, 10, 0];

const FIELDS = {
  name: { label: "label_name", autocomplete: "name", type: "text", autocapitalize: "words" },
  phone: { label: "label_phone", autocomplete: "tel", type: "tel", autocapitalize: "off" },
  email: { label: "label_email", autocomplete: "email", type: "email", autocapitalize: "off" },
};

export class Composer {
  #strings;
  #onSend;
  #say;
  #ask = null;
  #contactBy = "phone";
  #label = create("label.label", { for: "message" });
  #area = create("textarea.field", { id: "message", rows: "1", "aria-describedby": "hint" });
  #line = create("input.field", { id: "message-line", "aria-describedby": "hint", hidden: true });
  #hint = create("p.hint", { id: "hint" });
  #ways;

  /** `onSend(text)` gets the trimmed text; `say(text)` speaks to screen readers; `person` stands beside the label. */
  constructor({ strings, onSend, say, person }) {
    this.#strings = strings;
    this.#onSend = onSend;
    this.#say = say;
    this.#ways = this.#createContactWays();
    const submit = create("button.send", { type: "submit" }, strings.send, createIcon("send"));
    const row = create("div.row", {}, this.#area, this.#line, submit);
    const top = create("div.row.top", {}, this.#label, person);
    this.node = create("form.composer", { novalidate: true }, this.#ways, top, row, this.#hint);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#area.addEventListener("keydown", (event) => {
      // While an input method composes a character, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    for (const field of [this.#area, this.#line]) field.addEventListener("input", () => this.#count());
    this.setAsk(null);
  }

  get field() {
    return this.#line.hidden ? this.#area : this.#line;
  }

  /** Gives back `text`, which could not be used, with the reason at the field; what is typed since then stays. */
  showRefusal(text, reason) {
    if (this.field.value) return;
    this.field.value = text;
    this.#showHint(reason, true);
  }

  /** Shows the field for what the assistant asked: "name", "contact", "time", another word or null. */
  setAsk(ask) {
    this.#ask = ask;
    this.#ways.hidden = ask !== "contact";
    const settings = FIELDS[ask === "contact" ? this.#contactBy : ask];
    const old = this.field;
    const hadFocus = old.getRootNode().activeElement === old;
    this.#line.hidden = !settings;
    this.#area.hidden = Boolean(settings);
    const { label, ...attributes } = settings ?? { label: ask === "time" ? "label_time" : "label_text" };
    for (const [name, value] of Object.entries(attributes)) this.#line.setAttribute(name, value);
    this.#label.textContent = this.#strings[label];
    this.#label.htmlFor = this.field.id;
    if (this.field !== old) {
      // Words already typed come along.
      this.field.value = old.value;
      old.value = "";
      if (hadFocus) this.field.focus({ preventScroll: true });
    }
    this.#count();
  }

  #submit() {
    const text = this.field.value.trim();
    const over = [...text].length - LIMIT;
    if (!text) {
      this.#refuse(this.#strings.message_empty);
    } else if (over > 0) {
      this.#refuse(countWords(this.#strings, "characters_over", over));
    } else {
      this.field.value = "";
      this.#count();
      this.#onSend(text);
    }
    this.field.focus({ preventScroll: true });
  }

  #refuse(reason) {
    this.#showHint(reason, true);
    this.#say(reason);
  }

  #count() {
    const left = LIMIT - [...this.field.value.trim()].length;
    if (left > COUNTED_FROM) {
      this.#showHint("", false);
      return;
    }
    const words = left < 0
      ? countWords(this.#strings, "characters_over", -left)
      : countWords(this.#strings, "characters_left", left);
    this.#showHint(words, left < 0);
    if (SPOKEN_AT.includes(left) || left === -1) this.#say(words);
  }

  #showHint(text, isError) {
    this.#hint.textContent = text;
    this.#hint.classList.toggle("error", isError);
    this.field.toggleAttribute("aria-invalid", isError);
    if (isError) this.field.setAttribute("aria-invalid", "true");
  }

  #createContactWays() {
    const ways = create("fieldset.ways", {}, create("legend", {}, this.#strings.contact_by));
    for (const way of ["phone", "email"]) {
      const radio = create("input", { type: "radio", name: "contact-by", value: way, checked: way === this.#contactBy });
      radio.addEventListener("change", () => {
        this.#contactBy = way;
        this.setAsk(this.#ask);
      });
      ways.append(create("label.way", {}, radio, this.#strings[`contact_${way}`]));
    }
    return ways;
  }
}
