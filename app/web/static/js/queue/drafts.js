// Drafts on the phone: what a person wrote and photographed until the server's receipt names it.
//
// A draft: { client_id, rev, kind: "report" | "move", scope, target?, place?, fields, photos, stage, made_at, changed_at,
// tries, next_try_at, not_before, verdict, pass?, claim?, ending? }. `scope` says whose it is: { account, name } or
// { guest: place code }. `stage`: "editing" (saved while it is written), "queued" (to be sent), "attention" (a person must
// decide). `rev` grows with every writing by a page, and each writing names the one it follows: a page whose draft went on
// elsewhere writes nothing over it. `ending`: uploads that the server must forget before anything goes.
// A photo: { id, sha256, size, type, captured_at?, position?, address?, uploaded? }; its original bytes lie apart, as an
// ArrayBuffer, because some in-app browsers lose Blobs. No session and no CSRF token is ever written here.

import { isNameless } from "./payload.js";
import { tell } from "./telling.js";
import { given, read, write } from "./store.js";
import { newId, sha256 } from "./secrets.js";

/** The lease of the one sender was lost: what it found out is no longer its to write. */
export class Overtaken extends Error {}

/** The draft on the disk is not the one that this page wrote last. */
export class Elsewhere extends Error {}

/** The browser cleared bytes of a photo. */
export class Lost extends Error {}

export function newDraft({ kind, scope, target, place }) {
  const now = Date.now();
  return {
    client_id: newId(), rev: 0, kind, scope, target, place, fields: {}, photos: [], stage: "editing",
    made_at: now, changed_at: now, tries: 0, next_try_at: 0, not_before: 0, verdict: null,
  };
}

export const allDrafts = async () => {
  const drafts = await read(["drafts"], (store) => given(store.getAll()));
  return drafts.sort((one, other) => one.made_at - other.made_at);
};

export const draftOf = (id) => read(["drafts"], (store) => given(store.get(id)));

export const bytesOf = async (photo) => {
  const row = await read(["photos"], (store) => given(store.get(photo.id)));
  return row && row.bytes;
};

/** The bytes of a photo without which nothing can be sent. */
export async function bytesFor(photo) {
  const bytes = await bytesOf(photo);
  if (!bytes) throw new Lost();
  return bytes;
}

/** The uploads of a draft that are of no use any more, each with what may end it. */
export const endingOf = ({ photos, pass }) => (
  photos.filter((photo) => photo.address).map(({ address }) => ({ address, pass: pass || undefined }))
);

/** Another report with the same content; what went up for the first one is ended before this one goes. */
export const asAnother = (draft) => ({
  ...draft, client_id: newId(), rev: 0, stage: "editing", verdict: null, claim: undefined, pass: undefined, posted: undefined,
  photos: [],
  ending: [...(draft.ending || []), ...endingOf(draft)],
});

/** What went up with a name must not be used without one, nor the other way round: it is ended, and goes up anew. */
export function underOneName(draft) {
  const wasNameless = Boolean(draft.pass || draft.claim);
  const went = wasNameless || draft.photos.some((photo) => photo.address || photo.uploaded);
  if (!went || wasNameless === isNameless(draft)) return {};
  const photos = draft.photos.map((photo) => ({ ...photo, address: null, uploaded: false }));
  return { photos, pass: undefined, claim: undefined, ending: [...(draft.ending || []), ...endingOf(draft)] };
}

/** What the sender noted after a draft was taken back must be ended as well as what its page knows of. */
const eachOnce = (...lists) => [...new Map(lists.flatMap((ending) => ending || []).map((one) => [one.address, one])).values()];

/** The first writing finds nothing there; every later one what was written before it, still with its person. */
const follows = (draft, before) => (
  draft.rev === 0 ? !before : Boolean(before) && before.stage === "editing" && before.rev === draft.rev
);

/**
 * Write a draft as a page has it, with the bytes of photos that are new; photos that are gone from it go with it.
 * Gives it as it stands now; raises Elsewhere, and changes nothing, when it went on without this page.
 */
