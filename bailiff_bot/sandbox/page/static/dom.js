/**
 * The only place where elements are made. Whatever is said in the workspace becomes a text node: nothing in this page
 * ever parses it as HTML.
 */

const SVG = "http://www.w3.org/2000/svg";
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:)/i;

/**
 * Return a new element. Properties that begin with "on" are listeners; true, false and null are attributes that are
 * there or not; children are elements and strings, lists of them, or nothing.
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Return a new element of a drawing. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Return the page's element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Return a link that opens a tab of its own, or plain text where the address leads to no web page. */
export function link(address, ...children) {
  const label = children.length ? children : [address];
  if (!SAFE_ADDRESS.test(address)) return h("span", { title: address }, ...label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** Tell a screen reader something, when it has finished its sentence. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** Show a sentence for some seconds, for what went wrong and has no other place. */
export function toast(text) {
  const shown = h("p", { class: "toast" }, text);
  byId("toasts").append(shown);
  setTimeout(() => shown.remove(), 8000);
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
