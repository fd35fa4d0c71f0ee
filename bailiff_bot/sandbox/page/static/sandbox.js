/** Calls of the sandbox's control endpoint, which the tests' driver uses too. */

/** The error of the sandbox for what a user cannot do in Slack. */
export class InteractionError extends Error {}

/**
 * Call a handler of the control endpoint and return its result.
 * @param {string} name the handler: "types", "clicks", "sees" ...
 * @param {object} body
 */
export async function callHandler(name, body = {}) {
  const response = await fetch(`/sandbox/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const content = await response.json().catch(() => ({ error: `the sandbox answered ${response.status}` }));
  if (!response.ok) throw new InteractionError(content.error);
  return content.result;
}

/** Return all data that a person sees on a route. */
export async function loadPageData(route) {
  const user = route.person;
  const atHome = route.place === HOME;
  const [pageState, messages, replies, home] = await Promise.all([
    callHandler("around", { user }),
    atHome ? [] : callHandler("sees", { user, channel: route.place, thread_ts: null }),
    route.thread ? callHandler("sees", { user, channel: route.place, thread_ts: route.thread }) : [],
    atHome ? callHandler("view", { user, kind: "home" }) : null,
  ]);
  return { route, pageState, messages, replies, home };
}

/** The app's Home tab, the only place that is not a channel. */
export const HOME = "home";

/** Call `onChange` when data may have changed, and `onConnection` when the sandbox is lost or found again. */
export function listenForChanges(onChange, onConnection) {
  const changeEvents = new EventSource("/page/hints");
  changeEvents.onmessage = onChange;
  changeEvents.onopen = () => onConnection(true);
  changeEvents.onerror = () => onConnection(false);
}
