/** One message as nodes: what the assistant said, with its choices and sources, and what the visitor said. */
import { create, createButton, createHidden, createIcon } from "./elements.js";
import { createFeedback } from "./feedback.js";
import { createLink, formatBlocks } from "./formatting.js";
import { createConsent, placeEditButtons } from "./request-cards.js";

const LABELS = { urgent: ["urgent_label", "alert"], notice: ["notice_label", null], saved: ["saved_label", "check"] };

// The answers are reviewed in this language only; the words around them may be in another.
const ANSWERS = { lang: "en", dir: "auto" };

/**
 * Builds the assistant's message. `options`: `strings`, `links`, `onChoice(choice)` called once per pressed choice,
 * `onFeedback(message, verdict, reason)`, `onSaveReference(text, reference)`, `say(text)`.
 */
export function createAssistantMessage(message, options) {
  const { strings, links } = options;
  const bubble = create("div.bubble", ANSWERS, createKindLabel(message.kind, strings));
  bubble.append(...formatBlocks(message.text, links));
  if (message.lead_reference) bubble.append(createReference(message, options));
  const kind = message.kind in LABELS ? message.kind : "text";
  return create(
    `li.message.assistant.${kind}`,
    { "data-kind": message.kind },
    createHidden(strings.said_by_assistant),
    bubble,
    message.sources.length > 0 ? createSources(message.sources, options) : null,
    message.kind === "answer" ? createFeedback({
      strings,
      give: (verdict, reason) => options.onFeedback(message, verdict, reason),
      say: options.say,
    }) : null,
    ...createChoices(message, bubble, options),
  );
}

/** Builds the visitor's message: their own words exactly, never formatted. */
export function createVisitorMessage(text, strings) {
  return create(
    "li.message.visitor",
    {},
    createHidden(strings.said_by_visitor),
    create("p.bubble", {}, text),
  );
}

/** Shows under the visitor's message how sending it goes. Does nothing once it is sent. */
export function showDelivery(row, item, { strings, onRetry }) {
  row.dataset.state = item.state;
  const old = row.querySelector(".delivery");
  if (item.state === "sending" && old) {
    // The pressed button stays where the focus is until the outcome is known.
    const button = old.querySelector("button");
    button?.setAttribute("aria-disabled", "true");
    if (button) button.textContent = strings.retrying;
    return;
  }
  old?.remove();
  if (item.state === "dropped") row.append(create("p.delivery", {}, strings.not_sent));
  if (item.state !== "failed") return;
  const delivery = create("div.delivery", {}, create("p", {}, describeFailure(item.error, strings)));
  if (canRetry(item.error)) delivery.append(createButton("retry", {}, onRetry, strings.try_again));
  row.append(delivery);
}

/** Says in the visitor's words why a message was not sent. */
export function describeFailure(error, strings) {
  if (error.code === "too_many_requests" && error.retryAfter) {
    return error.retryAfter === 1
      ? strings.failed_wait_one
      : strings.failed_wait_many.replace("{count}", Math.ceil(error.retryAfter));
  }
  return strings[`failed_${error.code}`] ?? strings.failed_other;
}

/** Marks the choice with this title as the one taken. */
export function markChosen(row, title, strings) {
  const button = [...row.querySelectorAll(".choice")].find((each) => each.dataset.title === title);
  if (!button || button.dataset.chosen !== undefined) return;
  button.dataset.chosen = "";
  button.prepend(createIcon("check"));
  button.append(createHidden(` ${strings.chosen}`));
  switchOff(button);
}

/** A question that was answered takes no second answer. Other choices stay open: one may want to read both. */
export function closeQuestion(row) {
  if (row.dataset.kind === "question") closeChoices(row);
}

/** All choices of an ended session: its tokens mean nothing to the next one. */
export function closeChoices(row) {
  row.querySelectorAll(".choice, .consent input").forEach(switchOff);
}

/** What a screen reader says when the message comes in: its text once, then the choices. */
export function readAloud(row, strings) {
  const blocks = [...row.querySelectorAll(".bubble > :not(ul):not(button), .bubble > ul > li")].map(
    (block) => [...block.childNodes].filter((node) => node.tagName !== "BUTTON").map((node) => node.textContent).join(""),
  );
  const titles = [...row.querySelectorAll(".choice")].map((choice) => choice.dataset.title);
  if (titles.length > 0) blocks.push(`${strings.choices} ${titles.join(", ")}.`);
  return blocks.join(" ");
}

function createKindLabel(kind, strings) {
  const [label, icon] = LABELS[kind] ?? [];
  if (!label) return null;
  return create("p.kind", {}, icon && createIcon(icon), strings[label]);
}

function createReference({ text, lead_reference: reference }, { strings, onSaveReference }) {
  const value = create("strong.reference-value", { translate: "no" }, reference);
  const save = createButton("quiet", {}, () => onSaveReference(text, reference), strings.save_reference);
  return create("div.reference", {}, create("p", {}, `${strings.reference} `, value), save);
}

function createSources(sources, { strings, links }) {
  const line = create("p.sources", {}, sources.length > 1 ? strings.sources : strings.source);
  sources.forEach(({ name, url }, index) => {
    line.append(index === 0 ? " " : "; ", ...createLink(name, url, links));
  });
  return line;
}

/** The choices below the bubble, and what has to come before them. */
function createChoices({ ask, choices }, bubble, options) {
  if (choices.length === 0) return [];
  if (ask === "consent") return createConsentChoices(choices, options);
  const make = (choice) => createChoice(choice, options);
  return [createList((ask === "confirm" ? placeEditButtons(bubble, choices, make) : choices).map(make))];
}

function createConsentChoices([yes, ...others], options) {
  const { node, isGiven } = createConsent(yes.title, options);
  const agree = createChoice(yes, { ...options, mayChoose: isGiven });
  agree.textContent = options.strings.consent_continue;
  return [node, createList([agree, ...others.map((choice) => createChoice(choice, options))])];
}

function createList(buttons) {
  return create("ul.choices", ANSWERS, ...buttons.map((button) => create("li", {}, button)));
}

function createChoice(choice, { strings, onChoice, mayChoose = () => true }) {
  const press = () => {
    if (button.getAttribute("aria-disabled") === "true" || !mayChoose()) return;
    markChosen(button.closest(".message"), choice.title, strings);
    onChoice(choice);
  };
  const button = createButton("choice", { "data-title": choice.title }, press, choice.title);
  return button;
}

/** Disabled at once for the visitor, but natively only after the focus has moved on: it must not fall off the page. */
function switchOff(button) {
  button.setAttribute("aria-disabled", "true");
  if (button.getRootNode().activeElement !== button) button.disabled = true;
  else button.addEventListener("blur", () => { button.disabled = true; }, { once: true });
}

function canRetry(error) {
  return !["choice_not_valid", "message_too_long", "message_empty", "bad_request"].includes(error.code);
}
