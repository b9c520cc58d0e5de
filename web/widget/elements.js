/** Building nodes. Text only ever becomes text nodes, so nothing in this widget can parse HTML. */

/** Makes an element. `class`, `part` and other attributes come from `attributes`; null, undefined, false are left out. */
export function create(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function createHidden(text) {
  return create("span", { class: "visually-hidden" }, text);
}

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12h15M13 6l6 6-6 6",
  alert: "M12 8v5M12 16.5v.01M12 3l9.5 17h-19z",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

export function createIcon(name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("class", `icon icon-${name}`);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", PATHS[name]);
  icon.append(shape);
  return icon;
}

/** Picks the sentence for a count: `key_one` for 1, else `key_many` with the number filled in. */
export function countWords(strings, key, count) {
  return count === 1 ? strings[`${key}_one`] : strings[`${key}_many`].replace("{count}", count);
}
