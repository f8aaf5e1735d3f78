/** The launcher, <guichet-chat>: no request and nothing stored before it is opened. For host sites: widget/types.d.ts. */

/** The launcher's own sentences: texts.js is not loaded yet. */
const LABEL = "Poser une question";
const UNREAD = "Réponse non lue";
const BROKEN = "L’assistant n’a pas pu s’ouvrir. Vérifiez votre connexion, puis réessayez. En cas d’urgence, appelez le 15 ou le 112\u202f; sinon, le 36\u00a046.";

/** @param {string} prefix */
const colours = (prefix, /** @type {Record<string, string>} */ values) =>
  Object.entries(values).map(([name, value]) => `--${name}:var(--guichet-${prefix}${name},${value});`).join("");

const LIGHT = colours("", {
  primary: "#0c419a", "primary-strong": "#07275c", "on-primary": "#fff", background: "#f8f9fc", surface: "#fff",
  tint: "#e7ecf5", pressed: "#ced9eb", text: "#222324", "text-subdued": "#545859", line: "#545859",
  error: "#b33f2e", "error-tint": "#fcedeb", success: "#224e2d", "success-tint": "#e5f7f4",
});
const DARK = colours("dark-", {
  primary: "#a3c0f7", "primary-strong": "#0a1c3d", "on-primary": "#0a1c3d", background: "#151a22", surface: "#1f2631",
  tint: "#2a3648", pressed: "#3a4a63", text: "#eef1f6", "text-subdued": "#b9c1cc", line: "#8d97a5",
  error: "#ffb0a3", "error-tint": "#40201c", success: "#a5dcb5", "success-tint": "#18332a",
});

const CSS = `
:host{${LIGHT}color-scheme:light;font:normal var(--guichet-font-size,1rem)/1.5 var(--guichet-font,Arial,Helvetica,sans-serif);
  color:var(--text);text-align:start;text-transform:none;white-space:normal;--radius:var(--guichet-radius,8px)}
:host([theme=dark]){${DARK}color-scheme:dark}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}color-scheme:dark}}
*{box-sizing:border-box}
[hidden]{display:none!important}
.hidden{position:absolute;border:0;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launcher,.broken{position:fixed;z-index:var(--guichet-z-index,1000);right:var(--guichet-x,1.5rem);bottom:var(--guichet-y,1.5rem)}
.launcher{display:flex;align-items:center;gap:.625em;min-height:3.5em;padding:.5em 1.5em .5em 1.125em;font:inherit;font-weight:700;
  color:var(--on-primary);background:var(--primary);border:2px solid transparent;border-radius:64px;cursor:pointer;
  box-shadow:0 2px 12px rgb(7 39 92/.28)}
.launcher:hover{text-decoration:underline;text-underline-offset:.2em}
.launcher:focus-visible{outline:3px solid var(--primary);outline-offset:3px}
.launcher svg{width:1.625em;height:1.625em;flex:none}
.launcher i{width:.875em;height:.875em;border-radius:50%;background:var(--error-tint);border:3px solid var(--error)}
.broken{bottom:6em;width:20em;max-width:calc(100vw - 2em);margin:0;padding:1em;color:var(--error);
  background:var(--error-tint);border:1px solid;border-radius:var(--radius)}
.broken:empty{display:none}
.broken a{padding-block:.3em;color:inherit;font-weight:700}
:host([side=left]) :is(.launcher,.broken){right:auto;left:var(--guichet-x,1.5rem)}
@media (min-width:30.01em){:host([side=left]) .panel{right:auto;left:var(--guichet-x,1.5rem)}}
@media (max-width:30em){.launcher,.broken{right:var(--guichet-x,1rem)}.launcher{bottom:var(--guichet-y,1rem)}}
@media print{:host{display:none}}`;

