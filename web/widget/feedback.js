/** "Was this helpful?" under an answer: two buttons, and after "no" a line for the reason. */
import { create, createButton, createIcon } from "./elements.js";

const LONGEST_REASON = 300;

/** Builds it for one message. `give(verdict, reason)` resolves to whether the server has it; `say(text)` speaks. */
export function createFeedback({ strings, give, say }) {
  const outcome = create("span.outcome");
  const report = (isKept) => {
    outcome.textContent = isKept ? strings.feedback_thanks : strings.feedback_failed;
    say(outcome.textContent);
  };
  const form = createReasonForm(strings, async (reason) => report(await give("down", reason)));
  const createThumb = (verdict) => {
    const press = async () => {
      const isKept = await give(verdict, null);
      report(isKept);
      if (!isKept) return;
      thumbs.forEach((each) => each.setAttribute("aria-pressed", String(each === thumb)));
      form.hidden = verdict === "up";
      form.scrollIntoView({ block: "nearest" });
    };
    const label = strings[`feedback_${verdict}`];
    const attributes = { "aria-label": label, title: label, "aria-pressed": "false" };
    const thumb = createButton("thumb", attributes, press, createIcon(verdict));
    return thumb;
  };
  const thumbs = [createThumb("up"), createThumb("down")];
  return create(
    "div.feedback", { role: "group", "aria-label": strings.feedback_question },
    create("span", { "aria-hidden": "true" }, strings.feedback_question), ...thumbs, outcome, form,
  );
}

function createReasonForm(strings, onReason) {
  const field = create("input.field", { maxlength: LONGEST_REASON, autocomplete: "off" });
  const button = create("button.quiet", { type: "submit" }, strings.send);
  const form = create(
    "form.reason", { hidden: true },
    create("label", {}, strings.feedback_reason, field), button,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = field.value.trim();
    if (!reason) {
      field.focus();
      return;
    }
    // First, so that the focus does not fall off the page with the form.
    form.parentNode.querySelector(".thumb[aria-pressed=true]").focus();
    form.hidden = true;
    onReason(reason);
  });
  return form;
}
