/**
 * One visitor's conversation: the session, what was sent, what failed, what came back. It knows no nodes; `view`
 * shows things: showMessages, showOutgoing, showRefusal, showTyping, showStatus, showNotice, showStartFailure, clear,
 * tell.
 */
import { ChatError, createMessageId } from "./api.js";
import { Reconnection } from "./reconnection.js";

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
  #reconnection = new Reconnection(() => this.tryLost());

  constructor({ api, store, view }) {
    this.#api = api;
    this.#store = store;
    this.#view = view;
  }

  /** Shows the earlier conversation, or starts one; shown again later, fetches what another tab added. */
  begin() {
    return this.#inTurn(() => (this.#token ? this.#catchUp() : this.#restoreOrStart()));
  }

  /** Fetches what another tab has added. A deleted conversation does not begin again by itself. */
  lookForNews() {
    return this.#inTurn(() => this.#token && this.#catchUp());
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

  /** Sends what failed for want of a connection, in its order; without such a message, just looks for news. */
  tryLost() {
    return this.#inTurn(async () => {
      if (this.#lost.length === 0) {
        await (this.#token ? this.#catchUp() : this.#restoreOrStart({ isAgain: true }));
        return;
      }
      while (this.#lost.length > 0) {
        if (!(await this.#deliver(this.#lost[0], { isAgain: true }))) return;
      }
    });
  }

  /** Tells the server whether an answer helped. Returns whether the server has it. */
  async giveFeedback(messageId, verdict, reason) {
    try {
      await this.#api.sendFeedback(this.#token, { message_id: messageId, verdict, reason });
      return true;
    } catch (error) {
      this.#asChatError(error);
      return false;
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

  /** Tells the clinic not to contact the visitor. Returns false, and changes nothing, when that fails. */
  withdrawConsent() {
    return this.#inTurn(async () => {
      try {
        if (!this.#token) await this.#connect();
        this.#receive(await this.#api.withdrawConsent(this.#token));
        return true;
      } catch (error) {
        this.#showTrouble(this.#asChatError(error));
        return false;
      }
    });
  }

  get #lost() {
    return [...this.#outgoing].filter((item) => item.state === "failed" && item.error.status);
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
    this.#reconnection.stop();
    this.#store.clear();
    this.#view.clear();
  }

  /** `isAgain`: the widget tries by itself; what was already said is not said again. */
  async #restoreOrStart({ isAgain = false } = {}) {
    try {
      await this.#connect();
      this.#showContact(null);
    } catch (error) {
      if (this.#asChatError(error).isSessionEnded) {
        this.#store.clear();
        this.#view.showNotice("session_renewed");
        await this.#restoreOrStart();
        return;
      }
      this.#showTrouble(error);
      if (!isAgain) this.#view.showStartFailure();
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
    this.#receive(messages, { isOpening: true });
  }

  async #catchUp() {
    // A message that is not through yet will bring its own answer; fetching now would show it twice.
    if (this.#outgoing.size > 0) return;
    try {
      this.#receive(await this.#api.listMessages(this.#token, this.#position));
      this.#showContact(null);
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

  /** Returns whether the server has the message. `isAgain`: a failure that is already shown is not shown again. */
  async #deliver(item, { isAgain = false } = {}) {
    // "Start over" or "Delete" came first.
    if (!this.#outgoing.has(item)) return true;
    this.#view.showTyping(!isAgain);
    try {
      if (!this.#token) await this.#connect();
      const message = item.choice ? { choice: item.choice } : { text: item.text };
      const { messages, isLimited } = await this.#api.sendMessage(this.#token, { client_message_id: item.id, ...message });
      this.#showSent(item, messages, isLimited);
      return true;
    } catch (error) {
      // Once: a server that refuses its own new session is broken, and that must show.
      if (this.#asChatError(error).isSessionEnded && !item.isRenewed) return await this.#continueInNewSession(item);
      if (!isAgain) {
        item.state = "failed";
        item.error = error;
        this.#view.showOutgoing(item);
      }
      this.#showTrouble(error);
      return false;
    } finally {
      this.#view.showTyping(false);
    }
  }

  #showSent(item, messages, isLimited) {
    this.#outgoing.delete(item);
    item.state = "sent";
    this.#view.showOutgoing(item);
    this.#showContact(isLimited ? "limited" : null);
    this.#receive(messages);
    if (wasRefused(item, messages)) this.#view.showRefusal(item.text, messages[0].text);
    this.#view.tell("message-sent");
    if (messages.some((each) => each.kind === "saved")) this.#view.tell("lead-submitted");
  }

  /** A plain question is asked again in the new session; a choice or a form answer means nothing there. */
  async #continueInNewSession(item) {
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
    await this.#restoreOrStart();
    return true;
  }

  /** `isOpening`: the first words of a session, which come before what the visitor could not wait to say. */
  #receive(messages, { isRestored = false, isOpening = false } = {}) {
    if (messages.length === 0) return;
    this.#position = Math.max(this.#position, ...messages.map((message) => message.position));
    const answers = messages.filter((message) => message.author === "assistant");
    if (answers.length > 0) {
      // While restoring, only what was said after the visitor's last words can still be a question to them.
      const lastVisitor = messages.findLastIndex((message) => message.author === "visitor");
      this.#ask = messages.slice(lastVisitor + 1).findLast((message) => message.ask)?.ask ?? null;
    }
    this.#view.showMessages(messages, { isRestored, isOpening, ask: this.#ask });
  }

  #showTrouble(error) {
    if (!error.status) return;
    this.#view.showStatus(error.status);
    this.#reconnection.schedule(error.retryAfter ?? 0);
  }

  /** The server has answered: nothing to reconnect to, and what was lost before can go now. */
  #showContact(status) {
    this.#view.showStatus(status);
    this.#reconnection.stop();
    if (this.#lost.length > 0) this.tryLost();
  }
}

/** The server could not use the answer to its question: it says why, and asks the same again. */
function wasRefused(item, messages) {
  return item.ask !== null && item.choice === null && messages.length > 1
    && messages.every((message) => message.kind === "question") && messages.at(-1).ask === item.ask;
}
