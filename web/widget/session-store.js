/**
 * Remembers one session token on this device: never a name, a contact or a message. Storage can be full, blocked
 * or missing (private windows, strict settings); the chat then works as long as the page stays open.
 */
const KEY = "acupuncture-chat.session";

export class SessionStore {
  #isForTabOnly;
  #inMemory = null;

  /** `remember` is "device" (come back later, also from another tab) or "tab" (shared computers). */
  constructor(remember) {
    this.#isForTabOnly = remember === "tab";
  }

  /** The token, or null when there is none or storage cannot be read. Only the server knows if it is still good. */
  read() {
    return this.#inMemory ?? this.#use((storage) => storage.getItem(KEY));
  }

  write(token) {
    this.#inMemory = token;
    this.#use((storage) => storage.setItem(KEY, token));
  }

  clear() {
    this.#inMemory = null;
    this.#use((storage) => storage.removeItem(KEY));
  }

  #use(action) {
    try {
      return action(this.#isForTabOnly ? sessionStorage : localStorage);
    } catch {
      // The token in memory is enough until the page is left.
      return null;
    }
  }
}
