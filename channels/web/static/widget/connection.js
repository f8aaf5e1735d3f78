/** Whether the service can be reached. Says "change" when it is lost or back; paces those who try again. */

const EVERY = 1_500; // ms between two looks, when all is well
const FIRST = 1_000; // ms before the first repeat after a cut; then twice as long each time
const SLOWEST = 20_000; // ms

export class Connection extends EventTarget {
  lost = false;
  #delay = 0;

  constructor() {
    super();
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.heard(false));
  }

  /** What became of a request. @param {boolean} answered */
  heard(answered) {
    this.#delay = answered ? 0 : Math.min(this.#delay * 2 || FIRST, SLOWEST);
    if (!answered || this.lost) {
      this.lost = !answered;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Ends the pauses under way. */
  retry() {
    this.dispatchEvent(new Event("retry"));
  }

  /** Of unequal length, so that the widgets of a whole country do not come back at the same instant. @returns {Promise<unknown>} */
  pause() {
    return new Promise((done) => {
      setTimeout(done, (this.#delay || EVERY) * (1 + Math.random() / 4));
      this.addEventListener("retry", done, { once: true });
    });
  }
}
