/** Controls for Slack's responses, the clock and the fleet. */

import { h } from "../dom.js";
import { Faults } from "./faults.js";
import { Fleet } from "./fleet.js";
import { Regions } from "./regions.js";
import { Time } from "./time.js";

export class Switches {
  constructor(store) {
    this.faults = new Faults(store);
    this.world = [new Time(store), new Fleet(store), new Regions(store)];
    this.node = h("div", {}, this.world.map(({ node }) => node), this.faults.node);
  }

  paint(seen) {
    // A local Slack alone, as in tests, has no fleet and no clock to control.
    const staged = seen.around.acts.includes("fleet");
    for (const part of this.world) {
      part.node.hidden = !staged;
      if (staged) part.paint(seen);
    }
    this.faults.paint(seen);
  }
}
