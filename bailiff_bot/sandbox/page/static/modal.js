/** The person's top modal: its inputs, its two buttons, and the app's errors. */

import { byId, h } from "./dom.js";
import { drawBlocks } from "./blocks/blocks.js";
import { Form } from "./blocks/inputs.js";
import { plainText } from "./blocks/mrkdwn.js";

export class Modal {
  constructor(store) {
    this.store = store;
    this.dialog = byId("modal");
    this.hash = null;
    // Escape asks the sandbox to close the modal, so that the app is notified if it wants to be.
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  render({ pageState: { modal }, names }) {
    const hash = modal?.hash ?? null;
    if (hash === this.hash) return;
    const typedValues = modal && this.view?.id === modal.id ? this.typedValues() : new Map();
    Object.assign(this, { hash, view: modal });
    if (!modal) return this.dialog.close();
    this.draw(modal, names);
    for (const [name, value] of typedValues) this.restoreValue(name, value);
    if (!this.dialog.open) this.dialog.showModal();
  }

  draw(view, names) {
    this.form = new Form();
    this.problem = h("p", { class: "problem", role: "alert" });
    const click = ({ element, block, option }) => this.store.attemptAsCurrentUser("clicks", {
      view_id: view.id, wanted: element.action_id, block_id: block.block_id ?? "", option: option ?? "",
    });
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.dialog.replaceChildren(h("form", { onsubmit: submit },
      h("header", {}, h("h2", { id: "modal-name" }, plainText(view.title.text)),
        h("button", { type: "button", class: "quiet icon", "aria-label": "Close", onclick: () => this.close() }, "✕")),
      h("div", { class: "modal-body" }, drawBlocks(view.blocks, { names, click, form: this.form }), this.problem),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => this.close() }, plainText(view.close?.text ?? "Cancel")),
        view.submit && h("button", { class: "button primary" }, plainText(view.submit.text)))));
  }

  async submit() {
    const result = await this.store.attemptAsCurrentUser("submits", { view_id: this.view.id, values: this.form.values() });
    if (!result) return;
    this.problem.textContent = result.error ? `The app did not answer in time (${result.error}). Try again.` : "";
    const { response_action: action, errors } = result.payload;
    this.form.showErrors(action === "errors" ? errors : {});
  }

  close() {
    this.store.attemptAsCurrentUser("closes", { view_id: this.view.id });
  }

  /** Return the typed values. An update of the view keeps them, as Slack does for inputs with the same names. */
  typedValues() {
    const fields = [...this.dialog.querySelectorAll("input[name], textarea[name], select[name]")];
    return new Map(fields.filter(({ type }) => type !== "checkbox" && type !== "radio").map(({ name, value }) => [name, value]));
  }

  restoreValue(name, value) {
    const field = this.dialog.querySelector(`[name="${CSS.escape(name)}"]`);
    if (field && "value" in field) field.value = value;
  }
}
