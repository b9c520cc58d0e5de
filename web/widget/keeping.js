/** What the visitor can take along: the conversation or a reference as a text file, and the conversation on paper. */
import { create } from "./elements.js";

// While printing, everything on the page but the chat is left out; before and after, the page is not touched.
const PRINTED = `@media print {
  body *:not(:has(acupuncture-chat)):not(acupuncture-chat) { display: none !important }
}`;

/** Hands `text` to the browser as the file `name`. Nothing leaves the device. */
export function saveFile(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  create("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Today as part of a file's name, in the visitor's own day. */
export function dateForName(now = new Date()) {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** One message as lines of text; addresses of web pages are written out. */
export function writeMessage(row) {
  const lines = [...row.querySelectorAll(".bubble > :not(ul), .bubble li, p.bubble, .sources")].map((block) => {
    const text = writeText(block);
    return block.tagName === "LI" ? `- ${text}` : text;
  });
  return [row.firstChild.textContent, ...lines].join("\n");
}

function writeText(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.matches("button, svg, .visually-hidden")) return "";
  if (node.tagName === "BR") return "\n";
  const text = [...node.childNodes].map(writeText).join("");
  return node.protocol === "https:" ? `${text} (${node.href})` : text;
}

export function printConversation() {
  const before = document.adoptedStyleSheets;
  if (before) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(PRINTED);
    document.adoptedStyleSheets = [...before, sheet];
    addEventListener("afterprint", () => {
      document.adoptedStyleSheets = [...document.adoptedStyleSheets].filter((each) => each !== sheet);
    }, { once: true });
  }
  print();
}
