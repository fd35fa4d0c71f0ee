/** A list of messages, with a divider before each day. */

import { h } from "./dom.js";
import { dayName, toDate } from "./dates.js";
import { renderKeyedList } from "./keyed.js";
import { drawMessage } from "./message.js";

/** The list counts as scrolled to the end within this many pixels of it. */
const END_TOLERANCE = 60;
/** Messages of one author within this many seconds share one heading. */
const GROUPING_TIME = 300;

export class MessageList {
  /**
   * @param {import("./store.js").Store} store
   * @param {import("./developer/developer.js").Developer} developer
   * @param {HTMLElement} container
   * @param {{threads: boolean}} options whether threads can be opened from here
   */
  constructor(store, developer, container, options) {
    Object.assign(this, { store, developer, container, options });
    this.knownTimestamps = new Set();
  }

  /** Draw messages, and return those that are new since the last call. */
  render({ pageState, names }, messages, { reset, empty }) {
    const scrolls = reset || this.isAtEnd();
    const newMessages = reset ? [] : messages.filter(({ ts }) => !this.knownTimestamps.has(ts));
    this.knownTimestamps = new Set(messages.map(({ ts }) => ts));
    const items = messages.length ? withDays(messages, pageState.now) : [{ empty: true }];
    renderKeyedList(this.container, items, {
      key: (item) => item.message?.ts ?? item.day ?? "empty",
      draw: (item) => {
        if (item.empty) return empty ?? h("p");
        return item.day ? divider(item.day) : drawMessage(item, this, names);
      },
    });
    if (scrolls && (reset || newMessages.length)) this.scrollToEnd();
    return newMessages;
  }

  isAtEnd() {
    return this.container.scrollHeight - this.container.scrollTop - this.container.clientHeight < END_TOLERANCE;
  }

  scrollToEnd() {
    this.container.scrollTop = this.container.scrollHeight;
  }
}

function withDays(messages, now) {
  const items = [];
  let previous = null;
  for (const message of messages) {
    const day = dayName(toDate(message.ts), now * 1000);
    const newDay = !previous || day !== dayName(toDate(previous.ts), now * 1000);
    if (newDay) items.push({ day });
    items.push({ message, follows: !newDay && continues(previous, message) });
    previous = message;
  }
  return items;
}

function continues(previous, message) {
  return previous.user === message.user && !message.blocks && previous.is_ephemeral === message.is_ephemeral
    && Number(message.ts) - Number(previous.ts) < GROUPING_TIME;
}

function divider(day) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, day));
}
