// A file that is being made: the page asks itself every few seconds until it is there, and shows what it then says.
// Without this module, or after it gave up, the page says to reload.

import { freshPage, patiently } from "./patience.js";

const region = document.querySelector("[data-awaited]");
const told = region.querySelector("[data-with-script]");
const without = told.textContent;

/** Show the same region of a fresh copy of this page, once it waits no more. */
async function settle() {
  const page = await freshPage();
  const fresh = page && page.getElementById(region.id);
  if (!fresh || "awaited" in fresh.dataset) return false;
  delete region.dataset.awaited;
  region.replaceChildren(...fresh.childNodes);
  return true;
}

told.textContent = told.dataset.withScript;
patiently(settle, () => { told.textContent = without; });
