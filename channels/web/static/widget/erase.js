/** Asks before erasing the conversation; everything else waits meanwhile. */
import { h } from "./dom.js";
import { TEXTS } from "./texts.js";

export class EraseDialog {
  #error = h("p", { role: "alert", class: "error" });
  #leave = h("button", { type: "button", class: "secondary", hidden: true, onclick: () => this.#end(this.onLeave) }, TEXTS.eraseLeave);
  #confirm = h("button", { type: "button", class: "primary", onclick: () => this.#erase() }, TEXTS.eraseConfirm);

  /**
   * @param {() => Promise<void>} onErase raises when the service could not erase
   * @param {() => void} onLeave the person leaves this device all the same
   */
  constructor(onErase, onLeave) {
    this.onErase = onErase;
    this.onLeave = onLeave;
    this.element = h(
      "dialog",
      { "aria-labelledby": "erase-title", "aria-describedby": "erase-text" },
      h("h3", { id: "erase-title" }, TEXTS.eraseTitle),
      h("p", { id: "erase-text" }, TEXTS.eraseText),
      this.#error,
      h(
        "div",
        { class: "actions" },
        this.#confirm,
        this.#leave,
        h("button", { type: "button", class: "secondary", onclick: () => this.#end() }, TEXTS.eraseCancel),
      ),
    );
  }

  ask() {
    this.#error.textContent = "";
    this.#leave.hidden = true;
    this.element.showModal();
  }

  async #erase() {
    if (this.#confirm.getAttribute("aria-disabled") === "true") return;
    this.#confirm.setAttribute("aria-disabled", "true");
    try {
      await this.onErase();
      this.#end(this.onLeave);
    } catch {
      this.#error.textContent = TEXTS.eraseFailed;
      this.#leave.hidden = false;
    } finally {
      this.#confirm.removeAttribute("aria-disabled");
    }
  }

  /** @param {() => void} [then] */
  #end(then) {
    this.element.close();
    then?.();
  }
}
