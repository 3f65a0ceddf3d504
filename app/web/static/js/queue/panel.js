// What stands in place of the form once the phone has the draft: kept, how far it is sent, the receipt.

import { forgetReceipt } from "./drafts.js";
import { word, whyOf } from "./words.js";

const part = (name) => document.querySelector(`[data-panel${name}]`);

const HEADINGS = ["-sending", "-kept", "-received"];

function show(isShown, form) {
  part("").hidden = !isShown;
  form.hidden = isShown;
  document.querySelector("[data-offer]").hidden = true;
  for (const other of document.querySelectorAll("footer.bar, main > .warn")) other.hidden = isShown;
  const own = part("-bar");
  if (own) own.hidden = !isShown;
}

function head(name) {
  for (const one of HEADINGS) part(one).hidden = one !== name;
}

export function showKept(form) {
  for (const name of ["-number", "-facts", "-progress", "-qr", "-follow"]) part(name).hidden = true;
  head(navigator.onLine ? "-sending" : "-kept");
  part("-words").textContent = "";
  part("").classList.remove("done");
  show(true, form);
  part("").focus();
  scrollTo(0, 0);
}

export function showForm(form) {
  show(false, form);
}

export function showProgress({ n, of, part: done }) {
  head("-sending");
  part("-words").textContent = n ? word("progress", { n, of }) : word("trying");
  part("-progress").hidden = !of;
  part("-progress").value = of ? Math.round((100 * (n - 1 + done)) / of) : 0;
}

export function showWaiting(draft) {
  head("-kept");
  part("-progress").hidden = true;
  // Of the network the heading says all there is to say.
  const why = draft.verdict && draft.verdict.why === "network" ? "" : whyOf(draft);
  part("-words").textContent = draft.stage === "editing" ? word("held") : why;
}

const DAY_MS = 24 * 3600000;

/** Until when somebody acts: 24 hours after the server's own time. An answer that came late may make that today. */
function showUntil(received_at) {
  const until = part("-until");
  const due = new Date(new Date(received_at).getTime() + DAY_MS);
  const isOn = (day) => due.toDateString() === day.toDateString();
  const words = isOn(new Date()) ? until.dataset.today : isOn(new Date(Date.now() + DAY_MS)) ? until.dataset.tomorrow : "";
  until.hidden = !words;
  const clock = words && new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(due);
  until.querySelector("b").textContent = words.replace("{time}", clock);
}

/** Where to ask after it: as a link, and as a code for another phone. Nothing goes beside the account's cookie. */
async function showWay(number) {
  const qr = part("-qr");
  part("-follow").firstElementChild.href = `/follow?number=${number}`;
  const answer = await fetch(`/follow/${number}/qr`, { credentials: "omit" }).catch(() => null);
  const drawn = answer && answer.ok ? await answer.blob() : null;
  if (!drawn || part("-number").hidden || part("-number").textContent !== number) return; // another report stands here
  const image = new Image();
  image.alt = qr.textContent.trim();
  image.src = URL.createObjectURL(drawn);
  qr.querySelector("img")?.remove();
  qr.prepend(image);
  qr.hidden = false;
}

/** The code goes to the clipboard where there is one; once its person has it, the phone need not keep it. */
function bindCode(client_id, code) {
  const [copy, noted, told] = ["-copy", "-noted", "-told"].map(part);
  const tell = (words) => { told.textContent = words; };
  tell("");
  copy.hidden = !navigator.clipboard;
  noted.hidden = false;
  copy.onclick = () => navigator.clipboard.writeText(code).then(() => tell(told.dataset.copied), () => { copy.hidden = true; });
  noted.onclick = async () => {
    await forgetReceipt(client_id);
    tell(told.dataset.forgotten);
    told.focus();
    noted.hidden = true;
  };
}

/** The receipt of somebody without a name: nobody else will show it again. */
export function showReceipt({ client_id, number, unit, officer, photos, code, received_at }) {
  head("-received");
  part("-progress").hidden = true;
  for (const name of ["-number", "-facts"]) part(name).hidden = false;
  part("-number").textContent = number;
  part("-words").textContent = word("photos", { n: photos });
  const next = part("-next");
  const said = officer ? next.dataset.byOfficer : next.dataset.byUnit;
  next.textContent = said.replace("{unit}", unit).replace("{officer}", officer);
  part("-code").hidden = !code;
  part("-code").querySelector(".code").textContent = code;
  part("-later").hidden = Boolean(code);
  part("-qr").hidden = true;
  part("-follow").hidden = !code;
  showUntil(received_at);
  if (code) {
    showWay(number);
    bindCode(client_id, code);
  }
  part("").classList.add("done");
}

/** Why the form is back: sentences, in the place where a refused form tells them. */
export function showFaults(sentences) {
  const box = document.querySelector("[data-queue-faults]");
  box.hidden = sentences.length === 0;
  box.querySelector("ul").replaceChildren(...sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
  if (sentences.length) box.focus();
}

export const lackOf = (what) => document.querySelector("[data-queue-faults]").getAttribute(`data-lack-${what}`);
