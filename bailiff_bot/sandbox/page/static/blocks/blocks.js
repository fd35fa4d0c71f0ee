/** Block Kit: draws blocks. */

import { h } from "../dom.js";
import { actionElement } from "./actions.js";
import { chart } from "./chart.js";
import { dataTable } from "./datatable.js";
import { inputBlock } from "./inputs.js";
import { plainText, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { stateValue } from "./state.js";
import { plainTable } from "./table.js";
import { HOME } from "../sandbox.js";
import { unknown } from "./unknown.js";

/**
 * What the drawing functions need in addition to the block.
 * @typedef {object} Context
 * @property {import("../names.js").Names} names
 * @property {(click: {block: object, element: object, option?: unknown}) => Promise<void>} click
 * @property {(block: object, element: object) => unknown} value returns what was chosen or typed in an element
 * @property {() => void} openHome opens the app's Home tab, for links to it
 * @property {object} [form] where inputs register, see inputs.js
 */

const BLOCKS = {
  header: (block) => h("h3", { class: "header" }, plainText(block.text.text)),
  section,
  context: (block, context) =>
    h("div", { class: "small-print" }, block.elements.map((element) => contextElement(element, context))),
  divider: () => h("hr"),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, plainText(block.title.text)), imagePlaceholder(block)),
  rich_text: (block, context) => h("div", { class: "rich-text" }, richText(block, context)),
  actions: (block, context) =>
    h("div", { class: "actions" }, block.elements.map((element) => actionElement(element, block, context))),
  input: inputBlock,
  table: plainTable,
  data_table: dataTable,
  data_visualization: chart,
};

/**
 * Return the context of the blocks of a message or a view.
 * @param {import("../store.js").Store} store
 * @param {{state: object, names: object, place: object, form?: object, report: (problem: string) => void}} options
 *   `state`: that of the message or view; `place`: what the clicks' requests say of it; `report` shows a problem
 */
export function blockContext(store, { state, names, place, form, report }) {
  const click = async ({ element, block, option }) => {
    report("");
    const result = await store.attemptAsCurrentUser("clicks", {
      view_id: "", channel: "", ts: "", ...place, values: form?.values(),
      wanted: element.action_id, block_id: block.block_id, option: option ?? null,
    });
    if (result?.error) report(`⚠ The app did not take that in time (${result.error}).`);
  };
  const value = (block, element) => stateValue(state.values[block.block_id][element.action_id]);
  return { names, form, click, value, openHome: () => store.openPlace(HOME) };
}

/**
 * Return the nodes of blocks.
 * @param {Array<object>} blocks
 * @param {Context} context
 */
export function drawBlocks(blocks, context) {
  return blocks.map((block) => drawBlock(block, context));
}

function drawBlock(block, context) {
  const draw = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : null;
  if (!draw) return unknown("block", block);
  const node = draw(block, context);
  node.classList.add("block");
  return node;
}

function section(block, context) {
  const { text, fields, accessory } = block;
  return h("div", { class: "section" },
    h("div", { class: "section-text" },
      text && h("div", { class: "mrkdwn" }, textObject(text, context.names)),
      fields && h("div", { class: "fields" },
        fields.map((field) => h("div", { class: "mrkdwn" }, textObject(field, context.names))))),
    accessory && h("div", { class: "accessory" },
      accessory.type === "image" ? imagePlaceholder(accessory) : actionElement(accessory, block, context)));
}

function contextElement(element, { names }) {
  if (element.type === "image") return imagePlaceholder(element);
  return h("span", { class: "mrkdwn" }, textObject(element, names));
}

/** Return a placeholder: images are on other machines, and the page requests nothing from there. */
function imagePlaceholder({ alt_text: altText }) {
  return h("span", { class: "picture", role: "img", "aria-label": altText },
    h("span", { "aria-hidden": "true" }, "🖼"), h("span", { "aria-hidden": "true" }, altText));
}
