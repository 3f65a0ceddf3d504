// Every page: how many drafts still wait on this phone, and the sender for as long as the page is open.
// Nothing more is loaded while nothing waits; a page without a database to ask shows nothing.

const line = document.querySelector("[data-unsent]");
const DAY_MS = 24 * 3600000;
const SHOWN_MS = 8000;
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

/** Whether this phone has ever kept a draft: the name of the database stands in localStorage once it was made. */
async function begin() {
  const store = await import("./queue/store.js");
  if (!store.isAvailable()) return;
  const drafts = await import("./queue/drafts.js");
  const { listen } = await import("./queue/telling.js");
  const { startSending } = await import("./queue/sender.js");
  listen((message) => {
    if (message.kind === "sent") celebrate(message, drafts);
    else if (message.kind === "changed") count(drafts);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) count(drafts); });
  await count(drafts);
  startSending();
  if (document.querySelector("form[data-queue]")) await (await import("./queue/form.js")).bind();
}

// After everything the reader waits for.
const soon = globalThis.requestIdleCallback || ((work) => setTimeout(work, 200));
const afterLoad = () => soon(() => { begin().catch(() => {}); });
if (document.readyState === "complete") afterLoad();
else addEventListener("load", afterLoad);
