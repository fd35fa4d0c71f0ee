/** The person's top modal: its inputs, its buttons, and the app's errors. */

import { byId, h } from "./dom.js";
import { blockContext, drawBlocks } from "./blocks/blocks.js";
import { Form } from "./blocks/inputs.js";
import { plainText } from "./blocks/mrkdwn.js";
import { elementKey } from "./blocks/state.js";

export class Modal {
  constructor(store) {
    this.store = store;
    this.dialog = byId("modal");
    this.shownKey = null;
    // Escape asks the sandbox to close the modal, so that the app is notified if it wants to be.
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close("dismisses");
    });
  }

  /** Draw the modal if it is another one, another version, or another person's. */
  render({ route, pageState: { modal }, names }) {
    const key = modal && `${route.person}/${modal.hash}`;
    if (key === this.shownKey) return;
    // An update keeps what was typed in inputs with the same ids.
    const typed = modal && this.view?.id === modal.id ? this.form.inputs : [];
    const focused = this.dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    Object.assign(this, { shownKey: key, view: modal });
    if (!modal) return this.dialog.close();
    this.draw(modal, names, typed);
    if (!this.dialog.open) this.dialog.showModal();
    if (focused) this.dialog.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  draw(view, names, typed) {
    this.form = new Form();
    this.problem = h("p", { class: "problem", role: "alert" });
    const context = blockContext(this.store, {
      state: view.state, names, place: { view_id: view.id }, form: this.form,
      report: (text) => {
        this.problem.textContent = text;
      },
    });
    const value = (block, element) => {
      const kept = typed.find(({ key, type }) => key === elementKey(block, element) && type === element.type);
      return kept ? kept.value() : context.value(block, element);
    };
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.submitButton = view.submit && h("button", { class: "button primary" }, plainText(view.submit.text));
    this.dialog.replaceChildren(h("form", { onsubmit: submit },
      h("header", {}, h("h2", { id: "modal-name" }, plainText(view.title.text)),
        h("button", { type: "button", class: "quiet icon", "aria-label": "Close", onclick: () => this.close("dismisses") }, "✕")),
      h("div", { class: "modal-body" }, drawBlocks(view.blocks, { ...context, value }), this.problem),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => this.close("closes") },
          plainText(view.close?.text ?? (view.previous_view_id ? "Back" : "Cancel"))),
        this.submitButton)));
  }

  async submit() {
    const { form, problem, submitButton } = this;
    if (!submitButton) return;
    submitButton.disabled = true; // one submission at a time
    const result = await this.store.attemptAsCurrentUser("submits", { view_id: this.view.id, values: form.values() });
    submitButton.disabled = false;
    if (!result) return;
    problem.textContent = result.error ? `We had some trouble connecting (${result.error}). Try again?` : "";
    const { response_action: action, errors } = result.payload;
    form.showErrors(action === "errors" && !result.error ? errors : {});
  }

  /** Close the top view ("closes"), or all views of the modal ("dismisses"). */
  close(handler) {
    this.store.attemptAsCurrentUser(handler, { view_id: this.view.id });
  }
}
