/** Speaks the service's contract over HTTP: time limits, French errors, repeats of the same message after a cut. */
import { TEXTS } from "./texts.js";

const LIMIT = 10_000; // ms
const TURN_LIMIT = 30_000; // ms: the service itself answers "pending" well before
const PAUSES = [1_000, 3_000]; // ms before each repeat of a message after a cut
const TRANSIENT = new Set([0, 502, 504]); // 503 is the service's own word: it is shown, not hammered

/** A refusal or a cut. `message` is French and says what to do; `status` is 0 when nothing was received. */
export class ServiceError extends Error {
  /** @param {number} status @param {string} message @param {Refusal} [details] of a form */
  constructor(status, message, details = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.errors = details.errors;
    this.urgent = details.urgent ?? [];
  }

  /** Whether the service may have received the request: a repeat must then carry the same id. */
  get uncertain() {
    return this.status === 0 || this.status >= 500;
  }
}

export class Transport {
  /** @type {string | null} */
  token = null;

  /** @param {string} api address of the service */
  constructor(api) {
    this.api = api;
  }

  /** @param {number} ms @returns {Promise<void>} */
  pause(ms) {
    return new Promise((done) => setTimeout(done, ms));
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
   * One turn; repeated with the same id after a cut, which the service answers without running it again.
   * @param {{id: string, text?: string, choice?: string}} body
   * @returns {Promise<Reply>}
   */
  say(body) {
    return this.#insist(() => this.#call("POST", "/chat/messages", body, TURN_LIMIT));
  }

  /** @param {number} after @returns {Promise<{messages: Message[], pending: boolean}>} */
  read(after) {
    return this.#call("GET", `/chat/messages?after=${after}`);
  }

  /** @param {Handoff} form @returns {Promise<Reply>} */
  handoff(form) {
    return this.#insist(() => this.#call("POST", "/chat/handoff", form, TURN_LIMIT));
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

  /** @param {() => Promise<any>} attempt */
  async #insist(attempt) {
    for (const ms of PAUSES) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ServiceError) || !TRANSIENT.has(error.status)) throw error;
      }
      await this.pause(ms);
    }
    return attempt();
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
    try {
      const response = await fetch(this.api + path, {
        method, headers, keepalive, body: body && JSON.stringify(body), signal: abort.signal, cache: "no-store", credentials: "omit",
      });
      if (response.status === 204) return undefined;
      const answer = await response.json().catch(() => (response.ok ? Promise.reject(new TypeError("cut")) : {}));
      if (response.ok) return answer;
      throw new ServiceError(response.status, answer.error?.message ?? fallback(response.status, answer), answer);
    } catch (error) {
      throw error instanceof ServiceError ? error : new ServiceError(0, TEXTS.offline);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @param {number} status @param {Refusal} answer */
function fallback(status, answer) {
  if (answer.errors) return TEXTS.formInvalid;
  return status >= 500 ? TEXTS.unavailable : TEXTS.refused;
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
