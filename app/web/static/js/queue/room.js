// Whether the phone has room for one more photo, before it is needed; and the wish that it keeps what it has.

const SPARE = 2 * 1024 * 1024; // the database's own needs
let asked = false;

/** The phone has no room for a photo: it is still on the page, and only there. */
export class NoRoom extends Error {}

export const isNoRoom = (error) => error instanceof NoRoom || error.name === "QuotaExceededError";

/** False only when the browser says that `bytes` more do not fit. */
export async function hasRoomFor(bytes) {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return !quota || usage + bytes + SPARE <= quota;
  } catch (error) {
    return true; // the write itself will tell
  }
}

/** Ask once that the browser does not clear what waits; some never allow it, and then nothing changes. */
export async function askToKeep() {
  if (asked) return;
  asked = true;
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist();
  } catch (error) {
    // Not offered here.
  }
}
