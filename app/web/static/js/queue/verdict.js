// What an answer means for a draft: sent, retry, login or attention. Pure: values in, a verdict out.
//
//   { kind: "sent", receipt }                 the server names this draft and every photo: the phone may delete it
//   { kind: "retry", why, after?, road? }     later again; `after` seconds at least; `road`: nothing else gets through
//   { kind: "retry", why, mend }              at once again, after `mend`: "token" | "pass" | "upload" | "compare"
//   { kind: "login", why }                    waits for its person
//   { kind: "attention", why, sentences }     waits for a decision; nothing of it is lost
//
// An answer: { status, type, body, redirected, opaque, networkError, timedOut, retryAfter }; `body` is the parsed JSON,
// or undefined when it is none. Only a problem in our own words may stop a draft: everything else may be a stranger on the road.

const PROBLEM = "application/problem+json";
const JSON_TYPE = "application/json";
const GONE_LONG = 24 * 3600; // a longer pause is not believed

const retry = (why, more = {}) => ({ kind: "retry", why, ...more });
const attention = (why, sentences = []) => ({ kind: "attention", why, sentences });

/** Seconds that the server asks to wait; undefined when it does not say. */
export function pauseAsked(text, now = Date.now()) {
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), GONE_LONG) : undefined;
}

function isObject(body) {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}

/** The receipt names this draft and the hash of every photo, in order. */
function isReceipt(body, wanted) {
  const told = body.receipt;
  if (!isObject(told) || told.client_id !== wanted.client_id || !Array.isArray(told.photos)) return false;
  return typeof body.number === "string" && named(told.photos.map((photo) => photo && photo.sha256), wanted.hashes);
}

const named = (hashes, wanted) => hashes.length === wanted.length && wanted.every((hash, n) => hash === hashes[n]);

/** A text as the server evens it out. */
const even = (text) => String(text).normalize("NFC").replace(/\r\n?/g, "\n").trim();

/** What was written stands in the step; what a step does not tell cannot speak against it. */
function says({ detail }, words = {}) {
  return Object.entries(words).every(([name, text]) => !detail || !(name in detail) || even(detail[name]) === even(text));
}

/** The hazard as the server gives it holds our photos, and the step after the version we saw is our move in our words. */
function holdsMove(body, wanted) {
  if (body.number !== wanted.number || !Array.isArray(body.timeline)) return false;
  const step = body.timeline.find((one) => one.version === wanted.version + 1);
  const kept = (body.photos || []).map((photo) => photo.sha256);
  const ours = Boolean(step) && step.action === wanted.action && says(step, wanted.words);
  return ours && wanted.hashes.every((hash) => kept.includes(hash));
}

/** Every sentence of a problem, in the reader's language. */
export function sentencesOf(body) {
  const faults = Object.values(body.errors || {}).flat().map((fault) => fault && fault.message).filter(Boolean);
  return faults.length ? faults : [body.title].filter(Boolean);
}

function hasFault(body, code) {
  return Object.values(body.errors || {}).flat().some((fault) => fault && fault.code === code);
}

function onSuccess({ body }, wanted) {
  const is = wanted.action ? holdsMove : isReceipt;
  return is(body, wanted) ? { kind: "sent", receipt: body } : retry("stranger");
}

function onUnauthorized(body, wanted) {
  if (wanted.nameless) return body.reason ? retry("pass", { mend: "pass" }) : attention("guests", sentencesOf(body));
  return { kind: "login", why: "login" };
}

const ON_CONFLICT = {
  version_conflict: () => retry("compare", { mend: "compare" }),
  client_id_reused: (body) => attention("reused", sentencesOf(body)),
};

/** What our own server says in its own words, by status. */
const ON_PROBLEM = {
  400: (body) => {
    if (body.code === "csrf") return retry("token", { mend: "token" });
    return body.reason === "cut_short" ? retry("network") : attention("refused", sentencesOf(body));
  },
  401: onUnauthorized,
  403: (body) => (body.code === "csrf" ? retry("token", { mend: "token" }) : attention("forbidden", sentencesOf(body))),
  404: (body, wanted) => (wanted.upload ? retry("upload", { mend: "upload" }) : attention("gone", sentencesOf(body))),
  409: (body) => (ON_CONFLICT[body.code] || (() => retry("busy")))(body), // of an upload: its offset is asked again
  410: () => retry("upload", { mend: "upload" }),
  413: (body) => attention("too_large", sentencesOf(body)),
  415: (body) => attention("no_photo", sentencesOf(body)),
  422: (body) => (
    hasFault(body, "photo_missing") ? retry("upload", { mend: "upload" }) : attention("fields", sentencesOf(body))
  ),
  423: () => retry("busy"),
  429: (_body, _wanted, after) => retry("busy", { after }),
  460: () => retry("upload", { mend: "upload" }),
  503: (_body, _wanted, after) => retry("full", { after }),
  507: (_body, _wanted, after) => retry("full", { after }),
};

/** Without our own words: a proxy before us, or a stranger on the road who answers everything. */
function onForeign({ status, retryAfter }) {
  const after = pauseAsked(retryAfter);
  if (status === 413) return attention("too_large");
  if (status === 429) return retry("busy", { after });
  if (status >= 500) return retry("server", { after });
  return retry("portal", { road: true });
}

export function verdict({ wanted, ...answer }) {
  if (answer.timedOut) return retry("slow", { road: true });
  if (answer.networkError) return retry("network", { road: true });
  if (answer.opaque || answer.redirected) return retry("portal", { road: true });
  const type = (answer.type || "").split(";")[0].trim().toLowerCase();
  if (!isObject(answer.body) || ![PROBLEM, JSON_TYPE].includes(type)) return onForeign(answer);
  if (answer.status === 200 || answer.status === 201) return onSuccess(answer, wanted);
  if (type !== PROBLEM) return onForeign(answer);
  const after = pauseAsked(answer.retryAfter);
  const told = ON_PROBLEM[answer.status];
  if (told) return told(answer.body, wanted, after);
  return answer.status >= 500 ? retry("server", { after }) : attention("refused", sentencesOf(answer.body));
}

/** After a conflict the hazard itself was asked for: our move was made the first time, or somebody was quicker. */
export function afterConflict({ wanted, ...answer }) {
  const type = (answer.type || "").split(";")[0].trim().toLowerCase();
  if (answer.status === 200 && type === JSON_TYPE && isObject(answer.body)) {
    return holdsMove(answer.body, wanted) ? { kind: "sent", receipt: answer.body } : attention("moved");
  }
  const judged = verdict({ wanted, ...answer });
  return judged.kind === "sent" ? retry("stranger") : judged;
}
