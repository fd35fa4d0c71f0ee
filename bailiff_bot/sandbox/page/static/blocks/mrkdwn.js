/** Slack's own markup, "mrkdwn", as nodes (docs.slack.dev, "Formatting message text"). */

import { h, link } from "../dom.js";
import { moment, slackDate } from "../dates.js";
import { emoji } from "./emoji.js";

const PREFORMATTED = /```([\s\S]+?)```/g;
const QUOTED = /^(?:&gt;|>) ?/;
/** A formatting mark counts only without a letter outside and without a blank inside. */
const INLINE = new RegExp(
  [
    /`([^`\n]+)`/, /<([^<>\n]+)>/, /:([a-z0-9_+'-]+):/,
    /(?<![\w*])\*(?! )([^*\n]*[^*\s])\*(?![\w*])/,
    /(?<![\w_])_(?! )([^_\n]*[^_\s])_(?![\w_])/,
    /(?<![\w~])~(?! )([^~\n]*[^~\s])~(?![\w~])/,
  ].map((part) => part.source).join("|"),
  "g",
);

/**
 * Return the nodes of a text.
 * @param {string} text
 * @param {import("../names.js").Names} names
 */
export function mrkdwn(text, names) {
  return split(text, PREFORMATTED).flatMap(({ plain, match }) =>
    match ? [h("pre", {}, decoded(match[1].replace(/^\n/, "")))] : lines(plain, names));
}

/** Return a text object's nodes: mrkdwn, or plain text in which only emoji are replaced. */
export function textObject(text, names) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : plainText(text.text);
}

/** Return plain text's nodes. */
export function plainText(text) {
  return broken(text.split("\n").map((line) =>
    split(line, /:([a-z0-9_+'-]+):/g).map(({ plain, match }) => (match ? emoji(match[1]) : plain))));
}

/** Return a text with Slack's entities replaced by their characters. */
export function decoded(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function lines(text, names) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = QUOTED.test(line);
    if (groups.at(-1)?.quoted !== quoted) groups.push({ quoted, lines: [] });
    groups.at(-1).lines.push(inline(line.replace(QUOTED, quoted ? "" : "$&"), names));
  }
  return groups.flatMap((group) =>
    group.quoted ? [h("blockquote", {}, broken(group.lines))] : broken(group.lines));
}

function inline(text, names) {
  return split(text, INLINE).flatMap(({ plain, match }) => (match ? marked(match, names) : [decoded(plain)]));
}

function marked([, code, special, name, bold, italic, strike], names) {
  if (code !== undefined) return [h("code", {}, decoded(code))];
  if (special !== undefined) return [specialNode(special, names)];
  if (name !== undefined) return [emoji(name)];
  if (bold !== undefined) return [h("strong", {}, inline(bold, names))];
  if (italic !== undefined) return [h("em", {}, inline(italic, names))];
  return [h("s", {}, inline(strike, names))];
}

/** Return the node of a text in angle brackets: a mention, a date or a link. */
function specialNode(content, names) {
  const [target, label] = cut(content, "|").map((part) => part && decoded(part));
  if (target.startsWith("@")) return mention(`@${names.handle(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (target.startsWith("!subteam^")) return mention(label ?? "@group");
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(target, label ?? target);
}

function dateNode(target, fallback) {
  const [, seconds, pattern, address] = target.split("^");
  const when = moment(seconds);
  const shown = h("time", { datetime: when.toISOString(), title: fallback }, slackDate(when, pattern ?? "{date}"));
  return address ? link(address, shown) : shown;
}

/** Return a mention; rich text uses it too. */
export function mention(text) {
  return h("span", { class: "mention" }, text);
}

/** Split a text at the matches of a pattern; return the parts and the matches in order. */
function split(text, pattern) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ plain: text.slice(end, match.index) });
    parts.push({ match });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ plain: text.slice(end) });
  return parts;
}

function broken(linesOfNodes) {
  return linesOfNodes.flatMap((nodes, index) => (index ? [h("br"), ...nodes] : nodes));
}

function cut(text, sign) {
  const at = text.indexOf(sign);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}
