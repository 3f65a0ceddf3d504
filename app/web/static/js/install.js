// Registers the service worker, tells it which pages this person needs, and offers to put the house on the home screen.
// Where there is no service worker (WeChat on iOS, plain http) every page works as it does without this file.
const wanted = document.querySelector('meta[name="shell"]');

async function register() {
  const registration = await navigator.serviceWorker.register("/sw.js");
  // Said when a page has just been loaded: nothing is typed yet, and nothing is ever reloaded.
  if (registration.waiting) registration.waiting.postMessage({ ready: true });
  if (!wanted) return;
  const { active } = await navigator.serviceWorker.ready;
  const always = wanted.dataset.keep.split(" ").filter(Boolean).map((path) => ({ path, owner: wanted.content }));
  active.postMessage({ keep: [...always, ...moves()], instead: hazards() });
}

/** The moves of this page's hazard that the phone carries by itself: their forms are kept. */
function moves() {
  return [...document.querySelectorAll("a[data-keep]")].map((link) => ({ path: link.pathname, owner: link.dataset.keep }));
}

/** What was kept of this page's hazard goes, unless it is named anew: that move is no longer open. */
function hazards() {
  return [...document.querySelectorAll("[data-keeps]")].map(({ dataset }) => dataset.keeps);
}

if ("serviceWorker" in navigator && window.isSecureContext) {
  const start = () => register().catch(() => {}); // no worker, no harm
  // After everything that this page itself needs.
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, { once: true });
}

// The worker shows the report page for a scanned place that it has never seen: the code in the address is the place.
const places = document.querySelector("select#place_code[data-scanned]");
const [, scanned] = location.pathname.match(/^\/p\/([^/]+)$/) || [];

if (places && scanned) {
  const code = decodeURIComponent(scanned);
  const known = [...places.options].find((option) => option.value === code);
  if (known) known.selected = true;
  else places.add(new Option(places.dataset.scanned, code, false, true), 1);
}

const place = document.querySelector("[data-install]");

if (place) {
  const agent = navigator.userAgent;
  const isHere = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  const kind = isHere ? "here" : /MicroMessenger/i.test(agent) ? "wechat" : /iPhone|iPad|iPod/.test(agent) ? "ios" : "other";
  for (const words of place.querySelectorAll("[data-for]")) words.hidden = words.dataset.for !== kind;
  place.hidden = false;
  const button = place.querySelector("button");
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    for (const words of place.querySelectorAll("[data-for]")) words.hidden = true;
    button.onclick = async () => {
      button.hidden = true;
      await event.prompt();
    };
  });
}
