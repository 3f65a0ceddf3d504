// A form whose draft the phone keeps: offers what was begun, queues what is sent, and shows what became of it.
// Where anything of this is not there, the form posts itself as it always did.

import { allDrafts, draftOf, forgetReceipt } from "./drafts.js";
import { download, nameOf } from "./files.js";
import { lackOf, showFaults, showForm, showKept, showProgress, showReceipt, showWaiting } from "./panel.js";
import { lacking } from "./payload.js";
import { send } from "./sender.js";
import { lastAccount } from "./session.js";
import { listen } from "./telling.js";
import { whyOf, word } from "./words.js";
import { Writing } from "./writing.js";

const ALIKE_MS = 2000;
const find = (selector) => document.querySelector(selector);

function scopeOf({ account, name, guest }) {
  if (guest) return { guest };
  if (account) return { account, name };
  return lastAccount(); // a page from the phone's own store names nobody
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

async function isFree(draft) {
  if (!navigator.locks || !navigator.locks.query) return true;
  const { held } = await navigator.locks.query();
  return !held.some((lock) => lock.name === `hazards-draft-${draft.client_id}`);
}

const sameScope = (one, other) => one && other && one.account === other.account && one.guest === other.guest;

async function begunHere(about) {
  const drafts = (await allDrafts()).filter((draft) => draft.stage === "editing" && draft.kind === about.kind
    && sameScope(draft.scope, about.scope) && draft.place.page === about.place.page);
  for (const draft of drafts.reverse()) if (await isFree(draft)) return draft;
  return null;
}

async function offerBegun(writing, about) {
  const wanted = new URLSearchParams(location.hash.slice(1)).get("draft");
  const stored = wanted ? await draftOf(wanted) : await begunHere(about);
  if (!stored || !sameScope(stored.scope, about.scope)) return;
  if (wanted) {
    history.replaceState(null, "", location.pathname + location.search);
    const told = stored.stage === "attention" ? [...stored.verdict.sentences, whyOf(stored)] : [];
    await writing.open(stored);
    showFaults(told.filter(Boolean));
    return;
  }
  const offer = find("[data-offer]");
  find("[data-offer-words]").textContent = word("photos", { n: stored.photos.length });
  find("[data-offer-take]").onclick = () => { offer.hidden = true; writing.open(stored); };
  find("[data-offer-leave]").onclick = () => { offer.hidden = true; };
  offer.hidden = writing.taken.length > 0;
}

/** Ask whoever has something to say before it goes; true when it may go. */
async function mayGo(form) {
  const offers = () => document.querySelectorAll(".alike-offer").length;
  const before = offers();
  const wait = [];
  form.dispatchEvent(new CustomEvent("before-queue", { detail: { wait } }));
  if (wait.length) await Promise.race([Promise.all(wait), new Promise((end) => { setTimeout(end, ALIKE_MS); })]);
  if (before || !offers()) return true;
  find(".alike-offer").scrollIntoView({ block: "center" });
  return false;
}

async function onSent(form, receipt) {
  const { account, after } = form.dataset;
  if (receipt.kind === "report" && (receipt.anonymous || receipt.scope.guest)) return showReceipt(receipt);
  await forgetReceipt(receipt.client_id);
  const target = receipt.kind === "move" ? after : `/receipt/${receipt.number}`;
  return account || receipt.scope.account ? location.assign(target) : showReceipt(receipt);
}

async function onTried(form, writing, id) {
  const draft = await draftOf(id);
  if (!draft) return;
  if (draft.stage !== "attention") {
    showWaiting(draft);
    return;
  }
  // The person is still here: the form comes back, with why.
  await writing.back({ anew: draft.verdict.why === "reused" });
  showForm(form);
  showFaults([...draft.verdict.sentences, draft.verdict.sentences.length ? "" : whyOf(draft)].filter(Boolean));
}

function follow(form, writing) {
  listen((message) => {
    const id = writing.draft && writing.draft.client_id;
    if (!id || message.id !== id || writing.draft.stage !== "queued") return;
    if (message.kind === "sent") onSent(form, message.receipt);
    else if (message.kind === "progress") showProgress(message);
    else if (message.kind === "trying") showProgress({});
    else if (message.kind === "tried") onTried(form, writing, id);
  });
}

function tellRoom(writing) {
  const box = find("[data-room]");
  find("[data-room-save]").onclick = () => {
    writing.taken.forEach(({ file }, index) => download(file, nameOf("photo", index + 1, file.type)));
  };
  return (hasRoom) => {
    box.hidden = hasRoom;
  };
}

async function queueIt(form, writing) {
  showFaults([]);
  if (!(await writing.keep({ always: true }))) {
    // Not on the disk: the network, if there is one, is the only safe place now.
    if (navigator.onLine) {
      await writing.posted().catch(() => {});
      form.submit();
    } else find("[data-room]").scrollIntoView({ block: "center" });
    return;
  }
  const lacks = lacking(writing.draft);
  if (lacks.length) {
    showFaults(lacks.map(lackOf));
    return;
  }
  if (!(await mayGo(form))) return;
  await writing.queue();
  showKept(form);
  await send({ eager: true });
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
  if (form.dataset.plain) return; // it went without us
  let busy = false;
  const writing = new Writing(form, field, {
    made: () => aboutOf(form),
    onRoom: (hasRoom) => told(hasRoom),
  });
  const told = tellRoom(writing);
  follow(form, writing);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    queueIt(form, writing).finally(() => { busy = false; });
  });
  form.addEventListener("joined", () => writing.discard());
  const another = find("[data-another]");
  if (another) another.addEventListener("click", () => { writing.anew(); showForm(form); scrollTo(0, 0); });
  form.dataset.bound = "1";
  await offerBegun(writing, about);
}
