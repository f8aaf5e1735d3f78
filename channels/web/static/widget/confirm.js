/** Asks before the conversation is erased; everything else waits meanwhile. */
import { h } from "./dom.js";
import { TEXTS } from "./texts.js";

export class Confirm {
  #error = h("p", { role: "alert", class: "error" });
  #leave = h("button", { type: "button", class: "secondary", hidden: true, onclick: () => this.#end(this.then) }, TEXTS.eraseLeave);
  #yes;

  /**
   * @param {string} name of its ids
   * @param {{title: string, text: string, yes: string}} texts
   * @param {() => Promise<void>} erase raises when the service could not
   * @param {() => void} then also when the person goes on all the same, on this device
   */
  constructor(name, { title, text, yes }, erase, then) {
    this.erase = erase;
    this.then = then;
    this.#yes = h("button", { type: "button", class: "primary", onclick: () => this.#confirm() }, yes);
    this.element = h(
      "dialog",
      { "aria-labelledby": `${name}-title`, "aria-describedby": `${name}-text` },
      h("h3", { id: `${name}-title` }, title),
      h("p", { id: `${name}-text` }, text, " ", TEXTS.eraseReference),
      this.#error,
      h(
        "div",
        { class: "actions" },
        this.#yes,
        this.#leave,
        h("button", { type: "button", class: "secondary", autofocus: true, onclick: () => this.#end() }, TEXTS.eraseCancel),
      ),
    );
  }

  ask() {
    this.#error.textContent = "";
    this.#leave.hidden = true;
    this.element.showModal();
  }

  async #confirm() {
    if (this.#yes.getAttribute("aria-disabled") === "true") return;
    this.#yes.setAttribute("aria-disabled", "true");
    try {
      await this.erase();
      this.#end(this.then);
    } catch {
      this.#error.textContent = TEXTS.eraseFailed;
      this.#leave.hidden = false;
    } finally {
      this.#yes.removeAttribute("aria-disabled");
    }
  }

  /** @param {() => void} [then] */
  #end(then) {
    this.element.close();
    then?.();
  }
}
