/** The app's Home tab. */

import { byId, h } from "./dom.js";
import { drawBlocks } from "./blocks/blocks.js";
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
    const click = ({ element, block, option }) => this.store.attemptAsCurrentUser("clicks", {
      view_id: view.id, wanted: element.action_id, block_id: block.block_id ?? "", option: option ?? "",
    });
    return drawBlocks(view.blocks, { names, click });
  }
}
