/**
 * The tiny text format of answers, turned into nodes: a blank line starts a paragraph, lines with "- " make a
 * list, **bold**, and [label](address). Everything else is shown as it is written.
 */
import { create, createHidden } from "./elements.js";

const INLINE = /\*\*([^*]+)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)/;

/** Turns `text` into block nodes. `links` says where /contact leads and how a new tab is announced. */
export function formatBlocks(text, links) {
  return text.trim().split(/\n\s*\n/).flatMap((block) => formatBlock(block, links));
}

/** Turns one line of `text` into inline nodes. */
export function formatInline(text, links) {
  const match = INLINE.exec(text);
  if (!match) return text ? [document.createTextNode(text)] : [];
  const [whole, bold, label, address] = match;
  const inner = bold === undefined
    ? createLink(label, address, links)
    : [create("strong", {}, ...formatInline(bold, links))];
  return [
    document.createTextNode(text.slice(0, match.index)),
    ...inner,
    ...formatInline(text.slice(match.index + whole.length), links),
  ];
}

/**
 * The address a visitor may be led to, or null. Only https, phone, text message and the clinic's own contact
 * form: an address from a message can then never run a script or leave for an unsafe page.
 */
export function allowAddress(address, contactAddress) {
  if (/^\/contact(?:[?#]|$)/.test(address)) return new URL(address.slice("/contact".length), contactAddress).href;
  if (/^(?:tel|sms):\+?[\d-]+$/.test(address)) return address;
  try {
    const url = new URL(address);
    return url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link for an allowed address, else just its label's nodes. */
export function createLink(label, address, links) {
  const target = allowAddress(address, links.contactAddress);
  const content = formatInline(label, links);
  if (target === null) return content;
  // Web pages open beside the chat, so that the visitor does not lose it.
  const isPage = target.startsWith("https:") && !address.startsWith("/");
  const attributes = isPage ? { href: target, target: "_blank", rel: "noopener noreferrer" } : { href: target };
  const link = create("a", attributes, ...content);
  if (isPage) link.append(createHidden(` ${links.newTab}`));
  return [link];
}

function formatBlock(block, links) {
  const nodes = [];
  for (const line of block.split("\n").map((each) => each.trim()).filter(Boolean)) {
    const last = nodes.at(-1);
    if (line.startsWith("- ")) {
      const item = create("li", {}, ...formatInline(line.slice(2), links));
      if (last?.tagName === "UL") last.append(item);
      else nodes.push(create("ul", {}, item));
    } else if (last?.tagName === "P") {
      last.append(create("br"), ...formatInline(line, links));
    } else {
      nodes.push(create("p", {}, ...formatInline(line, links)));
    }
  }
  return nodes;
}
