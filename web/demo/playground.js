/** The configuration playground: puts a fresh chat on the page after every change and writes the line to copy. */
const form = document.querySelector("#settings");
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** What was changed, as [name, value] pairs; what is as it was at first is left out. */
function readChanges() {
  return [...form.elements]
    .filter((field) => field.name && field.value !== (field.defaultValue ?? field.options[0].value))
    .map((field) => [field.name, field.value + (field.dataset.unit ?? "")]);
}

function escapeAttribute(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

function show() {
  const changes = readChanges();
  const attributes = changes.filter(([name]) => name.startsWith("data-"));
  const variables = changes.filter(([name]) => name.startsWith("--"));
  const source = new URL("/widget.js", location).href;
  const written = attributes.map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join("");
  const rules = variables.map(([name, value]) => `  ${name}: ${value};\n`).join("");
  const styles = `acupuncture-chat {\n${rules}}`;
  document.querySelector("#line").textContent = `<script type="module" src="${source}"${written}></script>`;
  document.querySelector("#styles").textContent = styles;
  document.querySelector("#styles-part").hidden = variables.length === 0;
  sheet.replaceSync(styles);
  replaceChat(attributes);
}

function replaceChat(attributes) {
  const old = document.querySelector("acupuncture-chat");
  const chat = document.createElement("acupuncture-chat");
  for (const [name, value] of attributes) chat.setAttribute(name, value);
  if (old?.isOpen) chat.setAttribute("data-open", "");
  old?.remove();
  document.body.append(chat);
}

async function copy() {
  const parts = ["#line", "#styles-part:not([hidden]) #styles"].map((each) => document.querySelector(each)?.textContent);
  await navigator.clipboard.writeText(parts.filter(Boolean).join("\n\n"));
  const copied = document.querySelector("#copied");
  copied.textContent = copied.dataset.words;
}

form.addEventListener("change", show);
form.addEventListener("reset", () => setTimeout(show));
form.addEventListener("submit", (event) => event.preventDefault());
document.querySelector("#copy").addEventListener("click", copy);
show();
