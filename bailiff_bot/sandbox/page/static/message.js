/** One message: author, time, visibility, content and tools. */

import { h, svg } from "./dom.js";
import { clock, dayName, fullTime, moment } from "./dates.js";
import { drawBlocks } from "./blocks/blocks.js";
import { mrkdwn } from "./blocks/mrkdwn.js";
import { drawFile } from "./files.js";

const HUES = 8;

/** Return a message's node. */
export function drawMessage({ message, follows }, list, names) {
  const when = moment(message.ts);
  const kind = `message${message.is_ephemeral ? " ephemeral" : ""}${follows ? " follows" : ""}`;
  const author = names.person(message.user);
  const trouble = h("p", { class: "trouble", role: "alert" });
  return h("article", { class: kind, "aria-label": `${author}, ${clock(when)}`, "data-ts": message.ts },
    follows ? h("span", { class: "aside-time", "aria-hidden": "true" }, clock(when)) : avatar(message.user, names),
    h("div", { class: "body" },
      message.is_ephemeral && h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you"),
      !follows && h("p", { class: "byline" },
        h("strong", {}, author), names.isApp(message.user) && h("span", { class: "app-tag" }, "APP"),
        h("time", { datetime: when.toISOString(), title: fullTime(when) }, clock(when))),
      content(message, list, names, trouble),
      message.edited && h("span", { class: "edited" }, "(edited)"),
      message.files?.map(drawFile),
      trouble,
      replies(message, list, names)),
    tools(message, list));
}

function content(message, list, names, trouble) {
  if (!message.blocks?.length) return h("div", { class: "mrkdwn block" }, mrkdwn(message.text, names));
  const click = async ({ element, block, option }) => {
    trouble.textContent = "";
    const outcome = await list.store.personally("clicks", {
      view_id: "", channel: message.channel, ts: message.ts,
      wanted: element.action_id, block_id: block.block_id ?? "", option: option ?? "",
    });
    if (outcome?.error) trouble.textContent = `⚠ The app did not take that in time (${outcome.error}).`;
  };
  return drawBlocks(message.blocks, { names, click });
}

function replies({ reply_count: count, latest_reply: latest, ts }, list, names) {
  if (!list.options.threads || !count) return null;
  const last = moment(latest);
  const day = dayName(last, names.around.now * 1000);
  return h("button", { type: "button", class: "replies", "data-focus": `replies-${ts}`, onclick: () => list.store.openThread(ts) },
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    h("span", {}, `Last reply ${day === "Today" ? "today" : day} at ${clock(last)}`));
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
  const initials = names.person(user).split(" ").map(([letter]) => letter).filter((sign) => /\p{L}/u.test(sign)).slice(0, 2);
  const hue = [...user].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % HUES;
  return svg("svg", { class: `avatar hue${hue}`, viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("rect", { width: 36, height: 36, rx: 8 }),
    svg("text", { x: 18, y: 23, "text-anchor": "middle" }, initials.join("")));
}
