/** What each person has read; it is kept until this browser tab closes. */

const STORAGE_KEY = "read";

/** Return true if a place has new messages for a person. */
export function isUnread(person, place, latest) {
  return latest !== null && latest > (readTimestamps()[placeKey(person, place)] ?? "");
}

/** Record that a person has read a place up to a timestamp. */
export function markRead(person, place, latest) {
  if (isUnread(person, place, latest)) {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ ...readTimestamps(), [placeKey(person, place)]: latest }));
  }
}

function readTimestamps() {
  return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
}

function placeKey(person, place) {
  return `${person}/${place}`;
}
