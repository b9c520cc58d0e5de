/** The chat server's six calls. Every way they can fail becomes one ChatError with a code. */

// The server answers within about ten seconds even when its engine is down; after that it is gone.
const PATIENCE_MILLISECONDS = 15_000;

/** `code` is the server's own, or offline, unreachable (no usable reply came back). */
export class ChatError extends Error {
  constructor(code, retryAfter = null) {
    super(code);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get isSessionEnded() {
    return this.code === "session_expired" || this.code === "session_missing";
  }

  /** What to show above the messages: the visitor is "offline", the server "unreachable", or null: it only refused. */
  get status() {
    if (this.code === "offline") return "offline";
    return ["unreachable", "storage_unavailable", "internal"].includes(this.code) ? "unreachable" : null;
  }
}

export class ChatApi {
  #base;

  /** `base` is the server's address as a URL ending in a slash. */
  constructor(base) {
    this.#base = base;
  }

  /** Starts a session. Returns `{token, messages}`. `page` is a path without query: it may hold health words. */
  async startSession(page) {
    return this.#call("POST", "sessions", { body: { page } }, (reply) => ({ token: reply.token, messages: readMessages(reply) }));
  }

  /** Sends `{client_message_id, text}` or `{client_message_id, choice}`. Returns `{messages, isLimited}`. */
  async sendMessage(token, message) {
    return this.#call("POST", "messages", { token, body: message }, (reply) => {
      const messages = readMessages(reply);
      // An accepted message without an answer is a failure, not silence.
      if (messages.length === 0) throw new ChatError("unreachable");
      return { messages, isLimited: reply.limited === true };
    });
  }

  /** The messages of both sides after `position`. */
  async listMessages(token, position) {
    return this.#call("GET", `messages?after=${position}`, { token }, readMessages);
  }

  /** Keeps `{message_id, verdict, reason}`: whether an answer helped. A second verdict replaces the first. */
  async sendFeedback(token, feedback) {
    await this.#call("POST", "feedback", { token, body: feedback }, () => null);
  }

  async deleteSession(token) {
    await this.#call("DELETE", "sessions", { token }, () => null);
  }

  /** Takes back that the clinic may contact the visitor. Returns what the assistant says to it. */
  async withdrawConsent(token) {
    return this.#call("DELETE", "consent", { token }, readMessages);
  }

  /** `read` takes what is needed from the reply's JSON. A reply it cannot read is no reply. */
  async #call(method, path, { token, body }, read) {
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MILLISECONDS);
    try {
      const response = await fetch(new URL(`api/v1/${path}`, this.#base), {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal: patience.signal,
      });
      return read(await readReply(response));
    } catch (error) {
      if (error instanceof ChatError) throw error;
      throw new ChatError(navigator.onLine ? "unreachable" : "offline");
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A proxy's error page is not JSON and not from our server: it throws here and counts as unreachable. */
async function readReply(response) {
  if (response.status === 204) return null;
  const body = await response.json();
  if (response.ok) return body;
  throw new ChatError(body.error.code, body.error.retry_after ?? null);
}

/** A reply without its messages is no reply: this throws then, and the call fails. */
function readMessages({ messages }) {
  return messages.slice();
}

/** A fresh id for one message. Not `crypto.randomUUID`, which exists only on https pages of newer browsers. */
export function createMessageId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
