/** Building nodes. Text only ever becomes text nodes, so nothing in this widget can parse HTML. */

/**
 * Makes an element. `name` is a tag and its classes, "li.message.visitor"; a page may style every class as a part
 * of the same name. Attributes and children that are null, undefined or false are left out.
 */
export function create(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length > 0) {
    node.className = classes.join(" ");
    node.setAttribute("part", node.className);
  }
  for (const [attribute, value] of Object.entries(attributes)) {
    if (isThere(value)) node.setAttribute(attribute, value === true ? "" : value);
  }
  node.append(...children.filter(isThere));
  return node;
}

/** Makes a button that does nothing but what `onPress` says. */
export function createButton(name, attributes, onPress, ...children) {
  const button = create(`button.${name}`, { type: "button", ...attributes }, ...children);
  button.addEventListener("click", onPress);
  return button;
}

function isThere(value) {
  return value !== null && value !== undefined && value !== false;
}

export function createHidden(text) {
  return create("span.visually-hidden", {}, text);
}

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12h15M13 6l6 6-6 6",
  alert: "M12 8v5M12 16.5v.01M12 3l9.5 17h-19z",
  mark: "M7 9v7M12 5v14M17 9v7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  edit: "M4 20h4L19 9l-4-4L4 16z",
  up: "M7 11v9H4v-9zM7 11l4-8c2 0 3 1 2.5 3.5L13 9h6c1 0 2 1 1.7 2.2l-1.6 7C19 19 18.5 20 17 20H7",
};

/** An icon by the name of its path; `down` is `up` turned over, by its style. */
export function createIcon(name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("class", `icon icon-${name}`);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", PATHS[name] ?? PATHS.up);
  icon.append(shape);
  return icon;
}

/** Picks the sentence for a count: `key_one` for 1, else `key_many` with the number filled in. */
export function countWords(strings, key, count) {
  return count === 1 ? strings[`${key}_one`] : strings[`${key}_many`].replace("{count}", count);
}
