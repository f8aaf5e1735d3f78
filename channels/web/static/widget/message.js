/** One message as an item of the log: its text, links, source, choices. */
import { verdict } from "./choices.js";
import { h, icon } from "./dom.js";
import { blocks, link, parse } from "./markdown.js";
import { frenchDate, hour, TEXTS } from "./texts.js";

const COPIED = new Set(["answer", "out_of_scope", "handoff_done"]); // kinds worth keeping

/**
 * @param {Message} message
 * @param {MessageHandlers} handlers
 * @param {number} [refused] seq of the answer that the person has just refused
 */
export function renderMessage(message, handlers, refused) {
  const final = verdict(message);
  const pills = final ? message.choices.slice(0, -2) : message.choices;
  const bot = message.from === "bot";
  return h(
    "li",
    { class: `message ${message.from} ${message.kind.replace(/\W/g, "")}` },
    h(
      "div",
      { class: "body" },
      h("p", { class: "hidden" }, `${bot ? TEXTS.bot : TEXTS.user}\u00a0:`),
      ...(bot ? blocks(message.text) : [h("p", { class: "said" }, message.text)]),
      reference(message),
      message.links.length > 0 && h("ul", { class: "links" }, ...message.links.map((one) => service(message, one, handlers))),
      source(message),
      message.kind === "handoff_offer" &&
        h("button", { type: "button", class: "primary", onclick: handlers.onWrite }, TEXTS.formButton),
      pills.length > 0 && h("ul", { class: "choices" }, ...pills.map((choice) => h("li", {}, button(choice, handlers)))),
      final && asked(message, final, handlers),
      refused !== undefined && reasons(refused, handlers),
    ),
    h("div", { class: "foot", "aria-live": "off" }, time(message), COPIED.has(message.kind) && copier(message, handlers)),
  );
}

/** @param {Message} message */
const time = ({ at }) => at && h("time", { datetime: at }, hour(at));

/** @param {Message} message @param {MessageHandlers} handlers */
function copier(message, handlers) {
  const one = h("button", { type: "button", class: "quiet", onclick: copy }, TEXTS.copy, h("span", { class: "hidden" }, ` ${TEXTS.copyWhat}`));
  async function copy() {
    if (await handlers.onCopy(message)) one.replaceChildren(icon("check"), TEXTS.copied);
  }
  return one;
}

/**
 * Shows which choices were used. An answer's «Oui» and «Non» count once; other choices can be taken again.
 * @param {HTMLElement} item
 * @param {Set<string>} used
 */
export function markUsed(item, used) {
  for (const one of item.querySelectorAll("button[data-choice]")) {
    if (one.classList.contains("used") || !used.has(one.getAttribute("data-choice") ?? "")) continue;
    one.classList.add("used");
    one.prepend(icon("check"));
    one.setAttribute("aria-pressed", "true"); // no words: the log would say them
    one.closest(".choices, .verdict")?.classList.add("done");
    for (const other of one.closest(".verdict")?.querySelectorAll("button") ?? []) other.setAttribute("aria-disabled", "true");
  }
}

/** @param {Message} message */
function reference({ reference: number, text }) {
  return number && !text.includes(number) && h("p", {}, `${TEXTS.reference}\u00a0: `, h("strong", {}, number));
}

/** @param {Message} message @param {Link} one @param {MessageHandlers} handlers */
function service(message, { id, label, url, login }, handlers) {
  const anchor = link(url, label, { class: "service", onclick: () => handlers.onLink(message, id) });
  if (anchor instanceof HTMLElement) anchor.prepend(icon("out"));
  return h("li", {}, anchor, login && h("p", { class: "note" }, TEXTS.login));
}

/** @param {Message} message */
function source({ source: origin }) {
  const site = origin && parse(origin.url)?.hostname.replace(/^www\./, "");
  if (!site) return null;
  if (!origin.checked_on) return h("p", { class: "note" }, link(origin.url, TEXTS.toCheck(site)));
  const date = h("time", { datetime: origin.checked_on }, frenchDate(origin.checked_on));
  return h("p", { class: "note" }, link(origin.url, TEXTS.source(site)), ` — ${TEXTS.checked} `, date);
}

/** @param {Choice} choice @param {MessageHandlers} handlers */
function button(choice, handlers) {
  return h("button", { type: "button", class: "pill", "data-choice": choice.id, onclick: press }, h("span", {}, choice.label));
  /** @param {Event} event */
  function press({ currentTarget }) {
    if (/** @type {HTMLElement} */ (currentTarget).getAttribute("aria-disabled") !== "true") handlers.onChoice(choice);
  }
}

/** @param {Message} message @param {{yes: Choice, no: Choice}} final @param {MessageHandlers} handlers */
function asked({ seq }, { yes, no }, handlers) {
  const id = `verdict-${seq}`;
  return h(
    "div",
    { class: "verdict", role: "group", "aria-labelledby": id },
    h("p", { id }, TEXTS.helped),
    h("div", {}, button(yes, handlers), button(no, handlers)),
  );
}

/** @param {number} seq @param {MessageHandlers} handlers */
function reasons(seq, handlers) {
  const thanks = h("p", { role: "status", class: "note" });
  const buttons = Object.entries(TEXTS.why).map(([reason, label]) => {
    const one = h("button", { type: "button", class: "pill", onclick: () => give(reason, one) }, label);
    return one;
  });
  /** @param {string} reason @param {HTMLElement} one */
  const give = async (reason, one) => {
    if (one.classList.contains("used")) return;
    try {
      await handlers.onReason(seq, reason);
    } catch (error) {
      thanks.textContent = /** @type {Error} */ (error).message;
      return;
    }
    for (const other of buttons) other.classList.toggle("used", other === one);
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === one));
    thanks.textContent = TEXTS.whyThanks;
  };
  return h(
    "details",
    {},
    h("summary", {}, TEXTS.whyTitle),
    h("ul", { class: "choices" }, ...buttons.map((one) => h("li", {}, one))),
    thanks,
  );
}
