// Sends one draft as far as it gets: whose it is, its hashes, its pass and code, each photo, then the report or move itself.
// Gives a verdict; what is found out on the way (addresses, hashes) is on the disk before it is used.

import { ask, json } from "./asking.js";
import { Lost, Overtaken, bytesFor, changeDraft, draftOf, endingOf, hashPhotos } from "./drafts.js";
import { endUploads } from "./ending.js";
import { isNameless, mannerOf, requestOf, wantedOf } from "./payload.js";
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

/** The server takes no further upload now: the draft can still go whole, in one request. */
class NoUploads extends Error {}

/** The pass counts only while the draft goes without a name. */
const passOf = (draft) => (isNameless(draft) ? draft.pass : undefined);

/** Nobody sends for somebody else: the account that wrote it must be the one that is signed in. */
function checkPerson(draft, session) {
  const { account } = draft.scope;
  if (!account || passOf(draft)) return;
  if (!session.signed_in) throw new Stopped({ kind: "login", why: "login" });
  if (session.account !== account) throw new Stopped({ kind: "login", why: "other" });
}

/** The draft that is being sent, and no later one with the same name. */
export const ifSame = (draft, patch) => (now) => (now.rev === draft.rev ? patch(now) : null);

async function change(draft, patch, lease) {
  const changed = await changeDraft(draft.client_id, ifSame(draft, patch), { stage: "queued", lease });
  if (!changed) throw new Overtaken();
  return changed;
}

/** First what must not stay: what went up under the other name, or of photos that were taken out. */
async function withoutEnding(draft, session, lease) {
  if (!draft.ending || !draft.ending.length) return draft;
  const judged = await endUploads(draft.ending, session);
  if (judged) throw new Stopped(judged);
  return change(draft, () => ({ ending: [] }), lease);
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
  const pass = passOf(draft);
  return pass ? { Authorization: `Pass ${pass}` } : { "X-CSRFToken": session.csrf_token };
}

function patchPhoto(id, told) {
  return ({ photos }) => ({ photos: photos.map((photo) => (photo.id === id ? { ...photo, ...told } : photo)) });
}

/** Where a photo is put; when the draft was taken back meanwhile, that is one more upload to end. */
async function noteAddress(draft, photo, address) {
  const pass = passOf(draft);
  const noted = await changeDraft(draft.client_id, (now) => (
    now.rev === draft.rev ? patchPhoto(photo.id, { address })(now) : { ending: [...(now.ending || []), { address, pass }] }
  ));
  if (!noted) throw new Overtaken();
}

async function carryPhoto(tus, draft, photo, headers, lease) {
  const bytes = await bytesFor(photo);
  const n = draft.photos.indexOf(photo) + 1;
  const notes = [];
  const answer = await upload(tus, {
    bytes, sha256: photo.sha256, address: photo.address, headers, nameless: Boolean(passOf(draft)),
    onAddress: (address) => {
      const note = noteAddress(draft, photo, address);
      note.catch(() => {}); // told below
      notes.push(note);
    },
    onProgress: (sent) => tell({
      kind: "progress", id: draft.client_id, n, of: draft.photos.length, part: sent / Math.max(1, bytes.byteLength),
    }),
  });
  await Promise.all(notes);
  if (!answer) return change(draft, patchPhoto(photo.id, { uploaded: true }), lease);
  if (answer.status === 429 && !answer.begun) throw new NoUploads();
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

/** Everything in one form, as the server takes it too. */
async function inOneForm(draft, { body, part }) {
  const form = new FormData();
  form.append(part, JSON.stringify(body));
  for (const photo of draft.photos) form.append("photo", new Blob([await bytesFor(photo)]), "photo");
  return { method: "POST", body: form };
}

/** The photos by themselves first; whole where the upload library was never installed, or the server takes no more. */
async function carriedApart(draft, headers, lease) {
  if (!draft.photos.length) return { apart: true, draft };
  const tus = await tusLibrary();
  if (!tus) return { apart: false, draft };
  try {
    return { apart: true, draft: await carryPhotos(tus, draft, headers, lease) };
  } catch (error) {
    if (!(error instanceof NoUploads)) throw error;
    return { apart: false, draft: (await draftOf(draft.client_id)) || draft };
  }
}

async function post(draft, apart, headers) {
  const request = requestOf(draft);
  const told = apart ? json("POST", request.body) : await inOneForm(draft, request);
  const credentials = passOf(draft) ? "omit" : "same-origin";
  return ask(request.address, { ...told, headers: { ...told.headers, ...headers }, credentials }, apart ? undefined : WHOLE_MS);
}

/** The answer to `draft` as it was sent, judged. */
async function judge(draft, answer) {
  const wanted = wantedOf(draft);
  const judged = verdict({ wanted, ...answer });
  if (judged.mend !== "compare") return judged;
  const compared = afterConflict({ wanted, ...(await ask(`/api/v1/hazards/${draft.target.number}`)) });
  return compared.why === "moved" ? { ...compared, sentences: sentencesOf(answer.body) } : compared;
}

/** A verdict on the draft as far as `session` lets it go; with the draft as it was `sent` when it arrived. */
export async function sendDraft(queued, session, lease) {
  try {
    checkPerson(queued, session);
    let draft = await withoutEnding(queued, session, lease);
    draft = await hashPhotos(await withPass(draft, session, lease), { stage: "queued", lease });
    if (!draft || draft.stage !== "queued") throw new Overtaken();
    const headers = credentialsOf(draft, session);
    const carried = await carriedApart(draft, headers, lease);
    const { apart } = carried;
    draft = carried.draft;
    tell({ kind: "progress", id: draft.client_id, n: draft.photos.length, of: draft.photos.length, part: 1 });
    draft = await change(draft, () => ({ posted: mannerOf(draft) }), lease);
    const judged = await judge(draft, await post(draft, apart, headers));
    if (judged.kind !== "sent") return judged;
    // Sent whole, the pieces that came before serve nobody; the server ends them by itself when this is not heard.
    if (!apart) endUploads(endingOf(draft), session).catch(() => {});
    return { ...judged, sent: draft };
  } catch (error) {
    if (error instanceof Stopped) return error.verdict;
    if (error instanceof Lost) return { kind: "attention", why: "lost", sentences: [] };
    throw error;
  }
}

/** What must be undone before the same draft is tried once more. */
export function mended(draft, mend) {
  if (mend === "upload") return { photos: draft.photos.map((photo) => ({ ...photo, address: null, uploaded: false })) };
  if (mend === "pass") return { pass: null, ...mended(draft, "upload") };
  return {};
}
