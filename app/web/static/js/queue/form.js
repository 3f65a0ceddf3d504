// A form whose draft the phone keeps: offers what was begun, queues what is sent, and shows what became of it.
// Where anything of this is not there, the form posts itself as it always did.

import { allDrafts, draftOf, forgetReceipt } from "./drafts.js";
import { download, nameOf } from "./files.js";
import { isFree } from "./held.js";
import { keepNotice } from "../notice.js";
import { lackOf, showFaults, showForm, showKept, showProgress, showReceipt, showWaiting } from "./panel.js";
import { isTurned, lacking } from "./payload.js";
import { isNoRoom } from "./room.js";
import { canHash, canMakeClaims } from "./secrets.js";
import { rememberAccount } from "./reader.js";
import { send } from "./sender.js";
import { listen } from "./telling.js";
import { whyOf, word } from "./words.js";
import { Writing } from "./writing.js";

const ALIKE_MS = 2000;
const PUT_AWAY_MS = 1000;
const find = (selector) => document.querySelector(selector);

function scopeOf({ account, name, guest }) {
  if (guest) return { guest };
  return account ? { account, name } : null; // nobody's page: nothing of it is kept
}

function aboutOf(form) {
  const { queue: kind, page, place, title, number, move, zone } = form.dataset;
  const version = form.elements.namedItem("version");
  const target = kind === "move" ? { number, action: move, version: Number(version.value), zone, title } : undefined;
  return { kind, scope: scopeOf(form.dataset), target, place: { page: page || location.pathname, label: place || placeName(form) } };
}

function placeName(form) {
  const chosen = form.elements.namedItem("place_code");
  return chosen && chosen.selectedOptions && chosen.value ? chosen.selectedOptions[0].textContent : "";
}

const sameScope = (one, other) => one && other && one.account === other.account && one.guest === other.guest;

async function begunHere(about) {
  const drafts = (await allDrafts()).filter((draft) => draft.stage === "editing" && draft.kind === about.kind
    && sameScope(draft.scope, about.scope) && draft.place.page === about.place.page);
  // The page that was left a moment ago holds its own, the last one, until the browser has put that page away.
  for (const [at, draft] of drafts.reverse().entries()) if (await isFree(draft.client_id, at ? 0 : PUT_AWAY_MS)) return draft;
  return null;
}

const isAbout = (draft, about) => sameScope(draft.scope, about.scope) && draft.kind === about.kind
  && (draft.kind === "report" || draft.target.number === about.target.number);

/** The form is closed while this is done: what is typed before the draft is here, it would be written over. */
async function closedWhile({ form }, work) {
  form.inert = true;
  return work().finally(() => { form.inert = false; });
}

/** Open it, and tell what is to be told about it. */
async function take(writing, stored, told = []) {
  const opened = await closedWhile(writing, () => writing.open(stored));
  if (!opened) return showFaults((await draftOf(stored.client_id)) ? [word("held")] : []);
  return showFaults([...told, opened.lost ? word("cleared", { n: opened.lost }) : ""].filter(Boolean));
}

async function openWanted(writing, about, id) {
  history.replaceState(null, "", location.pathname + location.search);
  const stored = await closedWhile(writing, () => draftOf(id));
  if (!stored || !isAbout(stored, about)) return;
  const told = stored.stage === "attention" ? [...stored.verdict.sentences, whyOf(stored)] : [];
  await take(writing, stored, told);
}

async function offerBegun(writing, about) {
  const wanted = new URLSearchParams(location.hash.slice(1)).get("draft");
  if (wanted) return openWanted(writing, about, wanted);
  const offer = find("[data-offer]");
  // Once something is written here, that one would be put in its place.
  writing.field.addEventListener("taken", ({ detail }) => { if (detail.photos.length) offer.hidden = true; });
  const stored = await begunHere(about);
  if (!stored || writing.taken.length) return undefined;
  find("[data-offer-words]").textContent = word("photos", { n: stored.photos.length });
  find("[data-offer-take]").onclick = () => { offer.hidden = true; take(writing, stored); };
  find("[data-offer-leave]").onclick = () => { offer.hidden = true; };
  offer.hidden = false;
  return undefined;
}

/** Ask whoever has something to say before it goes; true when it may go. */
async function mayGo(form) {
  const detail = { wait: [], holds: [] };
  form.dispatchEvent(new CustomEvent("before-queue", { detail }));
  const late = new Promise((end) => { setTimeout(end, ALIKE_MS); });
  if (detail.wait.length) await Promise.race([Promise.all(detail.wait), late]);
  return !detail.holds.some((hold) => hold());
}

const waitsFor = (writing, id) => writing.isQueued() && writing.draft.client_id === id;

async function onSent(form, writing, receipt) {
  const { account, after, done } = form.dataset;
  const stands = await draftOf(receipt.client_id);
  // An earlier one arrived, not what this page handed over since: "tried" tells what becomes of that.
  if (!waitsFor(writing, receipt.client_id) || (stands && stands.rev === writing.draft.rev)) return undefined;
  if (receipt.kind === "report" && (receipt.anonymous || receipt.scope.guest)) return showReceipt(receipt);
  await forgetReceipt(receipt.client_id);
  if (receipt.kind === "move") keepNotice(done);
  const target = receipt.kind === "move" ? after : `/receipt/${receipt.number}`;
  return account || receipt.scope.account ? location.assign(target) : showReceipt(receipt);
}

