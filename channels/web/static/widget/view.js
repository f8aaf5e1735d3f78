/** The panel's DOM: header, ways to be helped, log, input. Knows no network. */
import { Bar } from "./bar.js";
import { callable, h, icon } from "./dom.js";
import { inline, link, page } from "./markdown.js";
import { markUsed, renderMessage } from "./message.js";
import { TEXTS } from "./texts.js";

const TYPING_AFTER = 500; // ms
const BACK_FOR = 8_000; // ms that the return of the connection is shown

export class View {
  /** @type {Map<number, HTMLElement>} */
  #items = new Map();
  /** @type {HTMLElement | null} */
  #echo = null;
  #typingTimer = 0;

  #list = h("ol");
  #status = h("p", { role: "status", class: "status" });
  #done = h("p", { role: "status", class: "hidden" });
  #intro = h("p", { class: "note intro" }, TEXTS.intro);
  #scroller = h(
    "div",
    { class: "scroller", role: "group", "aria-label": TEXTS.messages, tabindex: "0" },
    this.#intro,
    h("div", { role: "log", "aria-live": "polite", "aria-label": TEXTS.log }, this.#list),
    this.#status,
  );
  /** @type {ConnectionState} */
  #state = "";
  #connection = h("p", { role: "status" });
  #giveUp = h("button", { type: "button", class: "quiet", onclick: () => this.handlers.onGiveUp() }, TEXTS.giveUp);
  #tries = h(
    "div",
    { hidden: true },
    h("button", { type: "button", class: "secondary", onclick: () => this.handlers.onRetry() }, TEXTS.retry),
    this.#giveUp,
  );
  #refusal = h("p", { role: "alert", class: "error", id: "refusal" });
  #retry = h("button", { type: "button", class: "secondary", hidden: true }, TEXTS.retry);
  #input = h("textarea", {
    id: "input", rows: "1", placeholder: TEXTS.placeholder, autocomplete: "off", enterkeyhint: "send", "aria-describedby": "refusal disclosure",
  });
  #composer;
  #form = h("div", { class: "scroller", hidden: true });

  /** @param {PanelHandlers} handlers @param {{name: string, lang: string, privacy: string | null, api: string}} options */
  constructor(handlers, { name, lang, privacy, api }) {
    this.handlers = handlers;
    this.bar = new Bar(handlers);
    this.#intro.append(" ", privacy ? link(privacy, TEXTS.privacy) : page(`${api}/donnees`, TEXTS.privacy));
    this.#composer = h(
      "form",
      { class: "composer", novalidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), handlers.onSubmit()) },
      this.#refusal,
      this.#retry,
      h("label", { class: "hidden", for: "input" }, TEXTS.input),
      h("div", { class: "entry" }, this.#input, h("button", { type: "submit", class: "primary" }, TEXTS.send)),
      h("p", { class: "note", id: "disclosure" }, TEXTS.disclosure),
    );
    this.element = h(
      "section",
      { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", lang, hidden: true },
      h(
        "div",
        { class: "header" },
        h("div", {}, h("h2", { id: "title" }, name), name !== TEXTS.title && h("p", {}, TEXTS.title)),
        h("button", { type: "button", class: "quiet", onclick: handlers.onErase }, TEXTS.erase),
        h("button", { type: "button", class: "quiet close", "aria-label": TEXTS.close, onclick: handlers.onClose }, icon("close")),
      ),
      this.bar.element,
      this.#scroller,
      this.#done,
      h("div", { class: "connection" }, this.#connection, this.#tries),
      this.#composer,
      this.#form,
    );
    this.#input.addEventListener("input", () => this.#grow());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      handlers.onSubmit();
    });
  }

  get draft() {
    return this.#input.value;
  }

  set draft(text) {
    this.#input.value = text;
    this.#grow();
  }

  focusInput() {
    this.#input.focus();
  }

  /** Tells politely, once, what became of the connection. @param {ConnectionState} state */
  setConnection(state) {
    if (state === this.#state || (state === "back" && !this.#state)) return;
    const at = /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement;
    this.#state = state;
    this.#connection.replaceChildren(...(state ? inline(TEXTS[state]) : []));
    this.#tries.hidden = !state || state === "back";
    if (state !== "trying") this.#giveUp.hidden = state !== "unsent";
    this.element.dataset.connection = this.#tries.hidden ? state : "lost";
    this.scrollTo(this.#echo);
    if (state === "back") setTimeout(() => this.#state === "back" && this.setConnection(""), BACK_FOR);
    if (!this.#tries.contains(at) || at?.getClientRects().length) return;
    const next = this.#form.hidden ? this.#input : this.#form.querySelector("[type=submit]");
    /** @type {HTMLElement} */ (next).focus(); // its button is gone
  }

  /**
   * Makes the log tell `messages`; what is already there is not touched, so that a reply is announced once.
   * @param {Message[]} messages in order
   * @param {{used: Set<string>, refusals: Map<number, number>, said: number}} state `said`: seq of what the echo becomes
   * @returns {HTMLElement | null} the first new message of the bot
   */
  sync(messages, { used, refusals, said }) {
    const kept = new Set(messages.map(({ seq }) => seq));
    for (const [seq, item] of this.#items) {
      if (kept.has(seq)) continue;
      item.remove();
      this.#items.delete(seq);
    }
    /** @type {HTMLElement | null} */
    let first = null;
    /** @type {ChildNode | null} */
    let place = this.#list.firstChild;
    messages.forEach((message, n) => {
      const before = messages[n - 1];
      let item = this.#items.get(message.seq) ?? (message.seq === said ? this.#adopt(message) : null);
      if (!item) {
        item = renderMessage(message, this.handlers, before && refusals.get(before.seq));
        if (message.from === "bot") first ??= item;
      }
      this.#items.set(message.seq, item);
      markUsed(item, used);
      if (item === place) place = place.nextSibling;
      else this.#list.insertBefore(item, place);
    });
    return first;
  }

  /** Shows the person's message before the service has taken it. @param {string} text */
  echo(text) {
    this.dropEcho();
    const said = { seq: 0, from: "user", kind: "user", theme: null, text, links: [], choices: [] };
    this.#echo = renderMessage(/** @type {Message} */ (said), this.handlers);
    this.#echo.lastElementChild?.append(h("p", { class: "note not-sent" }, TEXTS.notSent));
    this.#list.append(this.#echo);
    this.scrollTo(this.#echo);
  }

  /** The service did not take it, or the log tells it already: under `seq`. @param {number} [seq] */
  dropEcho(seq) {
    if (this.#echo && seq) this.scrollTo(this.#items.get(seq));
    this.#echo?.remove();
    this.#echo = null;
  }

  /** The echo becomes the person's message as the service keeps it (identifiers erased). @param {Message} message */
  #adopt(message) {
    if (!this.#echo) return null;
    const item = this.#echo;
    this.#echo = null;
    const said = item.querySelector(".said");
    if (said && said.textContent !== message.text) said.textContent = message.text;
    item.lastElementChild?.replaceChildren(...(renderMessage(message, this.handlers).lastElementChild?.childNodes ?? []));
    return item;
  }

  /** @param {boolean} waiting a reply is awaited: said once, after half a second */
  setWaiting(waiting) {
    if (waiting === this.#typingTimer > 0) return;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = 0;
    this.setStatus("");
    if (!waiting) return;
    this.#typingTimer = setTimeout(() => {
      this.setStatus(TEXTS.typing);
      this.#status.classList.add("typing");
      this.scrollTo(this.#status);
    }, TYPING_AFTER);
  }

  /** @param {string} text a passing state, said politely */
  setStatus(text) {
    this.#status.classList.remove("typing");
    this.#status.textContent = text;
  }

  /** What has just been done, for those who do not see it. @param {string} text */
  tell(text) {
    this.#done.textContent = "";
    setTimeout(() => (this.#done.textContent = text), 50); // the same words again are said again
  }

  /** A refusal, next to the input. @param {string} text @param {() => void} [retry] */
  setRefusal(text, retry) {
    const full = !text || /36\s46/.test(text) ? text : `${text} ${TEXTS.callInstead}`;
    this.#refusal.replaceChildren(...(full ? callable(full) : []));
    this.#retry.hidden = !retry;
    this.#retry.onclick = retry ?? null;
  }

  /** Puts the start of an item at the top of what is seen. @param {Element | null | undefined} item */
  scrollTo(item) {
    if (!item) return;
    const whole = getComputedStyle(this.element).display === "block"; // small heights: the panel itself scrolls
    const scroller = whole ? this.element : this.#scroller;
    const header = /** @type {HTMLElement} */ (this.element.firstElementChild);
    const above = whole ? header.offsetHeight : 12; // px: the sticky header, or some air
    scroller.scrollTop += item.getBoundingClientRect().top - scroller.getBoundingClientRect().top - above;
  }

  /** The start of what the bot said last, or before it the numbers of an emergency. */
  scrollToLast() {
    const last = [...this.#list.querySelectorAll(":scope > .user, :scope > .emergency")].at(-1);
    const start = last?.classList.contains("user") ? last.nextElementSibling : last;
    this.scrollTo(start ?? last ?? this.#intro);
  }

  /** @param {HTMLElement | null} form takes the place of the log and the input, or gives it back */
  showForm(form) {
    this.#scroller.hidden = this.#composer.hidden = form !== null;
    this.#form.hidden = form === null;
    if (form && form !== this.#form.firstChild) this.#form.replaceChildren(form);
  }

  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + 2}px`; // 2: its borders
  }
}
