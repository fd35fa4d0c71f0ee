/** The state of the page, and how it is refreshed. */

import { toast } from "./dom.js";
import { Names } from "./names.js";
import { correct, go, readRoute } from "./route.js";
import { act, HOME, Impossible, look } from "./sandbox.js";

/**
 * The data that a person sees, with the names of people and channels.
 * @typedef {{route: import("./route.js").Route, around: object, messages: object[], replies: object[],
 *   home: object | null, names: Names}} Seen
 */

export class Store {
  /** @param {Array<(seen: Seen) => void>} painters each draws its part of the page */
  constructor(painters) {
    this.painters = painters;
    /** @type {Seen | null} */
    this.seen = null;
    this.looking = false;
    this.again = false;
  }

  /** The route of the address, which may not be drawn yet. */
  get route() {
    return readRoute() ?? this.seen.route;
  }

  get person() {
    return this.route.person;
  }

  /** Load the data and draw the page. A call during a running refresh starts one more refresh after it. */
  async refresh() {
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = true;
    try {
      do {
        this.again = false;
        await this.lookOnce();
      } while (this.again);
    } finally {
      this.looking = false;
    }
  }

  async lookOnce() {
    const route = readRoute();
    try {
      const seen = await look(route);
      if (sameRoute(route, readRoute())) this.paint({ ...seen, names: new Names(seen.around) });
      else this.again = true;
    } catch (error) {
      if (!(error instanceof Impossible)) return; // the sandbox does not respond; `listen` reports that
      toast(`This is not to be seen: ${error.message}`);
      if (this.seen && !sameRoute(route, this.seen.route)) correct(this.seen.route);
    }
  }

  paint(seen) {
    this.seen = seen;
    for (const paint of this.painters) paint(seen);
  }

  /** Go to another place, as the same person. */
  visit(place) {
    go({ person: this.person, place, thread: null });
    if (place === HOME) this.personally("opens_home");
  }

  /** Switch to another person, in the same place if that person can see it. */
  become(person) {
    const { place } = this.route;
    go({ person, place, thread: null });
    if (place === HOME) this.attempt("opens_home", { user: person });
  }

  openThread(thread) {
    go({ ...this.route, thread });
  }

  /** Call a control handler as the current person; see `attempt`. */
  personally(name, body = {}) {
    return this.attempt(name, { user: this.person, ...body });
  }

  /**
   * Call a control handler, and show its error for some seconds if it fails.
   * @returns {Promise<unknown>} the result, or undefined after an error
   */
  async attempt(name, body = {}) {
    try {
      return await act(name, body);
    } catch (error) {
      toast(error instanceof Impossible ? error.message : "The sandbox does not answer.");
      return undefined;
    }
  }
}

function sameRoute(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
