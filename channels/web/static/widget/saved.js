/** What a reload of the page needs to take up the conversation: its token, for this tab only. The rest is read again. */

export class Saved {
  /** @param {string} api origin of the service: one conversation each */
  constructor(api) {
    this.key = `guichet:${api}`;
  }

  /** Null also when the browser forbids storage: the conversation then lasts as long as the page. */
  get token() {
    try {
      return sessionStorage.getItem(this.key);
    } catch {
      return null;
    }
  }

  set token(token) {
    try {
      if (token) sessionStorage.setItem(this.key, token);
      else sessionStorage.removeItem(this.key);
    } catch {
      // as above
    }
  }
}
