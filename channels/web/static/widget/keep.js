/** What a person takes along: an answer to copy, the conversation as a file or on paper. Made here: nothing is sent or stored. */
import { h } from "./dom.js";
import { plain } from "./markdown.js";
import { renderMessage } from "./message.js";
import { frenchDate, hour, TEXTS } from "./texts.js";

const CSS = `body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 Arial,Helvetica,sans-serif;color:#222324}
ol,.links{list-style:none;padding:0}li.message{margin:1.5rem 0;padding-left:1rem;border-left:4px solid #0c419a}li.user{border-color:#989b9b}
p{margin:.25rem 0}p.hidden{font-weight:700}span.hidden{display:none}.said{white-space:pre-wrap}.note,time{font-size:.875rem;color:#545859}
a{color:#0c419a;overflow-wrap:anywhere}a[href^=http]::after{content:" – " attr(href);font-weight:400}`;

/** An answer as plain text, with its addresses. @param {Message} message */
export function asText({ text, reference, links, source }) {
  const lines = [plain(text), reference && !text.includes(reference) && reference];
  lines.push(...links.map(({ label, url }) => `${label}\u00a0: ${url}`), source && `${TEXTS.source(source.url)}${checked(source)}`);
  return lines.filter(Boolean).join("\n\n");
}

/** @param {{checked_on: string | null}} source */
const checked = ({ checked_on: date }) => (date ? ` (${TEXTS.checked} ${frenchDate(date)})` : "");

/** Raises when the browser forbids it. @param {string} text @param {HTMLElement} near */
export async function copy(text, near) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const at = /** @type {ShadowRoot} */ (near.getRootNode()).activeElement;
  const box = h("textarea", {}); // pages without HTTPS
  box.value = text;
  near.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  /** @type {HTMLElement | null} */ (at)?.focus();
  if (!done) throw new Error("copy");
}

/** @param {Message[]} messages @param {string} name of the service */
export function save(messages, name) {
  const now = new Date().toISOString();
  const head = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`;
  const html = `${head}<title>${TEXTS.transcript}</title><style>${CSS}</style>${transcript(messages, name).outerHTML}`;
  const url = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  h("a", { href: url, download: `conversation-${now.slice(0, 10)}.html` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param {Message[]} messages @param {string} name @param {HTMLElement} near where a frame may stand meanwhile */
export function print(messages, name, near) {
  const frame = h("iframe", { class: "hidden", tabindex: "-1", title: TEXTS.transcript, onload: fill });
  near.append(frame);
  function fill() {
    const page = /** @type {Window & typeof globalThis} */ (frame.contentWindow);
    const sheet = new page.CSSStyleSheet();
    sheet.replaceSync(CSS); // a <style> would need the host's policy
    page.document.adoptedStyleSheets = [sheet];
    page.document.documentElement.lang = "fr";
    page.document.title = TEXTS.transcript;
    page.document.body.append(transcript(messages, name));
    page.addEventListener("afterprint", () => setTimeout(() => frame.remove()));
    page.print();
  }
}

/** @param {Message[]} messages @param {string} name */
function transcript(messages, name) {
  const none = /** @type {MessageHandlers} */ ({});
  const list = h("ol", {}, ...messages.map((message) => renderMessage(message, none)));
  for (const gesture of list.querySelectorAll("button,.choices,.verdict,svg")) gesture.remove();
  const now = new Date().toISOString();
  return h("main", {}, h("h1", {}, TEXTS.transcript), h("p", {}, name), h("p", {}, TEXTS.savedOn(frenchDate(now), hour(now))), list);
}
