/** The service's small Markdown as DOM nodes; never HTML. Paragraphs, "- " lists, **bold**, [text](url). */
import { h } from "./dom.js";
import { TEXTS } from "./texts.js";

const SCHEMES = new Set(["https:", "tel:", "sms:"]);
const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** Paragraphs and lists. @param {string} text */
export function blocks(text) {
  /** @type {HTMLElement[]} */
  const out = [];
  for (const block of text.trim().split(/\n\s*\n/)) {
    /** @type {HTMLElement | undefined} */
    let open;
    for (const line of block.split("\n")) {
      const item = /^\s*- +(.*)/.exec(line);
      const tag = item ? "ul" : "p";
      if (open?.localName !== tag) out.push((open = h(tag)));
      else if (!item) open.append(h("br"));
      open.append(...(item ? [h("li", {}, ...inline(item[1]))] : inline(line)));
    }
  }
  return out;
}

/** Without its marks; the addresses follow their words. @param {string} text @returns {string} */
export function plain(text) {
  return text.replace(INLINE, (_, bold, label, url) => (bold ? plain(bold) : /^https/.test(url) ? `${label} (${url})` : label));
}

/** @param {string} text @returns {(Node | string)[]} */
export function inline(text) {
  /** @type {(Node | string)[]} */
  const out = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    out.push(match[1] ? h("strong", {}, ...inline(match[1])) : link(match[3], match[2]));
  }
  return [...out, text.slice(from)].filter((part) => part !== "");
}

/**
 * A safe link; the label alone when the address is not one we follow. Web addresses open a new tab, and say so.
 * @param {string} url @param {string} label @param {object} [attributes]
 */
export function link(url, label, attributes = {}) {
  const scheme = parse(url)?.protocol;
  if (!scheme || !SCHEMES.has(scheme)) return label;
  return scheme === "https:" ? page(url, label, attributes) : h("a", { href: url, ...attributes }, label);
}

/** A link that opens a new tab. @param {string} url one of ours, or seen by `link` @param {string} label @param {object} [attributes] */
export function page(url, label, attributes) {
  const hint = h("span", { class: "hidden" }, ` ${TEXTS.newTab}`);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...attributes }, label, hint);
}

/** @param {string} url */
export function parse(url) {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
