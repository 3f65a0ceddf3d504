// Uploads that a draft no longer needs are ended on the server, so that nothing of them stays there beside a name.

import { ask } from "./asking.js";
import { dropDraft, endingOf } from "./drafts.js";
import { askSession } from "./session.js";
import { verdict } from "./verdict.js";

const DONE = [204, 404, 410]; // ended now, or gone before

/** Undefined when the server keeps nothing of it any more; else a verdict. */
async function endOne({ address, pass }, session) {
  const headers = pass ? { Authorization: `Pass ${pass}` } : { "X-CSRFToken": session ? session.csrf_token : "" };
  const asked = { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", ...headers }, credentials: pass ? "omit" : "same-origin" };
  const answer = await ask(address, asked);
  // A pass that opens nothing any more leads to no upload, and never led to a name.
  if (DONE.includes(answer.status) || (pass && answer.status === 401)) return undefined;
  const judged = verdict({ wanted: { hashes: [] }, ...answer });
  return judged.kind === "sent" ? { kind: "retry", why: "stranger" } : judged;
}

/** End each; the verdict of the first that cannot be ended now, or undefined. */
export async function endUploads(ending, session) {
  for (const one of ending) {
    const judged = await endOne(one, session);
    if (judged) return judged;
  }
  return undefined;
}

async function endNow(ending) {
  const session = ending.some(({ pass }) => !pass) ? await askSession() : null;
  await endUploads(ending, session);
}

/** A person threw it away: here at once; on the server when it can be reached now, else when its days are over. */
export async function dropAndEnd(id) {
  const gone = await dropDraft(id);
  const ending = gone ? [...(gone.ending || []), ...endingOf(gone)] : [];
  if (ending.length) endNow(ending).catch(() => {});
}
