/** Rich text: sections, lists, quotes and preformatted text, and their inline elements. */

import { h, link } from "../dom.js";
import { formatSlackDate, toDate } from "../dates.js";
import { emoji } from "./emoji.js";
import { mention } from "./mrkdwn.js";
import { unknown } from "./unknown.js";

const WRAPPERS = [
  ["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"],
];

/** Return the nodes of a rich_text block, or of a cell of that type. */
export function richText(block, context) {
  return block.elements.map((element) => blockElement(element, context));
}

function blockElement(element, context) {
  switch (element.type) {
    case "rich_text_section": return h("p", { class: "rich" }, inlineNodes(element.elements, context));
    case "rich_text_quote": return h("blockquote", {}, inlineNodes(element.elements, context));
    case "rich_text_preformatted": return h("pre", {}, inlineNodes(element.elements, context));
    case "rich_text_list": return listNode(element, context);
    default: return unknown("rich text element", element);
  }
}

function listNode({ style, elements, indent = 0, border }, context) {
  const items = elements.map((item) => h("li", {}, inlineNodes(item.elements, context)));
  return h(style === "ordered" ? "ol" : "ul", {
    class: `rich-list indent-${Math.min(indent, 8)} level-${indent % 3}${border ? " bordered" : ""}`,
  }, items);
}

function inlineNodes(elements, context) {
  return elements.map((element) => styled(inlineNode(element, context), element.style));
}

function inlineNode(element, { names }) {
  switch (element.type) {
    case "text": return element.text;
    case "link": return link(element.url, element.text || element.url);
    case "emoji": return emojiNode(element);
    case "user": return mention(`@${names.handle(element.user_id)}`);
    case "usergroup": return mention(`@${element.usergroup_id}`);
    case "channel": return mention(`#${names.channel(element.channel_id)}`);
    case "broadcast": return mention(`@${element.range}`);
    case "color": return colour(element.value);
    case "date": return dateNode(element);
    default: return unknown("rich text element", element);
  }
}

function styled(node, style = {}) {
  return WRAPPERS.reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

function emojiNode({ name, unicode }) {
  return unicode ? String.fromCodePoint(...unicode.split("-").map((codePoint) => parseInt(codePoint, 16))) : emoji(name);
}

function colour(value) {
  const patch = h("span", { class: "colour", "aria-hidden": "true" });
  patch.style.backgroundColor = value;
  return h("span", {}, patch, value);
}

function dateNode({ timestamp, format, url, fallback }) {
  const date = toDate(timestamp);
  const shown = h("time", { datetime: date.toISOString(), title: fallback }, formatSlackDate(date, format));
  return url ? link(url, shown) : shown;
}
