/** Ties the conversation, its view and the hand-off form together: what each gesture does. */
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Confirm } from "./confirm.js";
import { Form } from "./form.js";
import { asText, copy, print, save } from "./keep.js";
import { warns } from "./nir.js";
import { Saved } from "./saved.js";
import { TEXTS } from "./texts.js";
import { ServiceError, Transport } from "./transport.js";
import { View } from "./view.js";

export { CSS } from "./style.js";

const FULL_SCREEN = "(max-width:30em)"; // as in style.js

export class Panel {
  /** @type {Form | null} */
  #form = null;
  #full = matchMedia(FULL_SCREEN);
  #starting = false;

  /** @param {PanelOptions} options */
  constructor({ api, name, lang, privacy, identity, onClose, onAnswer, onHandoff }) {
    this.name = name || TEXTS.title;
    this.onClose = onClose;
    this.onAnswer = onAnswer;
    this.onHandoff = onHandoff;
    const connection = new Connection();
    const transport = new Transport(api, (answered) => connection.heard(answered));
    this.conversation = new Conversation(transport, connection, new Saved(api), identity);
    const erase = () => this.conversation.erase();
    const { eraseTitle, eraseText, eraseConfirm, restartTitle, restartText, restartConfirm } = TEXTS;
    this.erase = new Confirm("erase", { title: eraseTitle, text: eraseText, yes: eraseConfirm }, erase, () => this.#leave());
    this.restart = new Confirm("restart", { title: restartTitle, text: restartText, yes: restartConfirm }, erase, () => this.#restart());
    this.view = new View(
      {
        onSubmit: () => this.#submit(),
        onRetry: () => this.#retry(),
        onGiveUp: () => this.conversation.giveUp(),
        onChoice: (choice) => this.#send({ choice: choice.id }, choice.label),
        onLink: ({ seq }, id) => transport.click(seq, id),
        onReason: (seq, reason) => transport.feedback(seq, reason),
        onWrite: () => this.#write(),
        onClose,
        onErase: () => this.erase.ask(),
        onRestart: () => this.restart.ask(),
        onCopy: (message) => this.#copy(message),
        onSave: () => (save(this.conversation.messages, this.name), this.view.tell(TEXTS.saved)),
        onPrint: () => print(this.conversation.messages, this.name, this.element),
      },
      { name: this.name, lang, privacy, api },
    );
    this.element = this.view.element;
    this.element.append(this.erase.element, this.restart.element);
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#full.addEventListener("change", () => this.#fit());
    visualViewport?.addEventListener("resize", () => this.#fit());
    this.conversation.addEventListener("change", () => this.#sync());
    this.conversation.addEventListener("waiting", () => this.#wait());
    connection.addEventListener("change", () => this.#wait());
    this.conversation.addEventListener("expired", () => this.view.setRefusal(TEXTS.expired));
    this.conversation.addEventListener("late", () => this.view.setRefusal(TEXTS.late));
  }

  show() {
    this.element.hidden = false;
    this.#fit();
    if (this.#form) this.#form.focus();
    else this.view.focusInput();
    this.conversation.watch(true);
    if (this.conversation.started) this.view.scrollToLast();
    else this.#start();
  }

  hide() {
    this.element.hidden = true;
    this.conversation.watch(false);
  }

  async #start() {
    this.view.setRefusal("");
    this.view.setStatus(TEXTS.loading);
    this.#starting = true;
    try {
      await this.conversation.start();
      this.view.setStatus("");
      this.#wait();
      this.view.scrollToLast();
    } catch (error) {
      this.view.setStatus("");
      this.#refused(error, () => (this.view.focusInput(), this.#start()));
    } finally {
      this.#starting = false;
    }
  }

  #wait() {
    const { lost } = this.conversation.connection;
    this.view.setConnection(!lost ? "back" : this.conversation.sending ? "unsent" : "lost");
    this.view.setWaiting(this.conversation.waiting);
  }

  /** Long enough to be seen, even when it fails at once. */
  async #retry() {
    this.view.setConnection("trying");
    await pause(500);
    this.conversation.connection.retry();
  }

  #submit() {
    const text = this.view.draft;
    const stop = !text.trim() ? TEXTS.empty : warns(text) && TEXTS.number;
    if (stop) return this.view.setRefusal(stop), this.view.focusInput();
    return this.#send({ text }, text);
  }

  /** @param {Said} body @param {string} said */
  async #send(body, said) {
    if (this.conversation.sending) return this.view.setStatus(TEXTS.busy);
    const typed = "text" in body;
    this.view.setRefusal("");
    this.view.echo(said.trim());
    if (typed) this.view.draft = "";
    try {
      await this.conversation.send(body);
      this.view.dropEcho(this.conversation.said);
    } catch (error) {
      this.view.dropEcho();
      if (typed) this.view.draft = [said, this.view.draft].filter(Boolean).join("\n");
      this.#refused(error);
    }
    return undefined;
  }

  /** What a cut kept from being sent is back in the input, under a word about the connection. @param {unknown} error @param {() => void} [retry] */
  #refused(error, retry) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.cut) this.view.focusInput();
    else if (error.status === 401) this.view.setRefusal(`${TEXTS.expired} ${this.view.draft ? TEXTS.draftKept : TEXTS.askAgain}`);
    else this.view.setRefusal(error.message, retry);
    if (error.urgent.length) this.view.scrollToLast(); // the refusal has taken their room
  }

  #sync() {
    const { conversation, view } = this;
    const reply = view.sync(conversation.messages, conversation);
    if (!reply) return;
    view.scrollToLast(); // not to `reply`: the numbers of an emergency stay in sight when an answer follows them
    if (!this.#starting) this.onAnswer();
  }

  /** @param {Message} message */
  async #copy(message) {
    try {
      await copy(asText(message), this.element);
      this.view.tell(TEXTS.copyDone);
      return true;
    } catch {
      this.view.setStatus(TEXTS.copyFailed);
      return false;
    }
  }

