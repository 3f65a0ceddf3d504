// 待发和回执: every draft of this phone with what it waits for and what can be done; works without a network.

import { allDrafts, allReceipts, bytesOf, changeDraft, draftOf, forgetReceipt } from "./queue/drafts.js";
import { dropAndEnd } from "./queue/ending.js";
import { saveToFiles } from "./queue/files.js";
import { send } from "./queue/sender.js";
import { lastAccount, onReader } from "./queue/reader.js";
import { askSession } from "./queue/session.js";
import { listen } from "./queue/telling.js";
import { ago, stateOf, whyOf, word } from "./queue/words.js";

const SAME_AGAIN = new Set(["moved", "reused", "posted"]); // sent again unchanged, the answer would be the same
const DAY_MS = 24 * 3600000;
const SOON_MS = 100;
const list = document.querySelector("[data-drafts]");
const sent = document.querySelector("[data-sent-list]");
const rows = new Map();
const progress = new Map();
let reader = lastAccount();

/** Written by another account than the one that reads, or nobody reads: words and photos are nobody else's business. */
const isForeign = (draft) => Boolean(draft.scope.account) && (!reader || reader.account !== draft.scope.account);

const part = (row, name) => row.querySelector(`[data-${name}]`);
const button = (row, name) => row.querySelector(`[data-do=${name}]`);

async function showPicture(row, draft) {
  const image = row.querySelector("img");
  const first = draft.photos[0];
  image.parentElement.hidden = !first || isForeign(draft);
  if (!first || isForeign(draft) || image.dataset.of === first.id) return;
  image.dataset.of = first.id;
  const bytes = await bytesOf(first);
  if (!bytes) return;
  image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(new Blob([bytes], { type: first.type }));
  image.hidden = false;
}

function titleOf(draft) {
  if (isForeign(draft)) return word("theirs", { name: draft.scope.name });
  if (draft.kind === "move") return draft.target.title;
  return draft.fields.description || draft.fields.location_text || word("no-words");
}

function actionsOf(draft) {
  const foreign = isForeign(draft);
  const waits = draft.verdict && draft.verdict.kind === "login";
  const why = draft.stage === "attention" ? draft.verdict.why : "";
  return {
    send: draft.stage !== "editing" && !foreign && !SAME_AGAIN.has(why),
    login: waits,
    edit: !foreign,
    look: draft.kind === "move" && !foreign,
    save: !foreign,
    drop: !foreign,
  };
}

/** Said once: what does not change is not announced again. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** How far it is: all that changes while it is sent. */
function fillProgress(row, draft) {
  const now = progress.get(draft.client_id);
  say(part(row, "state"), stateOf(draft, now));
  say(part(row, "why"), now ? "" : whyOf(draft));
  const bar = row.querySelector("progress");
  bar.hidden = !now || !now.n;
  if (now && now.n) bar.value = (100 * (now.n - 1 + now.part)) / now.of;
}

