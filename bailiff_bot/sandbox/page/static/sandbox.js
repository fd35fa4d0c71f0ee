/** What the page asks of the sandbox: the same control endpoint that the tests' driver uses. */

/** Something that nobody can do in Slack, in the sandbox's words. */
export class Impossible extends Error {}

/**
 * Do something at the control endpoint and return its result.
 * @param {string} name what to do: "types", "clicks", "sees" ...
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

/** Return what a person sees of a route: everything that there is to draw. */
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

/** The place that is no channel: the app's Home tab. */
export const HOME = "home";

/** Call back whenever there may be something new to see, and when the sandbox is gone or back again. */
export function listen(onHint, onConnection) {
  const hints = new EventSource("/page/hints");
  hints.onmessage = onHint;
  hints.onopen = () => onConnection(true);
  hints.onerror = () => onConnection(false);
}
