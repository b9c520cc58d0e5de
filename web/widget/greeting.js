/**
 * A small note beside the launcher, for pages that ask for one. Dismissed, it stays away on this device. It is
 * not announced: nobody asked for it. Only a page that asks for a greeting has its storage read.
 */
const KEY = "acupuncture-chat.greeting";

/** Whether this visitor has sent the greeting away before. Without storage, nobody knows. */
export function wasDismissed() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, "dismissed");
  } catch {
    // It comes back on the next page.
  }
}

/** Builds the note. `text` may be empty, then the words in `strings` are shown; `onOpen()` opens the chat. */
export function createGreeting({ text, strings, onOpen }) {
  const note = document.createElement("div");
  name(note, "greeting");
  const open = document.createElement("button");
  open.type = "button";
  open.textContent = text || strings.greeting;
  open.addEventListener("click", onOpen);
  name(open, "greeting-text");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", strings.greeting_close);
  name(close, "greeting-close");
  close.addEventListener("click", () => {
    remember();
    // The focus goes to the launcher rather than nowhere.
    note.parentNode.querySelector(".launcher").focus();
    note.remove();
  });
  note.append(open, close);
  return note;
}

function name(node, part) {
  node.className = part;
  node.setAttribute("part", part);
}