function fill(row, draft) {
  say(part(row, "title"), titleOf(draft));
  const foreign = isForeign(draft);
  const about = [ago(draft.made_at), word("photos", { n: draft.photos.length }), foreign ? "" : draft.place.label];
  say(part(row, "about"), about.filter(Boolean).join(" · "));
  part(row, "state").className = `st ${draft.stage === "attention" ? "red" : "blue"}`;
  fillProgress(row, draft);
  const sentences = (draft.stage === "attention" && !foreign && draft.verdict.sentences) || [];
  part(row, "sentences").hidden = !sentences.length;
  part(row, "sentences").replaceChildren(...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  for (const [name, is] of Object.entries(actionsOf(draft))) button(row, name).hidden = !is;
  button(row, "edit").href = `${draft.place.page}#draft=${draft.client_id}`;
  if (draft.kind === "move") button(row, "look").href = `/hazards/${draft.target.number}`;
  showPicture(row, draft);
}

function makeRow(draft) {
  const row = document.getElementById("draft").content.firstElementChild.cloneNode(true);
  const id = draft.client_id;
  const sure = part(row, "sure");
  button(row, "send").onclick = async () => {
    const now = { stage: "queued", not_before: 0, next_try_at: 0, verdict: null };
    // This page may have slept: what somebody writes on by now is not handed over by another.
    if (!(await changeDraft(id, ({ stage }) => (stage === "editing" ? null : now)))) return show();
    return send({ eager: true, only: id });
  };
  button(row, "save").onclick = async () => saveToFiles(await draftOf(id));
  button(row, "drop").onclick = () => { sure.hidden = false; button(row, "no").focus(); };
  button(row, "no").onclick = () => { sure.hidden = true; button(row, "drop").focus(); };
  button(row, "yes").onclick = () => dropAndEnd(id);
  button(row, "login").href = `${list.dataset.login}?next=/drafts`;
  rows.set(id, row);
  return row;
}

function makeReceipt(receipt) {
  const row = document.getElementById("receipt").content.firstElementChild.cloneNode(true);
  part(row, "number").textContent = word("sent", { number: receipt.number });
  part(row, "about").textContent = [ago(receipt.sent_at), word("photos", { n: receipt.photos })].join(" · ");
  part(row, "code").hidden = !receipt.code;
  row.querySelector(".code").textContent = receipt.code;
  button(row, "look").hidden = receipt.anonymous || Boolean(receipt.scope.guest);
  button(row, "look").href = `/hazards/${receipt.number}`;
  button(row, "follow").hidden = !receipt.code;
  button(row, "follow").href = `/follow?number=${receipt.number}`;
  button(row, "seen").onclick = () => forgetReceipt(receipt.client_id);
  return row;
}

/** Receipts of this reader; a code that nobody has noted down yet stays for as long as it takes. */
async function showReceipts() {
  const receipts = [];
  for (const receipt of await allReceipts()) {
    if (!receipt.code && Date.now() - receipt.sent_at > DAY_MS) await forgetReceipt(receipt.client_id);
    else if (!isForeign(receipt)) receipts.push(receipt);
  }
  receipts.sort((one, other) => other.sent_at - one.sent_at);
  const told = receipts.map((receipt) => receipt.client_id).join();
  if (sent.dataset.told !== told) sent.replaceChildren(...receipts.map(makeReceipt));
  sent.dataset.told = told;
  document.querySelector("[data-receipts]").hidden = !receipts.length;
}

const known = new Map();

async function show() {
  const drafts = await allDrafts();
  known.clear();
  for (const draft of drafts) known.set(draft.client_id, draft);
  for (const [id, row] of rows) {
    if (known.has(id)) continue;
    const wasThere = row.contains(document.activeElement);
    row.remove();
    rows.delete(id);
    if (wasThere) list.focus();
  }
  for (const draft of drafts) {
    const row = rows.get(draft.client_id) || list.appendChild(makeRow(draft));
    fill(row, draft);
  }
  document.querySelector("[data-empty]").hidden = drafts.length > 0;
  document.querySelector("[data-old]").hidden = !drafts.some((draft) => Date.now() - draft.made_at > DAY_MS);
  await showReceipts();
}

let planned = null;

/** Many changes at once are looked at once. */
function showSoon() {
  planned = planned || setTimeout(() => { planned = null; show(); }, SOON_MS);
}

listen((message) => {
  const { kind, id } = message;
  const isMoving = kind === "progress" || kind === "trying";
  if (isMoving) progress.set(id, message);
  else progress.delete(id);
  if (isMoving && rows.has(id) && known.has(id)) fillProgress(rows.get(id), known.get(id));
  else showSoon();
});
onReader(() => { reader = lastAccount(); show(); });
show();
askSession().then((session) => {
  if (session.known) reader = session.signed_in ? session : null;
  show();
});
