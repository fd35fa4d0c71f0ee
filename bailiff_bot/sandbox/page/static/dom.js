/**
 * The only module that creates elements. Content of the workspace becomes text nodes; the page never parses it as
 * HTML.
 */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const SAFE_URL = /^(?:https?:\/\/|mailto:)/i;

/**
 * Return a new element. Functions among the properties are listeners ("onclick"); an attribute is set for true and
 * omitted for false and null; children are elements, strings, lists of them, or null.
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Return a new SVG element. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), properties, children);
}

/** Return the element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Return a link that opens a new tab, or plain text if the address is not http, https or mailto. */
export function link(url, ...children) {
  const label = children.length ? children : [url];
  if (!SAFE_URL.test(url)) return h("span", { title: url }, ...label);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** Announce a text to screen readers, after their present sentence. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** Show an error message for 8 seconds. */
export function toast(text) {
  const node = h("p", { class: "toast" }, text);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 8000);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