export async function saveDraft(draft, fresh = []) {
  const saved = await write(["drafts", "photos"], async (drafts, photos) => {
    const before = await given(drafts.get(draft.client_id));
    if (!follows(draft, before)) throw new Elsewhere();
    const kept = new Set(draft.photos.map((photo) => photo.id));
    for (const { id, bytes } of fresh) photos.put({ id, bytes });
    const known = new Map((before ? before.photos : []).map((photo) => [photo.id, photo]));
    for (const id of known.keys()) if (!kept.has(id)) photos.delete(id);
    // What was found out about a photo meanwhile (its hash, where it was put) stays with it.
    const merged = draft.photos.map((photo) => ({ ...known.get(photo.id), ...photo }));
    const gone = before ? endingOf({ ...before, photos: before.photos.filter((photo) => !kept.has(photo.id)) }) : [];
    const made = {
      ...draft, photos: merged, ending: eachOnce(before && before.ending, draft.ending, gone), rev: draft.rev + 1,
      changed_at: Date.now(),
      // What the sender found out after it was taken back stays told until it goes again.
      verdict: before && draft.stage === "editing" ? before.verdict : draft.verdict,
    };
    drafts.put(made);
    return made;
  });
  tell({ kind: "changed", id: draft.client_id });
  return saved;
}

/**
 * Change a draft as it stands on the disk: `patch(draft)` gives what is different, or null to leave it alone.
 * `stage` is where it must stand for that; a sender shows its lease. Gives the draft, or undefined when it was not changed.
 */
export async function changeDraft(id, patch, { stage, lease } = {}) {
  const changed = await write(["drafts", "leases"], async (drafts, leases) => {
    await hold(leases, lease);
    const draft = await given(drafts.get(id));
    if (!draft || (stage && draft.stage !== stage)) return undefined;
    const told = patch(draft);
    if (!told) return undefined;
    const made = { ...draft, ...told };
    drafts.put(made);
    return made;
  });
  if (changed) tell({ kind: "changed", id });
  return changed;
}

/** A page takes it up to be written on, if need be only as it `was`: whoever held it before can write nothing over it any more. */
export const takeUp = (id, was = {}) => (
  changeDraft(id, ({ rev = 0 }) => (was.rev === undefined || was.rev === rev ? { stage: "editing", verdict: null, rev: rev + 1 } : null))
);

async function hold(leases, lease) {
  if (!lease) return;
  const held = await given(leases.get(lease.name));
  if (!held || held.token !== lease.token) throw new Overtaken();
}

/** The hash of each photo; computed once, from the bytes as they lie on the disk. */
export async function hashPhotos(draft, how = {}) {
  for (const photo of draft.photos.filter((one) => !one.sha256)) {
    const hash = await sha256(await bytesFor(photo));
    await changeDraft(draft.client_id, ({ photos }) => (
      { photos: photos.map((one) => (one.id === photo.id ? { ...one, sha256: hash } : one)) }
    ), how);
  }
  return draftOf(draft.client_id);
}

function forget(draft, drafts, photos) {
  for (const photo of draft.photos) photos.delete(photo.id);
  drafts.delete(draft.client_id);
}

const hashesOf = (draft) => draft.photos.map((photo) => photo.sha256).join();

/**
 * The server has `sent`: the phone's copy goes, in one step with the note of the receipt. When its person took the draft
 * back meanwhile, or it says something else by now, the server has another one than the phone: it stays.
 */
export async function finishDraft(sent, receipt, { lease } = {}) {
  const id = sent.client_id;
  await write(["drafts", "photos", "receipts", "leases"], async (drafts, photos, receipts, leases) => {
    await hold(leases, lease);
    const draft = await given(drafts.get(id));
    const isThat = draft && draft.stage === "queued" && draft.rev === sent.rev && hashesOf(draft) === hashesOf(sent);
    if (isThat) forget(draft, drafts, photos);
    else if (draft) {
      const verdict = { kind: "attention", why: draft.kind === "move" ? "moved" : "reused", sentences: [], at: Date.now() };
      drafts.put({ ...draft, verdict, stage: draft.stage === "queued" ? "attention" : draft.stage });
    }
    receipts.put(receipt);
  });
  tell({ kind: "sent", id, receipt });
}

/** A person threw it away, or another one has its content as it `was`; gives what lay there. */
export async function dropDraft(id, was = {}) {
  const gone = await write(["drafts", "photos"], async (drafts, photos) => {
    const draft = await given(drafts.get(id));
    if (!draft || (was.rev !== undefined && was.rev !== draft.rev)) return undefined;
    forget(draft, drafts, photos);
    return draft;
  });
  tell({ kind: "changed", id, gone: Boolean(gone) });
  return gone;
}

export const allReceipts = () => read(["receipts"], (store) => given(store.getAll()));

export async function forgetReceipt(id) {
  await write(["receipts"], (store) => given(store.delete(id)));
  tell({ kind: "changed", id });
}
