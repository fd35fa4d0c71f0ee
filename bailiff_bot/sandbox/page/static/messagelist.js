/** A list of messages, with a divider before each day. */

import { h } from "./dom.js";
import { dayName, moment } from "./dates.js";
import { keyed } from "./keyed.js";
import { drawMessage } from "./message.js";

/** The list counts as scrolled to the end within this many pixels of it. */
const NEAR = 60;
/** Messages of one author within this many seconds share one heading. */
const TOGETHER = 300;

export class MessageList {
  /**
   * @param {import("./store.js").Store} store
   * @param {import("./developer/developer.js").Developer} developer
   * @param {HTMLElement} box
   * @param {{threads: boolean}} options whether threads can be opened from here
   */
  constructor(store, developer, box, options) {
    Object.assign(this, { store, developer, box, options });
    this.known = new Set();
  }

  /** Draw messages, and return those that are new since the last call. */
  paint({ around, names }, messages, { fresh, empty }) {
    const follow = fresh || this.isAtEnd();
    const arrived = fresh ? [] : messages.filter(({ ts }) => !this.known.has(ts));
    this.known = new Set(messages.map(({ ts }) => ts));
    const items = messages.length ? withDays(messages, around.now) : [{ empty: true }];
    keyed(this.box, items, {
      key: (item) => item.message?.ts ?? item.day ?? "empty",
      draw: (item) => {
        if (item.empty) return empty ?? h("p");
        return item.day ? divider(item.day) : drawMessage(item, this, names);
      },
    });
    if (follow && (fresh || arrived.length)) this.toEnd();
    return arrived;
  }

  isAtEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }
}

function withDays(messages, now) {
  const items = [];
  let before = null;
  for (const message of messages) {
    const day = dayName(moment(message.ts), now * 1000);
    const newDay = !before || day !== dayName(moment(before.ts), now * 1000);
    if (newDay) items.push({ day });
    items.push({ message, follows: !newDay && continues(before, message) });
    before = message;
  }
  return items;
}

function continues(before, message) {
  return before.user === message.user && !message.blocks && before.is_ephemeral === message.is_ephemeral
    && Number(message.ts) - Number(before.ts) < TOGETHER;
}

function divider(day) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, day));
}