async function onTried(form, writing, id) {
  const draft = await draftOf(id);
  if (!draft || !waitsFor(writing, id)) return;
  // Taken up by another page meanwhile: what becomes of it is that page's to mend.
  if (draft.stage !== "attention" || draft.rev !== writing.draft.rev) {
    showWaiting(draft);
    return;
  }
  if (draft.verdict.why === "moved") {
    // This page shows the hazard as it was: it is asked for anew, with the draft.
    location.hash = `draft=${id}`;
    location.reload();
    return;
  }
  // The person is still here: the form comes back, with why.
  if (!(await writing.back(draft.verdict.why))) return;
  showForm(form);
  showFaults([...draft.verdict.sentences, draft.verdict.sentences.length ? "" : whyOf(draft)].filter(Boolean));
}

async function beginAnew(form, writing) {
  if (await writing.anew()) showForm(form);
}

/** Nobody waits in vain for what is written on another page, or was thrown away there. */
async function onChanged(form, writing, { id, gone }) {
  const draft = gone ? null : await draftOf(id);
  if (gone) await beginAnew(form, writing);
  else if (draft && draft.stage === "editing" && waitsFor(writing, id)) showWaiting(draft);
}

function follow(form, writing) {
  listen((message) => {
    const { kind, id } = message;
    if (!waitsFor(writing, id)) return;
    if (kind === "sent") onSent(form, writing, message.receipt);
    else if (kind === "progress") showProgress(message);
    else if (kind === "trying") showProgress({});
    else if (kind === "tried") onTried(form, writing, id);
    else if (kind === "changed") onChanged(form, writing, message);
  });
}

/** What is not on the disk is told: that there is no room, or that the store itself fails. */
function tellKept(writing) {
  const box = find("[data-room]");
  find("[data-room-save]").onclick = () => {
    writing.taken.forEach(({ file }, index) => download(file, nameOf("photo", index + 1, file.type)));
  };
  return (error) => {
    box.hidden = !error;
    for (const words of box.querySelectorAll("[data-when]")) {
      words.hidden = !error || (words.dataset.when === "full") !== isNoRoom(error);
    }
  };
}

async function postItself(form, writing) {
  // Not on the disk: the network, if there is one, is the only safe place now.
  if (!navigator.onLine) return find("[data-room]").scrollIntoView({ block: "center" });
  await writing.posted().catch(() => {});
  return form.submit();
}

async function queueIt(form, writing) {
  showFaults([]);
  if (!(await writing.keep({ always: true }))) return postItself(form, writing);
  const lacks = lacking(writing.draft);
  if (lacks.length) {
    if (writing.isEmpty()) await writing.discard(); // nothing was said: nothing waits
    return showFaults(lacks.map(lackOf));
  }
  if (isTurned(writing.draft)) return showFaults([word("turned")]);
  if (!(await mayGo(form))) return undefined;
  try {
    if (!(await writing.queue())) return undefined;
  } catch (error) {
    return postItself(form, writing);
  }
  showKept(form);
  send({ eager: true }).catch(() => {}); // the next one can be written meanwhile
  return undefined;
}

/** A page that comes back from the browser's own store heard nothing meanwhile, and may show what has long gone. */
function lookAgain(form, writing) {
  addEventListener("pageshow", async ({ persisted }) => {
    if (!persisted || !writing.isQueued()) return;
    const { client_id } = writing.draft;
    if (await draftOf(client_id)) await onTried(form, writing, client_id);
    else await beginAnew(form, writing);
  });
}

/** Whether everything is here that a draft of this form will need: else nobody could ever send it. */
async function canSend(form, { scope }) {
  const maybeNameless = scope.guest || form.elements.namedItem("anonymous");
  return (await canHash()) && (!maybeNameless || canMakeClaims());
}

/** Bind the form of this page to the phone's own store. */
export async function bind() {
  const form = find("form[data-queue]");
  const field = form.querySelector("[data-photos]");
  const about = aboutOf(form);
  const scripted = document.documentElement.classList.contains("scripted");
  // Photos that the server keeps from a refused form go the way they began.
  if (!field || !scripted || !about.scope || form.querySelector("[name=kept]")) return;
  await allDrafts(); // it can be opened
  if (about.scope.account) rememberAccount(about.scope.account, about.scope.name);
  if (!(await canSend(form, about))) return;
  if (form.dataset.plain) return; // it went without us
  let busy = false;
  const writing = new Writing(form, field, {
    made: () => aboutOf(form),
    onKept: (error) => told(error),
  });
  const told = tellKept(writing);
  follow(form, writing);
  lookAgain(form, writing);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    queueIt(form, writing).finally(() => { busy = false; });
  });
  form.addEventListener("joined", () => writing.discard());
  const another = find("[data-another]");
  if (another) another.addEventListener("click", () => beginAnew(form, writing).then(() => scrollTo(0, 0)));
  form.dataset.bound = "1";
  await offerBegun(writing, about);
}
