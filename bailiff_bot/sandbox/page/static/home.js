/** The app's Home tab. */

import { byId, h, toast } from "./dom.js";
import { blockContext, drawBlocks } from "./blocks/blocks.js";
import { Form } from "./blocks/inputs.js";
import { renderKeyedList } from "./keyed.js";
import { HOME } from "./sandbox.js";

export class Home {
  constructor(store) {
    this.store = store;
    this.container = byId("home");
  }

  render({ route, home, names }) {
    this.container.hidden = route.place !== HOME;
    if (route.place !== HOME) return;
    const item = home ? { person: route.person, view: home } : { person: route.person };
    renderKeyedList(this.container, [item], {
      key: ({ person }) => person,
      draw: ({ view }) => (view ? h("div", {}, this.blocks(view, names)) : h("p", { class: "empty" }, "The app has drawn nothing here yet.")),
    });
  }

  blocks(view, names) {
    const report = (text) => text && toast(text);
    return drawBlocks(view.blocks, blockContext(this.store, {
      state: view.state, names, place: { view_id: view.id }, form: new Form(), report,
    }));
  }
}
