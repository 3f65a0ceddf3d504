// Sends what waits: when a page opens, is seen again or the network returns, and by a timer with growing pauses.
// Only this module lets go of a draft, and only on the verdict "sent".

import { alone, holds } from "./alone.js";
import { Overtaken, allDrafts, changeDraft, draftOf, finishDraft } from "./drafts.js";
import { pauseBefore } from "./pauses.js";
import { isNameless } from "./payload.js";
import { ifSame, mended, sendDraft } from "./sending.js";
import { askSession } from "./session.js";
import { listen, tell } from "./telling.js";
import { verdict } from "./verdict.js";

const MENDS = 2; // at once; then it waits like any other trouble
const LONGEST_SLEEP_MS = 5 * 60000;
let running = null;
let again = false;
let timer = null;

/** Drafts to be tried now: in turn; an eager caller skips our own pauses, never one the server asked for. */
async function due({ eager, only }) {
  const now = Date.now();
  const waits = (draft) => Math.max(eager ? 0 : draft.next_try_at, draft.not_before);
  const queued = (await allDrafts()).filter((draft) => draft.stage === "queued");
  if (only) return queued.filter((draft) => draft.client_id === only);
  // A clock that was turned back must not hold a draft for years.
  return queued.filter((draft) => waits(draft) <= now || waits(draft) > now + 25 * 3600000);
}

function noted(draft, judged) {
  const told = { kind: judged.kind, why: judged.why, sentences: judged.sentences || [], at: Date.now() };
  if (judged.kind === "attention") return { stage: "attention", verdict: told };
  const tries = draft.tries + 1;
  const next_try_at = Date.now() + pauseBefore(tries, { after: judged.after });
  return { tries, verdict: told, next_try_at, not_before: judged.after ? next_try_at : 0 };
}

/** What was sent without a name must not lie on the phone beside one. */
function scopeKept({ scope, ...draft }) {
  return scope.account && isNameless({ scope, ...draft }) ? {} : scope;
}

function receiptOf(draft, judged) {
  const { number, unit, officer, receipt } = judged.receipt;
  return {
    client_id: draft.client_id, number, kind: draft.kind, scope: scopeKept(draft), unit: unit ? unit.name : "",
    officer: officer || "", photos: draft.photos.length, anonymous: Boolean(draft.fields.anonymous),
    code: isNameless(draft) && draft.claim ? draft.claim.code : "", place: draft.scope.guest || draft.fields.place_code || "",
    received_at: receipt ? receipt.received_at : "", sent_at: Date.now(),
  };
}

/** One draft to its verdict, with what can be mended at once mended. Gives the verdict. */
async function tryDraft(id, door, lease) {
  for (let mends = 0; ; mends += 1) {
    const draft = await draftOf(id);
    if (!draft || draft.stage !== "queued") return { kind: "gone" };
    const judged = await sendDraft(draft, await door(), lease);
    if (judged.kind === "sent") {
      await finishDraft(judged.sent, receiptOf(judged.sent, judged), { lease });
      return judged;
    }
    if (!judged.mend || mends === MENDS) {
      await changeDraft(id, ifSame(draft, (now) => noted(now, judged)), { stage: "queued", lease });
      return judged;
    }
    if (judged.mend === "token") door.forget();
    await changeDraft(id, ifSame(draft, (now) => mended(now, judged.mend)), { stage: "queued", lease });
  }
}

class NoDoor extends Error {
  constructor(judged) {
    super(judged.why);
    this.verdict = judged;
  }
}

/** The session, asked once for all drafts of a run, and anew when its token was refused. */
function makeDoor() {
  let session = null;
  const door = async () => {
    if (!session) {
      const asked = await askSession();
      if (!asked.known) throw new NoDoor(verdict({ wanted: { hashes: [] }, ...asked.answer }));
      session = asked;
    }
    return session;
  };
  door.forget = () => { session = null; };
  return door;
}

/** One draft; gives whether the others need not each find out that nothing gets through. */
async function tryOne(id, door, lease) {
  try {
    return Boolean((await tryDraft(id, door, lease)).road);
  } catch (error) {
    if (error instanceof Overtaken) return false; // a person took it back, or another tab has the lease now
    const judged = error instanceof NoDoor ? { ...error.verdict, kind: "retry" } : { kind: "retry", why: "phone" };
    await changeDraft(id, (now) => noted(now, judged), { stage: "queued", lease });
    return error instanceof NoDoor;
  }
}

async function tryEach(drafts, lease) {
  const door = makeDoor();
  const left = drafts.map(({ client_id }) => client_id);
  while (left.length) {
    if (!(await holds(lease))) return; // another tab has it now
    const id = left.shift();
    tell({ kind: "trying", id });
    const isOver = await tryOne(id, door, lease).finally(() => tell({ kind: "tried", id }));
    if (!isOver) continue;
    // There is no way to the server: nobody whose draft comes later waits for its turn in vain.
    for (const later of left) tell({ kind: "tried", id: later });
    return;
  }
}

async function sleepUntilNext() {
  clearTimeout(timer);
  const queued = (await allDrafts()).filter((draft) => draft.stage === "queued");
  if (!queued.length) return;
  const next = Math.min(...queued.map((draft) => Math.max(draft.next_try_at, draft.not_before)));
  timer = setTimeout(() => { send().catch(() => {}); }, Math.min(Math.max(next - Date.now(), 1000), LONGEST_SLEEP_MS));
}

/** Try what waits; a call while one is running makes one more round after it. */
export function send({ eager = false, only } = {}) {
  if (running) {
    again = again || eager;
    return running;
  }
  running = (async () => {
    try {
      const first = await due({ eager, only });
      // Asked again under the lock: another tab may have sent them meanwhile.
      if (first.length) await alone(async (lease) => tryEach(await due({ eager, only }), lease));
    } finally {
      running = null;
      await sleepUntilNext();
    }
    if (again) {
      again = false;
      return send({ eager: true });
    }
    return undefined;
  })();
  return running;
}

/** From now on this page sends whenever it may. */
export function startSending() {
  const eagerly = () => { send({ eager: true }).catch(() => {}); };
  addEventListener("online", eagerly);
  addEventListener("pageshow", (event) => { if (event.persisted) eagerly(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) eagerly(); });
  listen((message) => { if (message.kind === "wake") eagerly(); });
  eagerly();
}
