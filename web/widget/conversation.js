/**
 * One visitor's conversation: the session, what was sent, what failed, what came back. It knows no nodes; `view`
 * shows things: showMessages, showOutgoing, showTyping, showStatus, showNotice, showStartFailure, clear, tell.
 */
import { ChatError, createMessageId } from "./api.js";

// A message can be accepted and the page reloaded before its answer is there.
const LATE_ANSWER_CHECKS = 4;
const LATE_ANSWER_WAIT_MILLISECONDS = 1500;

export class Conversation {
  #api;
  #store;
  #view;
  #token = null;
  #position = 0;
  #ask = null;
  #outgoing = new Set();
  // One thing at a time: answers then always stand below what they answer.
  #turn = Promise.resolve();

  constructor({ api, store, view }) {
    this.#api = api;
    this.#store = store;
    this.#view = view;
  }

  /** Shows the earlier conversation, or starts one; shown again later, fetches what another tab added. */
  begin() {
    return this.#inTurn(() => (this.#token ? this.#catchUp() : this.#restoreOrStart()));
  }

  /** Sends the visitor's words, or a choice `{title, token}` they pressed. The bubble is on the screen at once. */
  send(text, choice = null) {
    const item = { id: createMessageId(), text, choice: choice?.token ?? null, ask: this.#ask, state: "sending" };
    this.#outgoing.add(item);
    this.#view.showOutgoing(item);
    return this.#inTurn(() => this.#deliver(item));
  }

  /** Sends a failed message again under the same id, so that the server answers it only once. */
  retry(item) {
    if (item.state !== "failed") return undefined;
    item.state = "sending";
    this.#view.showOutgoing(item);
    return this.#inTurn(() => this.#deliver(item));
  }

  /** The connection is back: sends what failed for want of one. */
  retryLost() {
    for (const item of this.#outgoing) {
      if (item.state === "failed" && item.error.status) this.retry(item);
    }
  }

  startOver() {
    return this.#inTurn(() => {
      this.#forgetHere();
      return this.#restoreOrStart();
    });
  }

  /** Deletes the conversation at the server, then here. Returns false, and changes nothing, when that fails. */
  delete() {
    return this.#inTurn(async () => {
      try {
        const token = this.#token ?? this.#store.read();
        if (token) await this.#api.deleteSession(token);
      } catch (error) {
        if (!this.#asChatError(error).isSessionEnded) return false;
      }
      this.#forgetHere();
      this.#view.showNotice("deleted");
      return true;
    });
  }

  #inTurn(action) {
    const result = this.#turn.then(action);
    // A fault in one turn is reported by its own promise and must not block the turns after it.
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Anything but a ChatError is a fault in this code and must surface in the console. */
  #asChatError(error) {
    if (error instanceof ChatError) return error;
    throw error;
  }

  #forgetHere() {
    this.#token = null;
    this.#position = 0;
    this.#ask = null;
    this.#outgoing.clear();
    this.#store.clear();
    this.#view.clear();
  }

  async #restoreOrStart() {
    try {
      await this.#connect();
      this.#view.showStatus(null);
    } catch (error) {
      if (this.#asChatError(error).isSessionEnded) {
        this.#store.clear();
        this.#view.showNotice("session_renewed");
        await this.#restoreOrStart();
        return;
      }
      this.#showTrouble(error);
      this.#view.showStartFailure();
    }
  }

  async #connect() {
    const stored = this.#store.read();
    if (stored) await this.#restore(stored);
    else await this.#start();
  }

  async #restore(token) {
    const messages = await this.#api.listMessages(token, 0);
    this.#token = token;
    this.#receive(messages, { isRestored: true });
    if (messages.at(-1)?.author === "visitor") await this.#waitForLateAnswer();
  }

  async #start() {
    // Only the path: a query or fragment could hold what somebody searched for.
    const { token, messages } = await this.#api.startSession(location.pathname.slice(0, 200));
    this.#token = token;
    this.#store.write(token);
    this.#receive(messages);
  }

  async #catchUp() {
    // A message that is not through yet will bring its own answer; fetching now would show it twice.
    if (this.#outgoing.size > 0) return;
    try {
      this.#receive(await this.#api.listMessages(this.#token, this.#position));
      this.#view.showStatus(null);
    } catch (error) {
      // Nothing was asked of the server, so an ended session only matters with the next message.
      if (!this.#asChatError(error).isSessionEnded) this.#showTrouble(error);
    }
  }

  async #waitForLateAnswer() {
    this.#view.showTyping(true);
    try {
      for (let check = 0; check < LATE_ANSWER_CHECKS; check += 1) {
        await new Promise((resolve) => { setTimeout(resolve, LATE_ANSWER_WAIT_MILLISECONDS); });
        const messages = await this.#api.listMessages(this.#token, this.#position);
        this.#receive(messages);
        // Somebody who writes on does not have to wait for the old answer.
        if (messages.length > 0 || this.#outgoing.size > 0) return;
      }
      this.#view.showNotice("unanswered");
    } finally {
      this.#view.showTyping(false);
    }
  }

  async #deliver(item) {
    // "Start over" or "Delete" came first.
    if (!this.#outgoing.has(item)) return undefined;
    this.#view.showTyping(true);
    try {
      if (!this.#token) await this.#connect();
      const message = item.choice ? { choice: item.choice } : { text: item.text };
      const { messages, isLimited } = await this.#api.sendMessage(this.#token, { client_message_id: item.id, ...message });
      this.#outgoing.delete(item);
      item.state = "sent";
      this.#view.showOutgoing(item);
      this.#view.showStatus(isLimited ? "limited" : null);
      this.#receive(messages);
      this.#view.tell("message-sent");
      if (messages.some((each) => each.kind === "saved")) this.#view.tell("lead-submitted");
    } catch (error) {
      // Once: a server that refuses its own new session is broken, and that must show.
      if (this.#asChatError(error).isSessionEnded && !item.isRenewed) return await this.#continueInNewSession(item);
      item.state = "failed";
      item.error = error;
      this.#view.showOutgoing(item);
      this.#showTrouble(error);
    } finally {
      this.#view.showTyping(false);
    }
    return undefined;
  }

  /** A plain question is asked again in the new session; a choice or a form answer means nothing there. */
  #continueInNewSession(item) {
    item.isRenewed = true;
    const canResend = item.choice === null && item.ask === null;
    this.#token = null;
    this.#position = 0;
    this.#ask = null;
    this.#store.clear();
    this.#view.showNotice(canResend ? "session_renewed" : "session_renewed_resend");
    if (canResend) return this.#deliver(item);
    this.#outgoing.delete(item);
    item.state = "dropped";
    this.#view.showOutgoing(item);
    return this.#restoreOrStart();
  }

  #receive(messages, { isRestored = false } = {}) {
    if (messages.length === 0) return;
    this.#position = Math.max(this.#position, ...messages.map((message) => message.position));
    const answers = messages.filter((message) => message.author === "assistant");
    if (answers.length > 0) {
      // While restoring, only what was said after the visitor's last words can still be a question to them.
      const lastVisitor = messages.findLastIndex((message) => message.author === "visitor");
      this.#ask = messages.slice(lastVisitor + 1).findLast((message) => message.ask)?.ask ?? null;
    }
    this.#view.showMessages(messages, { isRestored, ask: this.#ask });
  }

  #showTrouble(error) {
    if (error.status) this.#view.showStatus(error.status);
  }
}
