/**
 * The state of one conversation: its messages in order and without doubles, its turn under way, and what a reload needs.
 * Says what changed by events: "change", "waiting", "expired" (a new conversation took its place), "late".
 */
import { ordered, summary, told, verdict } from "./choices.js";
import { TEXTS } from "./texts.js";
import { ServiceError, uuid } from "./transport.js";

const LOOKS = 70; // at a pending turn: about two minutes, then the person is told

export class Conversation extends EventTarget {
  /** @type {Map<number, Message>} */
  #messages = new Map();
  /** The numbers to call that came with refusals: never stored, so between two seq. @type {Message[]} */
  #urgent = [];
  /** Sent without a word back: its repeat keeps its id. @type {{key: string, id: string} | null} */
  #unsent = null;
  /** Of what is being sent: each ends one insistence. @type {Set<(why: ServiceError) => void>} */
  #stops = new Set();
  #pending = false;
  #following = false;
  #looks = 0;
  #watched = false;
  /** @type {Promise<void> | null} */
  #starting = null;

  /** seq of what the person said last, once the service has it. */
  said = 0;
  /** Ids of the choices already used. @type {Set<string>} */
  used = new Set();
  /** seq of a «Non» of the person -> seq of the answer it refused. @type {Map<number, number>} */
  refusals = new Map();
  /** @type {Identity} */
  identity = {};

