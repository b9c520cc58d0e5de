/**
 * Two questions of the consultation request look like what they are: the summary is a card with an edit button in
 * each line, and consent is a box to tick. Both only re-arrange the message's own words and choices.
 */
import { create, createIcon } from "./elements.js";

/**
 * Puts the choices that change a detail beside that detail. The contract with the content: the text of a `confirm`
 * question has one list; its choices are "send", then one for each line of the list, then the others.
 * Returns the choices that are left. Without that form nothing is re-arranged.
 */
export function placeEditButtons(bubble, choices, createChoice) {
  const lines = [...bubble.querySelectorAll("li")];
  if (lines.length === 0 || choices.length <= lines.length) return choices;
  bubble.classList.add("summary");
  lines.forEach((line, index) => {
    const edit = createChoice(choices[index + 1]);
    edit.classList.add("edit");
    // "Change", beside what it changes; the whole title for those who do not see where it stands.
    edit.setAttribute("aria-label", edit.textContent);
    edit.replaceChildren(createIcon("edit"), edit.textContent.split(" ")[0]);
    line.append(edit);
  });
  return [choices[0], ...choices.slice(lines.length + 1)];
}

/**
 * The box for the first choice of a `consent` question, never ticked beforehand. `isGiven()` tells whether it is
 * ticked, and if not, says what is missing. `say(text)` speaks to screen readers.
 */
export function createConsent(title, { strings, say }) {
  const problem = create("p.problem", { id: `consent-${crypto.getRandomValues(new Uint32Array(1))}` });
  const box = create("input", { type: "checkbox", "aria-describedby": problem.id });
  const show = (reason) => {
    problem.textContent = reason;
    box.setAttribute("aria-invalid", String(reason !== ""));
  };
  box.addEventListener("change", () => show(""));
  const isGiven = () => {
    if (box.checked) return true;
    show(strings.consent_missing);
    say(strings.consent_missing);
    box.focus();
    // The reason must not push the buttons out of sight.
    node.nextSibling.scrollIntoView({ block: "nearest" });
    return false;
  };
  const node = create("div.consent", {}, create("label.way", {}, box, title), problem);
  return { node, isGiven };
}
