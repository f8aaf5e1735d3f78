/**
 * The state of one conversation: its messages in order and without doubles, its turn under way, and what a reload needs.
 * Says what changed by events: "change", "waiting", "expired" (a new conversation took its place), "late".
 */
import { ordered, summary, told, verdict } from "./choices.js";
import { ServiceError, uuid } from "./transport.js";

const EVERY = 1_500; // ms between two looks at a pending turn
const SLOWEST = 12_000; // ms, after repeated cuts
const PATIENCE = 120_000; // ms, then the person is told

export class Conversation extends EventTarget {
  /** @type {Map<number, Message>} */
  #messages = new Map();
  /** Sent without a word back: its repeat keeps its id. @type {{key: string, id: string} | null} */
  #unsent = null;
  #sending = 0;
  #following = false;

  /** Ids of the choices already used. @type {Set<string>} */
  used = new Set();
  /** seq of a «Non» of the person -> seq of the answer it refused. @type {Map<number, number>} */
  refusals = new Map();
  /** @type {Identity} */
  identity = {};

  /**
   * @param {Transport} transport
   * @param {Saved} saved
   * @param {() => string | null} askIdentity the host site's JWT, if any
   */
  constructor(transport, saved, askIdentity) {
    super();
    this.transport = transport;
    this.saved = saved;
    this.askIdentity = askIdentity;
  }

  get messages() {
    return ordered(this.#messages.values());
  }

  get summary() {
    return summary(this.messages);
  }

  get sending() {
    return this.#sending > 0;
  }

  get waiting() {
    return this.sending || this.#following;
  }

  get started() {
    return this.transport.token !== null;
  }

  /** Takes up the conversation of this tab, or begins one. Raises ServiceError. */
  async start() {
    this.transport.token = this.saved.token;
    if (!this.started) return this.#begin();
    this.identity = claims(this.askIdentity());
    try {
      const { messages, pending } = await this.transport.read(0);
      this.#add(messages);
      if (pending) this.#follow();
    } catch (error) {
      this.transport.token = null;
      if (!(error instanceof ServiceError) || error.status !== 401) throw error;
      await this.#renew();
    }
  }

  /**
   * One turn. Raises ServiceError; when it is a 401, a new conversation has begun.
   * @param {Said} body
   */
  send(body) {
    const key = JSON.stringify(body);
    const id = this.#unsent?.key === key ? this.#unsent.id : uuid();
    this.#unsent = { key, id };
    const choice = "choice" in body ? body.choice : undefined;
    return this.#exchange(() => this.transport.say({ id, ...body }), choice);
  }

  /**
   * The hand-off form. Raises ServiceError, with `errors` by field when the form is not valid.
   * @param {Handoff} form
   * @param {() => Promise<void>} [accepted] runs between the service's yes and the messages it brings
   */
  handoff(form, accepted) {
    return this.#exchange(async () => {
      const result = await this.transport.handoff(form);
      await accepted?.();
      return result;
    });
  }

  /** Erases the conversation, there and here. Raises ServiceError, and then keeps everything. */
  async erase() {
    try {
      this.transport.token ??= this.saved.token;
      if (this.started) await this.transport.erase();
    } catch (error) {
      if (!(error instanceof ServiceError) || ![401, 404].includes(error.status)) throw error;
    }
    this.forget();
  }

  /** Nothing is left on this device. */
  forget() {
    this.transport.token = null;
    this.identity = {};
    this.#unsent = null;
    this.#messages.clear();
    this.used.clear();
    this.refusals.clear();
    this.saved.token = null;
    this.#say("change");
  }

  async #begin() {
    const { messages, identity } = await this.transport.start(this.askIdentity());
    this.identity = identity ?? {};
    this.#add(messages);
  }

  async #renew() {
    this.forget();
    await this.#begin();
    this.#say("expired");
  }

  /**
   * @param {() => Promise<Reply>} request
   * @param {string} [choice]
   */
  async #exchange(request, choice) {
    this.#sending += 1;
    this.#say("waiting");
    const { token } = this.transport;
    try {
      const { turn, messages } = await request();
      if (this.transport.token !== token) return; // erased meanwhile
      this.#unsent = null;
      this.#add(messages, choice);
      if (turn?.status === "pending") this.#follow();
      else if (this.#gap() !== null) await this.#fill().catch(() => {});
    } catch (error) {
      if (!(error instanceof ServiceError && error.uncertain)) this.#unsent = null;
      if (error instanceof ServiceError && error.status === 401 && this.transport.token === token) await this.#renew();
      throw error;
    } finally {
      this.#sending -= 1;
      this.#say("waiting");
    }
  }

  /** Looks at a pending turn until it ends; one loop at a time. */
  async #follow() {
    if (this.#following) return;
    this.#following = true;
    const { token } = this.transport;
    const limit = Date.now() + PATIENCE;
    let wait = EVERY;
    let pending = true;
    while (pending && Date.now() < limit) {
      await this.transport.pause(wait);
      if (this.transport.token !== token) break;
      try {
        pending = await this.#fill();
        wait = EVERY;
      } catch (error) {
        if (error instanceof ServiceError && error.status === 401) {
          await this.#renew().catch(() => {});
          break;
        }
        wait = Math.min(wait * 2, SLOWEST);
      }
    }
    this.#following = false;
    this.#say("waiting");
    if (pending && this.transport.token === token) this.#say("late");
  }

  /** Reads what follows the last message, or the first gap; true while a turn is pending. */
  async #fill() {
    const { token } = this.transport;
    const { messages, pending } = await this.transport.read(this.#gap() ?? this.#last());
    if (this.transport.token === token) this.#add(messages);
    return pending;
  }

  #last() {
    return Math.max(0, ...this.#messages.keys());
  }

  /** The seq before the first hole (a message said outside the turn, or by an earlier one), or null. */
  #gap() {
    const seqs = [...this.#messages.keys()].sort((a, b) => a - b);
    return seqs.find((seq) => seq < this.#last() && !this.#messages.has(seq + 1)) ?? null;
  }

  /** @param {Message[]} messages @param {string} [choice] id of the choice that the person's message tells */
  #add(messages, choice) {
    const fresh = messages.filter(({ seq }) => !this.#messages.has(seq));
    for (const message of fresh) this.#messages.set(message.seq, message);
    for (const message of fresh) {
      const found = message.from === "user" && told(this.messages, message, choice);
      if (!found) continue;
      this.used.add(found.choice.id);
      if (found.choice.id === verdict(found.owner)?.no.id) this.refusals.set(message.seq, found.owner.seq);
    }
    this.saved.token = this.transport.token;
    this.#say("change");
  }

  /** @param {string} type */
  #say(type) {
    this.dispatchEvent(new Event(type));
  }
}

/** What the host site's JWT says, unverified: only to fill in the form. @param {string | null} jwt @returns {Identity} */
function claims(jwt) {
  try {
    const { email, departement } = JSON.parse(atob((jwt ?? "").split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    return { email, departement };
  } catch {
    return {};
  }
}
