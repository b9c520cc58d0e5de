/**
 * Speaks through two visually hidden regions, one polite, one urgent. The transcript itself is not live:
 * screen readers would then read long answers twice or in pieces.
 */
import { create } from "./elements.js";

// Speech is dropped by some screen readers when a region changes while focus moves.
const SETTLE_MILLISECONDS = 250;
// Spoken text is taken away again, so that nobody finds the same words twice while reading the page.
const KEEP_MILLISECONDS = 10_000;

export class Announcer {
  #polite = create("div.visually-hidden", { "aria-live": "polite" });
  #urgent = create("div.visually-hidden", { "aria-live": "assertive" });
  #waiting = [];
  #isPaused = true;

  get nodes() {
    return [this.#polite, this.#urgent];
  }

  /** Says `text` once. While paused (a closed chat is silent) it waits. */
  say(text, { isUrgent = false } = {}) {
    this.#waiting.push({ text, isUrgent });
    if (!this.#isPaused) this.#flushSoon();
  }

  pause() {
    this.#isPaused = true;
  }

  resume() {
    this.#isPaused = false;
    this.#flushSoon();
  }

  /** Drops what was not yet said, for example when the conversation is deleted. */
  clear() {
    this.#waiting = [];
  }

  #flushSoon() {
    setTimeout(() => {
      if (this.#isPaused) return;
      for (const { text, isUrgent } of this.#waiting.splice(0)) {
        const line = create("div", {}, text);
        (isUrgent ? this.#urgent : this.#polite).append(line);
        setTimeout(() => line.remove(), KEEP_MILLISECONDS);
      }
    }, SETTLE_MILLISECONDS);
  }
}
