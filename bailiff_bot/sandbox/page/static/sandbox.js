/** Calls of the sandbox's control endpoint, which the tests' driver uses too. */

/** The error of the sandbox for what a user cannot do in Slack. */
export class Impossible extends Error {}

/**
 * Call a handler of the control endpoint and return its result.
 * @param {string} name the handler: "types", "clicks", "sees" ...
 * @param {object} body
 */
export async function act(name, body = {}) {
  const answer = await fetch(`/sandbox/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({ error: `the sandbox answered ${answer.status}` }));
  if (!answer.ok) throw new Impossible(said.error);
  return said.result;
}

/** Return all data that a person sees on a route. */
export async function look(route) {
  const user = route.person;
  const atHome = route.place === HOME;
  const [around, messages, replies, home] = await Promise.all([
    act("around", { user }),
    atHome ? [] : act("sees", { user, channel: route.place, thread_ts: null }),
    route.thread ? act("sees", { user, channel: route.place, thread_ts: route.thread }) : [],
    atHome ? act("view", { user, kind: "home" }) : null,
  ]);
  return { route, around, messages, replies, home };
}

/** The app's Home tab, the only place that is not a channel. */
export const HOME = "home";

/** Call `onHint` when data may have changed, and `onConnection` when the sandbox is lost or found again. */
export function listen(onHint, onConnection) {
  const hints = new EventSource("/page/hints");
  hints.onmessage = onHint;
  hints.onopen = () => onConnection(true);
  hints.onerror = () => onConnection(false);
}
