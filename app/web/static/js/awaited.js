// A file that is being made: the page asks itself every few seconds until it is there, and shows what it then says.
// Without this module, or after it gave up, the page says to reload.

const region = document.querySelector("[data-awaited]");
const told = region.querySelector("[data-with-script]");
const without = told.textContent;
const EVERY_MS = 3000;
const PATIENCE_MS = 120000;
const since = Date.now();
let timer = null;

/** The same region of a fresh copy of this page, once it waits no more. */
async function settled() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
  return fresh && !("awaited" in fresh.dataset) ? fresh : null;
}

async function ask() {
  timer = null;
  let fresh = null;
  try {
    fresh = await settled();
  } catch (error) {
    // No network just now: asked again, as long as there is patience.
  }
  if (!fresh) return wait();
  delete region.dataset.awaited;
  document.removeEventListener("visibilitychange", wait);
  region.replaceChildren(...fresh.childNodes);
}

/** Ask again in a while; a page that nobody sees asks nothing, and after two minutes a person takes over. */
function wait() {
  clearTimeout(timer);
  timer = null;
  if (document.hidden) return;
  if (Date.now() - since >= PATIENCE_MS) {
    told.textContent = without;
    document.removeEventListener("visibilitychange", wait);
    return;
  }
  timer = setTimeout(ask, EVERY_MS);
}

told.textContent = told.dataset.withScript;
document.addEventListener("visibilitychange", wait);
wait();
