/** The names of people and channels, by id. */

export class Names {
  /** @param {object} around the page state of the sandbox */
  constructor(around) {
    this.around = around;
    this.people = new Map(around.people.map((person) => [person.id, person]));
    this.places = new Map(around.places.map((place) => [place.id, place]));
  }

  person(id) {
    return this.people.get(id)?.real_name ?? (id === "USLACKBOT" ? "Slack" : id);
  }

  handle(id) {
    return this.people.get(id)?.name ?? id;
  }

  channel(id) {
    return this.places.get(id)?.name ?? id;
  }

  isApp(id) {
    return id === this.around.app.user;
  }

  /** Return the people that a menu offers. */
  choosable() {
    return this.around.people.filter((person) => person.role !== "deactivated");
  }
}