  async #write() {
    this.#form ??= await this.#newForm();
    this.view.showForm(this.#form.element);
    this.#form.focus();
  }

  async #newForm() {
    const { identity, summary, transport } = this.conversation;
    return new Form({
      prefill: { email: identity.email, departement: identity.departement, message: summary },
      departements: await transport.departements(),
      send: (form) => this.#handOff(form),
      onBack: () => this.#talk(),
    });
  }

  /** The log is in sight before the receipt arrives in it: only then is it announced. @param {Handoff} form */
  #handOff(form) {
    return this.conversation.handoff(form, async () => {
      this.#form = null;
      this.#talk();
      this.onHandoff();
      await pause(100);
    });
  }

  #talk() {
    this.view.showForm(null);
    this.view.focusInput();
    this.view.scrollToLast();
  }

  #leave() {
    this.#empty();
    this.onClose();
  }

  #restart() {
    this.#empty();
    this.view.focusInput();
    this.view.tell(TEXTS.restarted);
    this.#start();
  }

  #empty() {
    this.conversation.forget();
    this.#form = null;
    this.view.showForm(null);
    this.view.draft = "";
    this.view.setRefusal("");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.erase.element.open || this.restart.element.open) return;
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.view.bar.close()) this.onClose();
    }
    if (event.key === "Tab" && this.#full.matches) this.#turnRound(event);
  }

  /** Full screen hides the page: Tab goes round inside; Échap and «Fermer» lead out. @param {KeyboardEvent} event */
  #turnRound(event) {
    const all = this.element.querySelectorAll("a[href],button,textarea,select,input,summary,[tabindex='0']");
    const seen = /** @type {HTMLElement[]} */ ([...all].filter((one) => one.getClientRects().length > 0));
    const at = /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement;
    const [edge, other] = event.shiftKey ? [seen[0], seen.at(-1)] : [seen.at(-1), seen[0]];
    if (at !== edge) return;
    event.preventDefault();
    other?.focus();
  }

  /** Full screen is modal in fact, and stays above a phone's keyboard. */
  #fit() {
    this.element.toggleAttribute("aria-modal", false);
    if (this.#full.matches) this.element.setAttribute("aria-modal", "true");
    const viewport = visualViewport;
    const shrunk = viewport && viewport.scale === 1 && viewport.height < innerHeight - 80;
    this.element.style.setProperty("--height", shrunk ? `${viewport.height}px` : "");
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
