/** The current person, place and thread, kept in the address for reload and back: `#/hector/bailiff/1700000000.000100`. */

/**
 * @typedef {{person: string, place: string, thread: string | null}} Route
 */

/** @returns {Route | null} the route in the address, or null if there is none. */
export function readRoute() {
  const [, person, place, thread] = location.hash.split("/").map(decodeURIComponent);
  return person && place ? { person, place, thread: thread || null } : null;
}

/** Set the route; the listeners of "hashchange" draw it. */
export function navigate(route) {
  location.hash = routeHash(route);
}

/** Replace the route without a new entry in the history. */
export function replaceRoute(route) {
  history.replaceState(null, "", routeHash(route));
}

function routeHash({ person, place, thread }) {
  return `#/${[person, place, ...(thread ? [thread] : [])].map(encodeURIComponent).join("/")}`;
}
