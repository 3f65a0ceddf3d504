// Every page: how many drafts still wait on this phone, and the sender once there is something for it. On a page with a form
// for the queue, that form too. A page without a database shows nothing.

import { forgetAccount } from "./queue/reader.js";

const line = document.querySelector("[data-unsent]");
const DAY_MS = 24 * 3600000;
const SHOWN_MS = 8000;
const PATIENCE_MS = 4000;
const form = document.querySelector("form[data-queue]");
let shownUntil = 0;

/** The draft that is being written on this very page is not counted here. */
const isHere = (draft) => draft.client_id === document.documentElement.dataset.writing;

async function count(drafts) {
  if (!line || Date.now() < shownUntil) return;
  const waiting = (await drafts.allDrafts()).filter((draft) => !isHere(draft));
  const old = waiting.some((draft) => Date.now() - draft.made_at > DAY_MS);
  line.hidden = waiting.length === 0;
  line.classList.remove("sent");
  line.firstElementChild.textContent = line.dataset[old ? "old" : "one"].replace("{n}", waiting.length);
}

function celebrate({ id, receipt }, drafts) {
  if (!line || id === document.documentElement.dataset.writing) return;
  shownUntil = Date.now() + SHOWN_MS;
  line.hidden = false;
  line.classList.add("sent");
  line.firstElementChild.textContent = line.dataset.sent.replace("{number}", receipt.number);
  setTimeout(() => count(drafts), SHOWN_MS + 100);
}

let sends = false;

/** The sender and all that it needs, once there is something for it. */
async function wake(drafts) {
  if (sends || (!form && !(await drafts.allDrafts()).length)) return;
  sends = true;
  (await import("./queue/sender.js")).startSending();
}

async function begin() {
  const store = await import("./queue/store.js");
  if (!store.isAvailable()) return;
  const drafts = await import("./queue/drafts.js");
  const { listen } = await import("./queue/telling.js");
  listen((message) => {
    if (message.kind === "sent") celebrate(message, drafts);
    else if (message.kind === "changed") count(drafts).then(() => wake(drafts));
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) count(drafts); });
  await count(drafts);
  await wake(drafts);
  if (form) await (await import("./queue/form.js")).bind();
}

let begun = null;

function start() {
  begun = begun || begin().catch(() => {});
  return begun;
}

/** A form that is sent before the queue has it waits for the queue a moment; without one it goes as any form does. */
function holdFirst(event) {
  if (form.dataset.bound || form.dataset.plain) return;
  event.preventDefault();
  if (form.dataset.held) return;
  form.dataset.held = "1";
  Promise.race([start(), new Promise((end) => { setTimeout(end, PATIENCE_MS); })]).then(() => {
    if (!form.dataset.bound) form.dataset.plain = "1";
    if (form.requestSubmit) form.requestSubmit();
    else if (form.dataset.plain || form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }))) form.submit();
  });
}

if (form) form.addEventListener("submit", holdFirst);
// Whoever signs out is no reader of this phone's drafts any more.
document.addEventListener("submit", ({ target }) => {
  if ((target.getAttribute("action") || "").endsWith("/logout")) forgetAccount();
});
if (document.getElementById("login-form")) forgetAccount(); // nobody is signed in here
// After everything the reader waits for.
const soon = globalThis.requestIdleCallback || ((work) => setTimeout(work, 200));
const afterLoad = () => soon(start);
if (document.readyState === "complete") afterLoad();
else addEventListener("load", afterLoad);
