// What is more comfortable with a script: copying, ticking all, single-key shortcuts. Nothing needs it.

const OFF = "console-shortcuts-off";

function storedOff() {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false; // storage is blocked: shortcuts stay on
  }
}

function storeOff(isOff) {
  try {
    localStorage.setItem(OFF, isOff ? "yes" : "no");
  } catch {
    // storage is blocked: the choice holds until the page is left
  }
}

function showCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const words = button.firstChild;
    const before = words.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      words.textContent = "Copied";
      setTimeout(() => { words.textContent = before; }, 2000);
    });
  }
}

function showTickAll() {
  const all = document.querySelector("[data-tick-all]");
  if (!all) return;
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll("input[name=chosen]")) box.checked = all.checked;
  });
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog[open]") !== null;
}

function moveInList(step) {
  const rows = [...document.querySelectorAll("table.leads tbody tr")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.classList.contains("is-here"));
  const next = Math.min(Math.max(here + step, 0), rows.length - 1);
  if (here >= 0) rows[here].classList.remove("is-here");
  rows[next].classList.add("is-here");
  rows[next].querySelector("a.name").focus();
}

function focusOn(selector) {
  const target = document.querySelector(selector);
  if (!target) return false;
  target.focus();
  target.scrollIntoView({ block: "center" });
  return true;
}

function tickHere() {
  const box = document.querySelector("tr.is-here input[name=chosen]");
  if (box) box.checked = !box.checked;
}

function setUpShortcuts() {
  const dialog = document.querySelector("[data-shortcuts]");
  const opener = document.querySelector("[data-shortcuts-open]");
  if (!dialog || !opener) return;
  const onBox = dialog.querySelector("[data-shortcuts-on]");
  opener.hidden = false;
  onBox.checked = !storedOff();
  onBox.addEventListener("change", () => storeOff(!onBox.checked));
  opener.addEventListener("click", () => dialog.showModal());
  const back = document.querySelector("[data-back]");
  const actions = {
    "/": () => focusOn("#search"),
    j: () => moveInList(1),
    k: () => moveInList(-1),
    x: tickHere,
    c: () => focusOn("#call-form input[name=outcome]"),
    n: () => focusOn("#note"),
    u: () => back && back.click(),
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isPlain || !onBox.checked || isTyping(event.target) || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
}

showCopyButtons();
showTickAll();
setUpShortcuts();
