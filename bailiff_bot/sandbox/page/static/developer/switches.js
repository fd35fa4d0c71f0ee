/** Controls for Slack's responses, the clock and the fleet. */

import { h } from "../dom.js";
import { Faults } from "./faults.js";
import { Fleet } from "./fleet.js";
import { Regions } from "./regions.js";
import { Time } from "./time.js";

export class Switches {
  constructor(store) {
    this.faults = new Faults(store);
    this.sandboxControls = [new Time(store), new Fleet(store), new Regions(store)];
    this.node = h("div", {}, this.sandboxControls.map(({ node }) => node), this.faults.node);
  }

  render(pageData) {
    // A local Slack alone, as in tests, has no fleet and no clock to control.
    const hasSandboxHandlers = pageData.pageState.acts.includes("fleet");
    for (const control of this.sandboxControls) {
      control.node.hidden = !hasSandboxHandlers;
      if (hasSandboxHandlers) control.render(pageData);
    }
    this.faults.render(pageData);
  }
}
