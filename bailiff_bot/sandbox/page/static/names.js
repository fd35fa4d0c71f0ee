/** What people and channels are called, by their ids. */

export class Names {
  /** @param {object} around what the sandbox said of who and what there is */
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

  /** Return the people one can choose from a menu. */
  choosable() {
    return this.around.people.filter((person) => person.role !== "deactivated");
  }
}
