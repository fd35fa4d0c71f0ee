/** What the page shows at the moment, and how it comes to show something newer. */

import { toast } from "./dom.js";
import { Names } from "./names.js";
import { correct, go, readRoute } from "./route.js";
import { act, HOME, Impossible, look } from "./sandbox.js";

/**
 * What a person sees, with the names to draw it by.
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

  /** Where one is by the address, which may not be drawn yet. */
  get route() {
    return readRoute() ?? this.seen.route;
  }

  get person() {
    return this.route.person;
  }

  /** Look, and draw; a wish to look that comes meanwhile is granted afterwards. */
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
      if (!(error instanceof Impossible)) return; // the sandbox is gone, which is said elsewhere
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

  /** Become another person, in the same place if that person knows it. */
  become(person) {
    const { place } = this.route;
    go({ person, place, thread: null });
    if (place === HOME) this.attempt("opens_home", { user: person });
  }

  openThread(thread) {
    go({ ...this.route, thread });
  }

  /** Do something as the person one is; see `attempt`. */
  personally(name, body = {}) {
    return this.attempt(name, { user: this.person, ...body });
  }

  /**
   * Do something; what cannot be done is said for some seconds.
   * @returns {Promise<unknown>} the result, or undefined when it could not be done
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
