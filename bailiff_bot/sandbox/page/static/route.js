/** Who looks at what, kept in the address so that a reload and the back button work: `#/hector/bailiff/1700000000.000100`. */

/**
 * @typedef {{person: string, place: string, thread: string | null}} Route
 */

/** @returns {Route | null} what the address says, or null when it says nothing. */
export function readRoute() {
  const [, person, place, thread] = location.hash.split("/").map(decodeURIComponent);
  return person && place ? { person, place, thread: thread || null } : null;
}

/** Go there; the listeners of "hashchange" see to the rest. */
export function go(route) {
  location.hash = hash(route);
}

/** Go there without leaving a step to come back to. */
export function correct(route) {
  history.replaceState(null, "", hash(route));
}

function hash({ person, place, thread }) {
  return `#/${[person, place, ...(thread ? [thread] : [])].map(encodeURIComponent).join("/")}`;
}
