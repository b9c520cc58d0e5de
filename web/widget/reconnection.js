/** Tries again after a lost connection: soon at first, then less and less often, until it works or it is time to stop. */

const FIRST_WAIT_MILLISECONDS = 3000;
const LONGEST_WAIT_MILLISECONDS = 30_000;
const MOST_ATTEMPTS = 40;

/**
 * The wait before attempt number `attempt`, counted from 0. Between half and all of it, by `chance` from 0 to 1:
 * the browsers of many visitors must not come back in the same moment to a server that has just started.
 */
export function chooseWait(attempt, chance) {
  return Math.min(FIRST_WAIT_MILLISECONDS * 2 ** attempt, LONGEST_WAIT_MILLISECONDS) * (0.5 + chance / 2);
}

export class Reconnection {
  #tryAgain;
  #timer = null;
  #attempt = 0;

  /** `tryAgain()` does the work; it calls `stop()` once it succeeds and `schedule()` when it does not. */
  constructor(tryAgain) {
    this.#tryAgain = tryAgain;
  }

  /** Plans the next attempt, not before `seconds` when the server has named a time. Planned already: does nothing. */
  schedule(seconds = 0) {
    if (this.#timer !== null || this.#attempt >= MOST_ATTEMPTS) return;
    const wait = Math.max(chooseWait(this.#attempt, Math.random()), seconds * 1000);
    this.#attempt += 1;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#tryAgain();
    }, wait);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#attempt = 0;
  }
}
