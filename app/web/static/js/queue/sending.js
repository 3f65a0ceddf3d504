// Sends one draft as far as it gets: whose it is, its hashes, its pass and code, each photo, then the report or move itself.
// Gives a verdict; what is found out on the way (addresses, hashes) is on the disk before it is used.

import { ask, json } from "./asking.js";
import { Overtaken, bytesOf, changeDraft, hashPhotos } from "./drafts.js";
import { requestOf, wantedOf } from "./payload.js";
import { newClaim } from "./secrets.js";
import { tell } from "./telling.js";
import { tusLibrary, upload } from "./uploads.js";
import { afterConflict, sentencesOf, verdict } from "./verdict.js";

const WHOLE_MS = 15 * 60000;

class Stopped extends Error {
  constructor(judged) {
    super(judged.why);
    this.verdict = judged;
  }
}

const isNameless = (draft) => Boolean(draft.scope.guest || draft.fields.anonymous);

/** Nobody sends for somebody else: the account that wrote it must be the one that is signed in. */
function checkPerson(draft, session) {
  const { account } = draft.scope;
  if (!account || (draft.pass && isNameless(draft))) return;
  if (!session.signed_in) throw new Stopped({ kind: "login", why: "login" });
  if (session.account !== account) throw new Stopped({ kind: "login", why: "other" });
}

async function change(draft, patch, lease) {
  const changed = await changeDraft(draft.client_id, patch, { stage: "queued", lease });
  if (!changed) throw new Overtaken();
  return changed;
}

/** The pass of somebody without a name, and the code to find the report again; kept, so that a retry is the same report. */
async function withPass(draft, session, lease) {
  if (!isNameless(draft)) return draft;
  let made = draft;
  if (!draft.claim) {
    const claim = await newClaim();
    made = await change(made, () => ({ claim }), lease);
  }
  if (made.pass) return made;
  const { guest } = draft.scope;
  const asks = guest
    ? { ...json("POST", { place_code: guest }), credentials: "omit" }
    : { method: "POST", headers: { "X-CSRFToken": session.csrf_token } };
  const answer = await ask("/api/v1/passes", asks);
  const pass = answer.status === 201 && answer.body && answer.body.pass;
  if (pass) return change(made, () => ({ pass }), lease);
  const judged = verdict({ wanted: { nameless: Boolean(guest) }, ...answer });
  throw new Stopped(judged.kind === "sent" ? { kind: "retry", why: "stranger" } : judged);
}

function credentialsOf(draft, session) {
  return draft.pass ? { Authorization: `Pass ${draft.pass}` } : { "X-CSRFToken": session.csrf_token };
}

function patchPhoto(id, told) {
  return ({ photos }) => ({ photos: photos.map((photo) => (photo.id === id ? { ...photo, ...told } : photo)) });
}

async function carryPhoto(tus, draft, photo, headers, lease) {
  const bytes = await bytesOf(photo);
  if (!bytes) throw new Stopped({ kind: "attention", why: "lost", sentences: [] });
  const n = draft.photos.indexOf(photo) + 1;
  const notes = [];
  const answer = await upload(tus, {
    bytes, sha256: photo.sha256, address: photo.address, headers, nameless: Boolean(draft.pass),
    onAddress: (address) => { notes.push(change(draft, patchPhoto(photo.id, { address }), lease)); },
    onProgress: (sent) => tell({
      kind: "progress", id: draft.client_id, n, of: draft.photos.length, part: sent / Math.max(1, bytes.byteLength),
    }),
  });
  await Promise.all(notes);
  if (!answer) return change(draft, patchPhoto(photo.id, { uploaded: true }), lease);
  const judged = verdict({ wanted: { ...wantedOf(draft), upload: true }, ...answer });
  if (judged.mend === "upload") await change(draft, patchPhoto(photo.id, { address: null }), lease);
  throw new Stopped(judged.kind === "sent" ? { kind: "retry", why: "stranger" } : judged);
}

async function carryPhotos(tus, draft, headers, lease) {
  let made = draft;
  for (const { id } of draft.photos) {
    const photo = made.photos.find((one) => one.id === id);
    if (!photo.uploaded) made = await carryPhoto(tus, made, photo, headers, lease);
  }
  return made;
}

/** Without the upload library: everything in one form, as the server takes it too. */
async function inOneForm(draft, { body, part }) {
  const form = new FormData();
  form.append(part, JSON.stringify(body));
  for (const photo of draft.photos) form.append("photo", new Blob([await bytesOf(photo)]), "photo");
  return { method: "POST", body: form };
}

async function post(draft, tus, headers) {
  const request = requestOf(draft);
  const told = tus ? json("POST", request.body) : await inOneForm(draft, request);
  const credentials = draft.pass ? "omit" : "same-origin";
  return ask(request.address, { ...told, headers: { ...told.headers, ...headers }, credentials }, tus ? undefined : WHOLE_MS);
}

/** A verdict on the draft as far as `session` lets it go. */
export async function sendDraft(queued, session, lease) {
  try {
    checkPerson(queued, session);
    let draft = await withPass(queued, session, lease);
    draft = await hashPhotos(draft, { stage: "queued", lease });
    const headers = credentialsOf(draft, session);
    const tus = draft.photos.length ? await tusLibrary() : {};
    if (tus) draft = await carryPhotos(tus, draft, headers, lease);
    tell({ kind: "progress", id: draft.client_id, n: draft.photos.length, of: draft.photos.length, part: 1 });
    const answer = await post(draft, tus, headers);
    const wanted = wantedOf(draft);
    const judged = verdict({ wanted, ...answer });
    if (judged.mend !== "compare") return judged;
    const compared = afterConflict({ wanted, ...(await ask(`/api/v1/hazards/${draft.target.number}`)) });
    return compared.why === "moved" ? { ...compared, sentences: sentencesOf(answer.body) } : compared;
  } catch (error) {
    if (error instanceof Stopped) return error.verdict;
    throw error;
  }
}

/** What must be undone before the same draft is tried once more. */
export function mended(draft, mend) {
  if (mend === "upload") return { photos: draft.photos.map((photo) => ({ ...photo, address: null, uploaded: false })) };
  if (mend === "pass") return { pass: null, ...mended(draft, "upload") };
  return {};
}