  /**
   * @param {Transport} transport
   * @param {Connection} connection
   * @param {Saved} saved
   * @param {() => string | null} askIdentity the host site's JWT, if any
   */
  constructor(transport, connection, saved, askIdentity) {
    super();
    this.transport = transport;
    this.connection = connection;
    this.saved = saved;
    this.askIdentity = askIdentity;
    connection.addEventListener("change", () => this.#follow());
  }

  get messages() {
    const all = ordered(this.#messages.values());
    for (const one of this.#urgent) all.splice(all.findLastIndex(({ seq }) => seq < one.seq) + 1, 0, one);
    return all;
  }

  get summary() {
    return summary(this.messages);
  }

  get sending() {
    return this.#stops.size > 0;
  }

  get waiting() {
    return !this.connection.lost && (this.sending || (this.#following && this.#pending));
  }

  get started() {
    return this.transport.token !== null;
  }

  /** Whether somebody looks: only then is a lost connection tried again, unless a message waits. @param {boolean} watched */
  watch(watched) {
    this.#watched = watched;
    if (!watched || !this.connection.lost) return;
    this.#follow();
    this.connection.retry();
  }

  /** Takes up the conversation of this tab, or begins one. Raises ServiceError. */
  start() {
    this.#starting ??= this.#insist(
      () => this.#open(),
      () => this.#watched,
    ).finally(() => (this.#starting = null));
    return this.#starting;
  }

  /**
   * One turn. A cut does not end it: it is sent again until the service answers, or `giveUp()`. Raises ServiceError;
   * when it is a 401, a new conversation has begun and does not know what was said.
   * @param {Said} body
   */
  async send(body) {
    const key = JSON.stringify(body);
    const mine = this.#unsent?.key === key ? this.#unsent : { key, id: uuid() };
    this.#unsent = mine;
    try {
      await this.#exchange(() => this.transport.say({ id: mine.id, ...body }), "choice" in body ? body.choice : undefined);
      if (this.#unsent === mine) this.#unsent = null;
    } catch (error) {
      if (this.#unsent !== mine) return; // erased meanwhile: the words are not given back
      if (!(error instanceof ServiceError && error.uncertain)) this.#unsent = null;
      throw error;
    }
  }

  /** What is being sent raises `why`; if it is sent again it keeps its id. */
  giveUp(why = new ServiceError(0, TEXTS.offline)) {
    for (const stop of this.#stops) stop(why);
  }

  /**
   * The hand-off form. Raises ServiceError, with `errors` by field when the form is not valid.
   * @param {Handoff} form
   * @param {() => Promise<void>} accepted runs between the service's yes and the messages it brings
   */
  handoff(form, accepted) {
    return this.#exchange(async () => {
      const result = await this.transport.handoff(form);
      await accepted();
      return result;
    });
  }

  /** Erases the conversation, there and here. Raises ServiceError, and then keeps everything. */
  async erase() {
    const { token } = this.transport;
    try {
      this.transport.token ??= this.saved.token;
      if (this.started) await this.transport.erase();
    } catch (error) {
      if (!(error instanceof ServiceError) || ![401, 404].includes(error.status)) {
        this.transport.token = token;
        throw error;
      }
    }
    this.forget();
  }

  /** Nothing is left on this device. */
  forget() {
    this.#unsent = null;
    this.giveUp();
    this.#clear();
  }

  #clear() {
    this.transport.token = this.saved.token = null;
    this.identity = {};
    this.#pending = false;
    this.#messages.clear();
    this.#urgent = [];
    this.used.clear();
    this.refusals.clear();
    this.#say("change");
  }

  async #open() {
    if (this.started) return;
    this.transport.token = this.saved.token;
    if (!this.started) return this.#begin();
    this.identity = claims(this.askIdentity());
    try {
      await this.#fill();
    } catch (error) {
      this.transport.token = null;
      if (!(error instanceof ServiceError) || error.status !== 401) throw error;
      this.#expire();
      await this.#begin();
    }
  }

  async #begin() {
    const { messages, identity } = await this.transport.start(this.askIdentity());
    this.identity = identity ?? {};
    this.#add(messages);
  }

  /** What was being sent goes back to the person: a new conversation gets nothing that they did not send to it. */
  #expire() {
    this.giveUp(new ServiceError(401, TEXTS.expired));
    this.#clear();
    this.#say("expired");
    if (!this.#starting) this.start().catch(() => {}); // what fails is said when the person sends again
  }

  /**
   * @param {() => Promise<Reply>} request
   * @param {string} [choice]
   */
  async #exchange(request, choice) {
    /** @type {(why: ServiceError) => void} */
    let stop = () => {};
    const stopped = new Promise((_, reject) => (stop = reject));
    /** @type {string | null} */
    let token = null;
    this.#stops.add(stop);
    this.#say("waiting");
    const attempt = async () => {
      await this.start();
      token = this.transport.token;
      return request();
    };
    try {
      const { turn, messages } = await Promise.race([this.#insist(attempt, () => this.#stops.has(stop)), stopped]);
      this.said = messages[0]?.seq ?? 0;
      this.#await(turn?.status === "pending");
      this.#add(messages, choice);
      if (!this.#pending && this.#gap() !== null) await this.#fill().catch(() => {});
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.status === 401 && token && this.transport.token === token) this.#expire();
      this.#alarm(error.urgent);
      throw error;
    } finally {
      this.#stops.delete(stop);
      this.#say("waiting");
    }
  }

  /**
   * Asks again after each cut, for as long as `still` says so.
   * @template T
   * @param {() => Promise<T>} request
   * @param {() => boolean} still
   * @returns {Promise<T>}
   */
  async #insist(request, still) {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof ServiceError) || !error.cut) throw error;
        await this.connection.pause();
        if (!still()) throw error;
      }
    }
  }

  /** @param {boolean} pending a turn's reply is to come */
  #await(pending) {
    if (pending && !this.#pending) this.#looks = LOOKS;
    this.#pending = pending;
    if (pending) this.#follow();
  }

  /** Looks again until no turn is pending and the connection is not lost. One loop at a time. */
  async #follow() {
    if (this.#following) return;
    this.#following = true;
    while ((this.#pending && this.#looks-- > 0) || (this.connection.lost && this.#watched)) {
      await this.connection.pause();
      if (this.sending) continue; // what is being sent looks for itself
      const { token } = this.transport;
      try {
        await (token ? this.#fill() : this.start());
      } catch (error) {
        if (error instanceof ServiceError && error.status === 401 && this.transport.token === token) this.#expire();
      }
    }
    this.#following = false;
    if (this.#pending) this.#say("late");
    this.#pending = false;
    this.#say("waiting");
  }

  /** Reads what follows the last message, or the first gap. */
  async #fill() {
    const { token } = this.transport;
    const { messages, pending } = await this.transport.read(this.#gap() ?? this.#last());
    if (this.transport.token !== token) return;
    this.#await(pending);
    this.#add(messages);
  }

  /** @param {Omit<Message, "seq" | "from">[]} urgent */
  #alarm(urgent) {
    for (const body of urgent) {
      if (this.messages.at(-1)?.text === body.text) continue;
      this.#urgent.push({ ...body, from: "bot", seq: this.#last() + (this.#urgent.length + 1) / 1_000 });
    }
    this.#say("change");
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
