// The findings beside the fields, while one writes. Without it, "Check without saving" does the same.

const PAUSE = 500; // milliseconds without a key before the check is asked for

function listInto(list, texts) {
  list.replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

function say(form, text) {
  const summary = form.querySelector("[data-summary]");
  if (summary.textContent.trim() !== text) summary.textContent = text;
}

function showNotes(form, notes) {
  for (const list of form.querySelectorAll("[data-notes]")) {
    const here = notes.filter((note) => `${note.field}-${note.number}` === list.dataset.notes);
    listInto(list, here.map((note) => note.message));
  }
  const count = notes.length === 1 ? "1 finding" : `${notes.length} findings`;
  say(form, notes.length ? `${count}. It can be saved; it cannot be published yet.` : "No findings.");
}

function showMeters(form, meters) {
  for (const [number, meter] of meters.entries()) {
    const parts = form.querySelectorAll(`[data-meter="${number}"] span`);
    if (parts.length !== 2) continue;
    parts[0].textContent = `${meter.words} of ${meter.words_at_most} words`;
    parts[0].classList.toggle("late", meter.words > meter.words_at_most);
    parts[1].textContent = `reads at grade ${meter.grade} (at most ${meter.grade_at_most})`;
    parts[1].classList.toggle("late", meter.grade > meter.grade_at_most);
  }
}

function showCheck(form, check) {
  showNotes(form, check.notes);
  showMeters(form, check.meters);
  listInto(form.querySelector("[data-similar]"), check.similar.map(
    ([here, there, intent]) => `“${here}” is close to “${there}” of ${intent.replace(/^ask_/, "").replaceAll("_", " ")}`,
  ));
  form.querySelector("[data-no-similar]").hidden = check.similar.length > 0;
  for (const [number, message] of check.previews.entries()) {
    const preview = form.querySelector(`[data-preview="${number}"]`);
    const text = JSON.stringify(message);
    if (preview.getAttribute("message") !== text) preview.setAttribute("message", text);
  }
}

let asked = 0;
async function check(form) {
  const number = asked += 1;
  let response;
  try {
    response = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const body = await response.json();
    if (number !== asked) return; // a newer check is under way
    if (response.ok) showCheck(form, body);
    else say(form, body.error.message);
  } catch {
    if (number === asked) say(form, "The check cannot be reached. You can go on writing; save tells what is wrong.");
  }
}

const form = document.querySelector("[data-studio-form]");
let waiting;
function checkSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(() => check(form), PAUSE);
}
form?.addEventListener("input", checkSoon);

// A button beside each way to ask takes its row out; Enter in the field for new ones adds them as rows.

function rowsOf(list) {
  return [...list.querySelectorAll("input")];
}

function number(list) {
  for (const [place, input] of rowsOf(list).entries()) {
    input.setAttribute("aria-label", `Way to ask ${place + 1}`);
    input.nextElementSibling?.setAttribute("aria-label", `Remove: ${input.value}`);
  }
  const filled = rowsOf(list).filter((input) => input.value.trim()).length;
  const count = form.querySelector(`[data-wording-count="${list.dataset.wordings}"]`);
  count.textContent = `${filled} so far.`;
}

function addButton(list, item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button plain low";
  button.textContent = "Remove";
  button.addEventListener("click", () => {
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    number(list);
    (neighbour?.querySelector("input") ?? form.querySelector(`[data-more="${list.dataset.wordings}"]`)).focus();
    checkSoon();
  });
  item.append(button);
}

function addRow(list, text) {
  const item = document.createElement("li");
  const input = document.createElement("input");
  Object.assign(input, { type: "text", name: `wordings-${list.dataset.wordings}`, value: text });
  item.append(input);
  addButton(list, item);
  list.append(item);
}

for (const list of form?.querySelectorAll("[data-wordings]") ?? []) {
  for (const item of list.children) addButton(list, item);
  number(list);
  const more = form.querySelector(`[data-more="${list.dataset.wordings}"]`);
  list.addEventListener("input", () => number(list));
  list.addEventListener("keydown", (event) => { // otherwise Enter would save the whole form
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    (event.target.parentElement.nextElementSibling?.querySelector("input") ?? more).focus();
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    for (const line of more.value.split("\n").map((text) => text.trim()).filter(Boolean)) addRow(list, line);
    more.value = "";
    number(list);
    list.lastElementChild?.scrollIntoView({ block: "nearest" });
    checkSoon();
  });
}
