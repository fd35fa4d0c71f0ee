/** The state of the page, and how it is refreshed. */

import { toast } from "./dom.js";
import { Names } from "./names.js";
import { navigate, readRoute, replaceRoute } from "./route.js";
import { callHandler, HOME, InteractionError, loadPageData } from "./sandbox.js";

/**
 * The data that a person sees, with the names of people and channels.
 * @typedef {{route: import("./route.js").Route, pageState: object, messages: object[], replies: object[],
 *   home: object | null, names: Names}} PageData
 */

export class Store {
  /** @param {Array<(pageData: PageData) => void>} renderers each draws its part of the page */
  constructor(renderers) {
    this.renderers = renderers;
    /** @type {PageData | null} */
    this.pageData = null;
    this.loading = false;
    this.refreshAgain = false;
  }

  /** The route of the address, which may not be drawn yet. */
  get route() {
    return readRoute() ?? this.pageData.route;
  }

  get person() {
    return this.route.person;
  }

  /** Load the data and draw the page. A call during a running refresh starts one more refresh after it. */
  async refresh() {
    if (this.loading) {
      this.refreshAgain = true;
      return;
    }
    this.loading = true;
    try {
      do {
        this.refreshAgain = false;
        await this.loadOnce();
      } while (this.refreshAgain);
    } finally {
      this.loading = false;
    }
  }

  async loadOnce() {
    const route = readRoute();
    try {
      const pageData = await loadPageData(route);
      if (sameRoute(route, readRoute())) this.render({ ...pageData, names: new Names(pageData.pageState) });
      else this.refreshAgain = true;
    } catch (error) {
      if (!(error instanceof InteractionError)) return; // the sandbox does not respond; `listenForChanges` reports that
      toast(`This is not to be seen: ${error.message}`);
      if (this.pageData && !sameRoute(route, this.pageData.route)) replaceRoute(this.pageData.route);
    }
  }

  render(pageData) {
    this.pageData = pageData;
    for (const render of this.renderers) render(pageData);
  }

  /** Go to another place, as the same person. */
  openPlace(place) {
    navigate({ person: this.person, place, thread: null });
    if (place === HOME) this.attemptAsCurrentUser("opens_home");
  }

  /** Switch to another person, in the same place if that person can see it. */
  switchPerson(person) {
    const { place } = this.route;
    navigate({ person, place, thread: null });
    if (place === HOME) this.attempt("opens_home", { user: person });
  }

  openThread(thread) {
    navigate({ ...this.route, thread });
  }

  /** Call a control handler as the current person; see `attempt`. */
  attemptAsCurrentUser(name, body = {}) {
    return this.attempt(name, { user: this.person, ...body });
  }

  /**
   * Call a control handler, and show its error for some seconds if it fails.
   * @returns {Promise<unknown>} the result, or undefined after an error
   */
  async attempt(name, body = {}) {
    try {
      return await callHandler(name, body);
    } catch (error) {
      toast(error instanceof InteractionError ? error.message : "The sandbox does not answer.");
      return undefined;
    }
  }
}

function sameRoute(first, second) {
  return JSON.stringify(first) === JSON.stringify(second);
}
