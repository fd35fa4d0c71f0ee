/** Slack's own markup, "mrkdwn", as nodes (docs.slack.dev, "Formatting message text"). */

import { h, link } from "../dom.js";
import { formatSlackDate, toDate } from "../dates.js";
import { emoji } from "./emoji.js";

const PREFORMATTED = /```([\s\S]+?)```/g;
const QUOTE_PREFIX = /^(?:&gt;|>) ?/;
/** A formatting mark counts only without a letter outside and without a blank inside. */
const INLINE_PATTERN = new RegExp(
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
  return splitAtMatches(text, PREFORMATTED).flatMap(({ plain, match }) =>
    match ? [h("pre", {}, decodeEntities(match[1].replace(/^\n/, "")))] : lineNodes(plain, names));
}

/** Return a text object's nodes: mrkdwn, or plain text in which only emoji are replaced. */
export function textObject(text, names) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : plainText(text.text);
}

/** Return plain text's nodes. */
export function plainText(text) {
  return joinWithBreaks(text.split("\n").map((line) =>
    splitAtMatches(line, /:([a-z0-9_+'-]+):/g).map(({ plain, match }) => (match ? emoji(match[1]) : plain))));
}

/** Return a text with Slack's entities replaced by their characters. */
export function decodeEntities(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function lineNodes(text, names) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = QUOTE_PREFIX.test(line);
    if (groups.at(-1)?.quoted !== quoted) groups.push({ quoted, lines: [] });
    groups.at(-1).lines.push(inlineNodes(line.replace(QUOTE_PREFIX, quoted ? "" : "$&"), names));
  }
  return groups.flatMap((group) =>
    group.quoted ? [h("blockquote", {}, joinWithBreaks(group.lines))] : joinWithBreaks(group.lines));
}

function inlineNodes(text, names) {
  return splitAtMatches(text, INLINE_PATTERN).flatMap(({ plain, match }) => (match ? markedNodes(match, names) : [decodeEntities(plain)]));
}

function markedNodes([, code, special, name, bold, italic, strike], names) {
  if (code !== undefined) return [h("code", {}, decodeEntities(code))];
  if (special !== undefined) return [specialNode(special, names)];
  if (name !== undefined) return [emoji(name)];
  if (bold !== undefined) return [h("strong", {}, inlineNodes(bold, names))];
  if (italic !== undefined) return [h("em", {}, inlineNodes(italic, names))];
  return [h("s", {}, inlineNodes(strike, names))];
}

/** Return the node of a text in angle brackets: a mention, a date or a link. */
function specialNode(content, names) {
  const [target, label] = splitOnce(content, "|").map((part) => part && decodeEntities(part));
  if (target.startsWith("@")) return mention(`@${names.handle(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (target.startsWith("!subteam^")) return mention(label ?? "@group");
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(target, label ?? target);
}

function dateNode(target, fallback) {
  const [, seconds, pattern, url] = target.split("^");
  const date = toDate(seconds);
  const node = h("time", { datetime: date.toISOString(), title: fallback }, formatSlackDate(date, pattern ?? "{date}"));
  return url ? link(url, node) : node;
}

/** Return a mention; rich text uses it too. */
export function mention(text) {
  return h("span", { class: "mention" }, text);
}

/** Split a text at the matches of a pattern; return the parts and the matches in order. */
function splitAtMatches(text, pattern) {
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

function joinWithBreaks(nodesByLine) {
  return nodesByLine.flatMap((nodes, index) => (index ? [h("br"), ...nodes] : nodes));
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}
