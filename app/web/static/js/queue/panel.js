// What stands in place of the form once the phone has the draft: kept, how far it is sent, the receipt.

import { word, whyOf } from "./words.js";

const part = (name) => document.querySelector(`[data-panel${name}]`);

function show(isShown, form) {
  part("").hidden = !isShown;
  form.hidden = isShown;
  for (const other of document.querySelectorAll("footer.bar, [data-offer]")) other.hidden = isShown || other.matches("[data-offer]");
}

export function showKept(form) {
  part("-number").hidden = part("-received").hidden = part("-facts").hidden = part("-progress").hidden = true;
  part("-kept").hidden = false;
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
  part("-words").textContent = n ? word("progress", { n, of }) : word("trying");
  part("-progress").hidden = !of;
  part("-progress").value = of ? Math.round((100 * (n - 1 + done)) / of) : 0;
}

export function showWaiting(draft) {
  part("-progress").hidden = true;
  // Of the network the heading says all there is to say.
  part("-words").textContent = draft.verdict && draft.verdict.why === "network" ? "" : whyOf(draft);
}

/** Somebody acts within 24 hours of the server's own time, which is the same time of day tomorrow. */
function showUntil(received_at) {
  const until = part("-until");
  const time = new Date(received_at);
  until.hidden = !received_at || Number.isNaN(time.getTime());
  if (until.hidden) return;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(time);
  until.querySelector("b").textContent = until.dataset.tomorrow.replace("{time}", clock);
}

/** Where to ask after it: as a link, and as a code for another phone. Nothing goes beside the account's cookie. */
async function showWay(number) {
  const qr = part("-qr");
  part("-follow").firstElementChild.href = `/follow?number=${number}`;
  const answer = await fetch(`/follow/${number}/qr`, { credentials: "omit" }).catch(() => null);
  if (!answer || !answer.ok) return;
  const image = new Image();
  image.alt = qr.textContent.trim();
  image.src = URL.createObjectURL(await answer.blob());
  qr.querySelector("img")?.remove();
  qr.prepend(image);
  qr.hidden = false;
}

/** The receipt of somebody without a name: nobody else will show it again. */
export function showReceipt({ number, unit, officer, photos, code, received_at }) {
  part("-kept").hidden = part("-progress").hidden = true;
  for (const name of ["-number", "-received", "-facts"]) part(name).hidden = false;
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
  if (code) showWay(number);
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
