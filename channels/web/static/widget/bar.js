/** What unfolds under the header: other ways to be helped, what can be done with the conversation. One list at a time. */
import { h, icon } from "./dom.js";
import { link } from "./markdown.js";
import { HELP, TEXTS } from "./texts.js";

export class Bar {
  /** @type {Map<HTMLButtonElement, HTMLElement>} */
  #lists = new Map();

  /** @param {PanelHandlers} handlers */
  constructor({ onRestart, onSave, onPrint }) {
    /** @param {string} label @param {() => void} act */
    const tool = (label, act) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => (this.close(), act()) }, label));
    this.#add("help", TEXTS.helpTitle, ...HELP.map(({ label, note, url }) => h("li", {}, link(url, label), h("p", { class: "note" }, note))));
    this.#add(
      "tools",
      TEXTS.toolsTitle,
      tool(TEXTS.restart, onRestart),
      tool(TEXTS.print, onPrint),
      h("li", {}, ...tool(TEXTS.save, onSave).childNodes, h("p", { class: "note" }, TEXTS.saveNote)),
    );
    this.element = h("div", { class: "bar" }, ...[...this.#lists].flat());
  }

  /** Closes the open list, and gives the focus back to its button; false when none was open. */
  close() {
    for (const [button, list] of this.#lists) {
      if (list.hidden) continue;
      this.#show(button, list, false);
      button.focus();
      return true;
    }
    return false;
  }

  /** @param {string} id @param {string} label @param {...HTMLElement} items */
  #add(id, label, ...items) {
    const list = h("ul", { id, hidden: true }, ...items);
    const toggle = () => {
      const open = list.hidden;
      for (const [button, other] of this.#lists) this.#show(button, other, open && other === list);
    };
    const attributes = { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": id, onclick: toggle };
    this.#lists.set(h("button", attributes, label, icon("down")), list);
  }

  /** @param {HTMLButtonElement} button @param {HTMLElement} list @param {boolean} open */
  #show(button, list, open) {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }
}
