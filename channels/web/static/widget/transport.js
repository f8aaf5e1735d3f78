/** Speaks the service's contract over HTTP: time limits, French errors. */
import { TEXTS } from "./texts.js";

const LIMIT = 10_000; // ms
const TURN_LIMIT = 30_000; // ms: the service itself answers "pending" well before
const CUTS = [0, 502, 504]; // a proxy's word for silence; 503 is the service's own: it is shown, not hammered

/** A refusal or a cut. `message` is French and says what to do; `status` is 0 when no whole answer was received. */
export class ServiceError extends Error {
  /** @param {number} status @param {string} message @param {Refusal} [details] */
  constructor(status, message, details = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.errors = details.errors;
    this.urgent = details.urgent ?? [];
  }

  /** Whether the service itself said nothing. */
  get cut() {
    return CUTS.includes(this.status);
  }

  /** Whether the service may have received the request: a repeat must then carry the same id. */
  get uncertain() {
    return this.status === 0 || this.status >= 500;
  }
}

export class Transport {
  /** @type {string | null} */
  token = null;

  /** @param {string} api address of the service @param {(answered: boolean) => void} heard told of every request */
  constructor(api, heard) {
    this.api = api;
    this.heard = heard;
  }

  /**
   * A new conversation; keeps its token. An identity that the service refuses is left out rather than in the way.
   * @param {string | null} identity
   * @returns {Promise<Start>}
   */
  async start(identity) {
    this.token = null;
    const begin = (/** @type {object} */ body) => this.#call("POST", "/chat/conversations", body);
    const started = await begin(identity ? { identity } : {}).catch((error) => {
      if (identity && (error.status === 400 || error.status === 401)) return begin({});
      throw error;
    });
    this.token = started.token;
    return started;
  }

  /**
   * One turn. Repeated with the same id, it is answered without running again.
   * @param {{id: string, text?: string, choice?: string}} body
   * @returns {Promise<Reply>}
   */
  say(body) {
    return this.#call("POST", "/chat/messages", body, TURN_LIMIT);
  }

  /** @param {number} after @returns {Promise<{messages: Message[], pending: boolean}>} */
  read(after) {
    return this.#call("GET", `/chat/messages?after=${after}`);
  }

  /** @param {Handoff} form @returns {Promise<Reply>} */
  handoff(form) {
    return this.#call("POST", "/chat/handoff", form, TURN_LIMIT);
  }

  /** @param {number} seq @param {string} reason @returns {Promise<void>} */
  feedback(seq, reason) {
    return this.#call("POST", "/chat/feedback", { seq, reason });
  }

  /** Never in the way of the link: failures are ignored. @param {number} seq @param {string} teleservice */
  click(seq, teleservice) {
    this.#call("POST", "/chat/clicks", { seq, teleservice }, LIMIT, true).catch(() => {});
  }

  /** Empty when it cannot be read: the form then asks for the number. @returns {Promise<Departement[]>} */
  departements() {
    return this.#call("GET", "/widget/departements.json").catch(() => []);
  }

  /** @returns {Promise<void>} */
  erase() {
    return this.#call("DELETE", "/chat/conversations");
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {number} [limit] ms
   * @param {boolean} [keepalive] survives the page
   * @returns {Promise<any>}
   */
  async #call(method, path, body, limit = LIMIT, keepalive = false) {
    /** @type {Record<string, string>} */
    const headers = body ? { "Content-Type": "application/json" } : {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), limit);
    let failure;
    try {
      const response = await fetch(this.api + path, {
        method, headers, keepalive, body: body && JSON.stringify(body), signal: abort.signal, cache: "no-store", credentials: "omit",
      });
      const text = await response.text();
      if (!response.ok) throw refusal(response.status, text);
      return response.status === 204 ? undefined : JSON.parse(text);
    } catch (error) {
      failure = error instanceof ServiceError ? error : new ServiceError(0, TEXTS.offline);
      throw failure;
    } finally {
      clearTimeout(timer);
      this.heard(!failure?.cut);
    }
  }
}

/** @param {number} status @param {string} text */
function refusal(status, text) {
  /** @type {Refusal} */
  let said = {};
  try {
    said = JSON.parse(text);
  } catch {
    // a proxy's page
  }
  const other = status >= 500 ? TEXTS.unavailable : TEXTS.refused;
  return new ServiceError(status, said.error?.message ?? (said.errors ? TEXTS.formInvalid : other), said);
}

/** A random UUID, also where the page is not served over HTTPS. */
export function uuid() {
  return (
    crypto.randomUUID?.() ??
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (Number(c) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(c) / 4)))).toString(16),
    )
  );
}