class GuichetChat extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #launcher = document.createElement("button");
  #badge = document.createElement("i");
  #broken = document.createElement("p");
  #news = document.createElement("p");
  /** @type {Promise<Panel> | null} */
  #loading = null;
  /** @type {Panel | null} */
  #panel = null;

  constructor() {
    super();
    adopt(this.#root, CSS);
    this.#launcher.type = "button";
    this.#launcher.className = "launcher";
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#badge.hidden = true;
    this.#badge.setAttribute("role", "img");
    this.#badge.setAttribute("aria-label", UNREAD);
    this.#news.setAttribute("role", "status");
    this.#news.className = "hidden";
    this.#launcher.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.#broken.className = "broken";
    this.#broken.setAttribute("role", "alert");
    this.#root.append(this.#launcher, this.#broken, this.#news);
  }

  connectedCallback() {
    this.#launcher.replaceChildren(bubble(), this.getAttribute("label") || LABEL, this.#badge);
    this.#launcher.lang = this.#broken.lang = this.#news.lang = this.getAttribute("lang") || "fr";
  }

  get isOpen() {
    return this.#launcher.getAttribute("aria-expanded") === "true";
  }

  async open() {
    if (this.isOpen) return;
    this.#broken.textContent = "";
    try {
      this.#loading ??= this.#load();
      this.#panel = await this.#loading;
    } catch {
      this.#loading = null;
      this.#broken.append(...BROKEN.split(/(\d[\d\s]*\d)/).map((part, n) => (n % 2 ? call(part) : part)));
      return;
    }
    if (this.isOpen) return;
    this.#launcher.setAttribute("aria-expanded", "true");
    this.#read(true);
    this.#panel.show();
    this.#tell("open");
  }

  close() {
    if (!this.isOpen || !this.#panel) return;
    const inside = this.#root.activeElement !== null;
    this.#panel.hide();
    this.#launcher.setAttribute("aria-expanded", "false");
    if (inside) this.#launcher.focus();
    this.#tell("close");
  }

  /** @param {boolean} read */
  #read(read) {
    this.#badge.hidden = read;
    this.#news.textContent = read ? "" : UNREAD;
  }

  /** The host learns that something happened, never what. @param {string} what */
  #tell(what) {
    this.dispatchEvent(new CustomEvent(`guichet:${what}`, { bubbles: true, composed: true }));
  }

  async #load() {
    /** @type {typeof import("./widget/panel.js")} */
    const { Panel, CSS: css } = await import(new URL("widget/panel.js", import.meta.url).href);
    adopt(this.#root, css);
    const panel = new Panel({
      api: new URL(this.getAttribute("api") || new URL(import.meta.url).origin, location.href).href.replace(/\/$/, ""),
      name: this.getAttribute("service-name"),
      lang: this.getAttribute("lang") || "fr",
      privacy: this.getAttribute("privacy-url"),
      identity: () => this.getAttribute("identity"),
      onClose: () => this.close(),
      onAnswer: () => (this.#read(this.isOpen), this.#tell("answer")),
      onHandoff: () => this.#tell("handoff"),
    });
    this.#root.append(panel.element);
    this.#launcher.setAttribute("aria-controls", panel.element.id);
    return panel;
  }
}

/** The strictest CSP allows constructable stylesheets; older browsers get a <style>. @param {ShadowRoot} root @param {string} css */
function adopt(root, css) {
  if (!("adoptedStyleSheets" in root)) {
    const style = document.createElement("style");
    style.textContent = css;
    /** @type {ShadowRoot} */ (root).append(style);
    return;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/** @param {string} number */
function call(number) {
  const link = document.createElement("a");
  link.href = `tel:${number.replace(/\s/, "")}`;
  link.textContent = number;
  return link;
}

function bubble() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("fill", "currentColor");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-5.4 4A1 1 0 0 1 5 21.2V18H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 5v1.6h10V8zm0 4v1.6h7V12z");
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

if (!customElements.get("guichet-chat")) customElements.define("guichet-chat", GuichetChat);
