/** One message: author, time, visibility, content and tools. */

import { h, svg } from "./dom.js";
import { dayName, fullDateTime, timeOfDay, toDate } from "./dates.js";
import { blockContext, drawBlocks } from "./blocks/blocks.js";
import { mrkdwn } from "./blocks/mrkdwn.js";
import { drawFile } from "./files.js";

const HUE_COUNT = 8;

/** Return a message's node. */
export function drawMessage({ message, follows }, list, names) {
  const sentAt = toDate(message.ts);
  const className = `message${message.is_ephemeral ? " ephemeral" : ""}${follows ? " follows" : ""}`;
  const author = names.person(message.user);
  const problem = h("p", { class: "trouble", role: "alert" });
  return h("article", { class: className, "aria-label": `${author}, ${timeOfDay(sentAt)}`, "data-ts": message.ts },
    follows ? h("span", { class: "aside-time", "aria-hidden": "true" }, timeOfDay(sentAt)) : avatar(message.user, names),
    h("div", { class: "body" },
      message.is_ephemeral && h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you"),
      !follows && h("p", { class: "byline" },
        h("strong", {}, author), names.isApp(message.user) && h("span", { class: "app-tag" }, "APP"),
        h("time", { datetime: sentAt.toISOString(), title: fullDateTime(sentAt) }, timeOfDay(sentAt))),
      content(message, list, names, problem),
      message.edited && h("span", { class: "edited" }, "(edited)"),
      message.files?.map(drawFile),
      problem,
      replies(message, list, names)),
    tools(message, list));
}

function content(message, list, names, problem) {
  if (!message.blocks?.length) return h("div", { class: "mrkdwn block" }, mrkdwn(message.text, names));
  return drawBlocks(message.blocks, blockContext(list.store, {
    state: message.state, names, place: { channel: message.channel, ts: message.ts },
    report: (text) => {
      problem.textContent = text;
    },
  }));
}

function replies({ reply_count: count, latest_reply: latest, ts }, list, names) {
  if (!list.options.threads || !count) return null;
  const lastReplyAt = toDate(latest);
  const day = dayName(lastReplyAt, names.pageState.now * 1000);
  return h("button", { type: "button", class: "replies", "data-focus": `replies-${ts}`, onclick: () => list.store.openThread(ts) },
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    h("span", {}, `Last reply ${day === "Today" ? "today" : day} at ${timeOfDay(lastReplyAt)}`));
}

function tools(message, list) {
  const canReply = list.options.threads && !message.is_ephemeral;
  return h("div", { class: "tools" },
    canReply && h("button", {
      type: "button", class: "quiet", "data-focus": "reply", onclick: () => list.store.openThread(message.ts),
    }, "Reply"),
    h("button", {
      type: "button", class: "quiet", "data-focus": "json", onclick: () => list.developer.showMessage(message),
    }, "JSON"));
}

function avatar(user, names) {
  if (names.isApp(user)) return h("img", { class: "avatar", src: "/page/icon.svg", alt: "" });
  const initials = names.person(user).split(" ").map(([letter]) => letter).filter((character) => /\p{L}/u.test(character)).slice(0, 2);
  const hue = [...user].reduce((sum, character) => sum + character.codePointAt(0), 0) % HUE_COUNT;
  return svg("svg", { class: `avatar hue${hue}`, viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("rect", { width: 36, height: 36, rx: 8 }),
    svg("text", { x: 18, y: 23, "text-anchor": "middle" }, initials.join("")));
}
