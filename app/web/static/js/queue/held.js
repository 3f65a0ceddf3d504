// A draft is written on by one page at a time: held for as long as that page lives, so that no other tab takes it up.
// Where the browser has no locks everybody may; what was written elsewhere is still never written over (drafts.js).

const nameOf = (id) => `hazards-draft-${id}`;

const LOOK_MS = 100;

/** Whether no other page is writing on it, or none any more within so many milliseconds. */
export async function isFree(id, patience = 0) {
  if (!navigator.locks || !navigator.locks.query) return true;
  for (let left = patience; ; left -= LOOK_MS) {
    const { held } = await navigator.locks.query();
    if (!held.some((lock) => lock.name === nameOf(id))) return true;
    if (left <= 0) return false;
    await new Promise((go) => { setTimeout(go, LOOK_MS); });
  }
}

/** Hold it; gives what lets it go, or null when another page has it. */
export function holdDraft(id) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    const asked = navigator.locks.request(nameOf(id), { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((end) => { resolve(end); });
    });
    asked.catch(() => resolve(() => {})); // a page that is being left gets none, and needs none
  });
}
