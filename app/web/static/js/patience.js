// Asks again and again for what the server is still making.

const EVERY_MS = 3000;
const PATIENCE_MS = 120000;

/**
 * Call `ask` every few seconds until it gives true. A page that nobody sees asks nothing; after two minutes `giveUp` is
 * called once, and a person takes over. Once a form is sent nothing is asked any more: the answer's own page has
 * something to say, once.
 */
export function patiently(ask, giveUp = () => {}) {
  const since = Date.now();
  let timer = null;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wait);
  };
  async function again() {
    timer = null;
    // No network just now: asked again, as long as there is patience.
    if (await ask().catch(() => false)) stop();
    else if (!isOver) wait();
  }
  function wait() {
    clearTimeout(timer);
    timer = null;
    if (document.hidden) return;
    if (Date.now() - since >= PATIENCE_MS) {
      stop();
      giveUp();
      return;
    }
    timer = setTimeout(again, EVERY_MS);
  }
  document.addEventListener("visibilitychange", wait);
  document.addEventListener("submit", stop);
  wait();
}

/** A fresh copy of this page; null when there is none to be had. */
export async function freshPage() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
