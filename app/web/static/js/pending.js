// Photos whose pictures are still being made: the page asks for itself every few seconds and shows them as they come.
// Without this module, or after it gave up, the frame says to reload.

import { freshPage, patiently } from "./patience.js";

const FRAMES = "main .frame";
const WAITING = "[data-pending]";
const words = (frame) => frame.querySelector("[data-with-script]");
const without = new WeakMap();

/** Which hazard is open on a page where that may change by itself: the inbox shows whatever is first. */
const openOn = (page) => page.querySelector(".ticket")?.getAttribute("aria-label") ?? "";

function sayReload() {
  for (const frame of document.querySelectorAll(WAITING)) words(frame).textContent = without.get(frame);
}

/** Put what is ready in the place of what waited; true when nothing waits any more. */
async function settle() {
  const page = await freshPage();
  if (!page) return false;
  const [here, there] = [document, page].map((one) => [...one.querySelectorAll(FRAMES)]);
  if (here.length !== there.length || openOn(page) !== openOn(document)) {
    sayReload(); // another page answers here (a form that was posted), or this one has changed: a person takes over
    return true;
  }
  for (const [index, frame] of here.entries()) {
    if (frame.matches(WAITING) && !there[index].matches(WAITING)) frame.replaceWith(document.adoptNode(there[index]));
  }
  return !document.querySelector(WAITING);
}

for (const frame of document.querySelectorAll(WAITING)) {
  without.set(frame, words(frame).textContent);
  words(frame).textContent = words(frame).dataset.withScript;
}
patiently(settle, sayReload);
