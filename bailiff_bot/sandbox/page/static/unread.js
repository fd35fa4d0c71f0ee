/** What each person has read; it is kept until this browser tab closes. */

const KEY = "read";

/** Return true if a place has new messages for a person. */
export function isUnread(person, place, latest) {
  return latest !== null && latest > (marks()[mark(person, place)] ?? "");
}

/** Record that a person has read a place up to a timestamp. */
export function markRead(person, place, latest) {
  if (isUnread(person, place, latest)) {
    sessionStorage.setItem(KEY, JSON.stringify({ ...marks(), [mark(person, place)]: latest }));
  }
}

function marks() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
}

function mark(person, place) {
  return `${person}/${place}`;
}
