// While somebody reports: open hazards of the same category here, so that one spot is not reported twice.
// Asked only for a named report; whoever chooses to stay anonymous is not asked about again.
// An offer out of sight is pointed at above the bar. Where nobody saw it all the same, the report waits for one more
// tap, once.

import { bestPosition } from "./position.js";

const offer = document.querySelector("[data-alike]");
const told = document.querySelector("[data-alike-told]");
const pointer = document.querySelector(".alike-hint button");
const form = document.getElementById("report-form");
const seen = form.querySelector("[name=alike_seen]");
const anonymous = document.getElementById("anonymous");
const token = form.querySelector("[name=csrf_token]").value;
const WAIT_MS = 400;
const LOOK_MS = 600; // shorter than this nobody has looked; a second tap within it is a finger that bounced
const MOST_OF_IT = 0.6;
let timer = null;
let running = null;

/** The pin by hand, or the most accurate position that the phone gave with a photo. */
function position() {
  const [lat, lon] = ["lat", "lon"].map((name) => form.querySelector(`[name=pin_${name}]`)?.value);
  if (lat && lon) return { lat, lon };
  return bestPosition();
}

function question() {
  const category = form.querySelector("[name=category]:checked");
  const place = form.querySelector("[name=place_code]");
  const at = position();
  if (!category || (anonymous && anonymous.checked) || !((place && place.value) || at)) return null;
  const asked = new URLSearchParams({ csrf_token: token, category: category.value });
  if (place && place.value) asked.set("place", place.value);
  else for (const name of ["lat", "lon", "accuracy_m"]) if (at[name] != null) asked.set(name, at[name]);
  return asked;
}

let watcher = null;
let looking = null;
let heldAt = null;

/** Whether most of it stands free: above the bar, and above a keyboard that covers the page. */
function isFree(row) {
  const { top, height } = row.getBoundingClientRect();
  const view = window.visualViewport;
  const from = view ? view.offsetTop : 0;
  return top >= from - height * (1 - MOST_OF_IT) && top + height * MOST_OF_IT <= from + (view ? view.height : innerHeight);
}

function stopWatching() {
  if (watcher) watcher.disconnect();
  clearInterval(looking);
  watcher = null;
}

/** Once its first hazard stood before somebody's eyes for a moment, the offer was seen. */
function watch(row) {
  const bar = document.querySelector("footer.bar");
  const margin = `0px 0px -${bar ? bar.offsetHeight : 0}px 0px`;
  watcher = new IntersectionObserver((seenNow) => {
    clearInterval(looking);
    if (seenNow.pop().intersectionRatio < MOST_OF_IT) return;
    looking = setInterval(() => {
      if (!isFree(row)) return;
      seen.value = "1";
      stopWatching();
      point();
    }, LOOK_MS);
  }, { threshold: MOST_OF_IT, rootMargin: margin });
  watcher.observe(row);
}

/** Whether what is being typed in would lie below the pointer. */
function isTypedIn(there) {
  const field = document.activeElement;
  if (!field || !form.contains(field) || !field.matches("textarea, input:not([type=radio], [type=file])")) return false;
  const { top, bottom } = field.getBoundingClientRect();
  return top < there.bottom && bottom > there.top;
}

/** Point at an offer below the bar (or scrolled away), as long as nobody has seen it. */
function point() {
  if (document.activeElement === pointer) return; // nothing vanishes from under somebody's keys
  const row = offer.querySelector(".alike-row");
  const there = pointer.getBoundingClientRect();
  const isWaiting = Boolean(row) && isAnswered && !seen.value && heldAt === null;
  const { top, height } = row ? row.getBoundingClientRect() : there;
  const isInSight = top + height * MOST_OF_IT <= there.bottom && top >= -height * (1 - MOST_OF_IT);
  pointer.disabled = !isWaiting || isInSight || isTypedIn(there);
}

function tell(found) {
  const words = found ? found.dataset.hint : "";
  told.textContent = words;
  if (words) pointer.querySelector("span").textContent = words;
}

function show(found) {
  found.scrollIntoView({ block: "start" });
  found.querySelector("h2").focus({ preventScroll: true });
}

function put(found) {
  stopWatching();
  heldAt = null;
  offer.replaceChildren(...(found ? [found] : []));
  tell(seen.value ? null : found);
  if (found && !seen.value) watch(found.querySelector(".alike-row"));
  point();
}

/** Show an offer that nobody has seen yet; true while the report waits for that. */
function hold() {
  const found = offer.querySelector(".alike-offer");
  if (!found || !isAnswered || seen.value) return false;
  if (heldAt !== null) return performance.now() - heldAt < LOOK_MS;
  heldAt = performance.now();
  found.querySelector("[data-alike-unsent]").hidden = false;
  show(found);
  point();
  return true;
}

let last = null;
let isAnswered = false;

const keyOf = (asked) => (asked ? asked.toString() : "");

async function ask() {
  const asked = question();
  const key = keyOf(asked);
  if (key === last) return undefined;
  if (last !== null) seen.value = ""; // a form that came back was asked about already
  last = key;
  isAnswered = false;
  stopWatching(); // what still stands there answers another question
  point();
  if (running) running.abort();
  if (!asked) return put(null);
  running = new AbortController();
  try {
    const answer = await fetch(offer.dataset.alike, { method: "POST", body: asked, signal: running.signal });
    if (!answer.ok) return put(null); // the server asks once more when the form is sent
    const text = await answer.text();
    const found = new DOMParser().parseFromString(text, "text/html").querySelector(".alike-offer");
    isAnswered = true;
    if (!found) seen.value = "1";
    return put(found);
  } catch (error) {
    // No network, or asked anew: a report is never held up for this.
    return error.name === "AbortError" ? undefined : put(null);
  }
}

let asking = Promise.resolve();

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => { asking = ask(); }, WAIT_MS);
}

async function join(button) {
  if (anonymous && anonymous.checked) return; // who follows is known by name
  button.disabled = true;
  const fault = button.parentElement.querySelector(".fault");
  try {
    const body = new URLSearchParams({ csrf_token: token, same: button.dataset.same });
    // Asked as JSON: a redirect would be followed here, and its page's notice spent unseen.
    const headers = { Accept: "application/json" };
    const answer = await fetch(offer.dataset.join, { method: "POST", body, headers });
    if (answer.ok) {
      form.dispatchEvent(new CustomEvent("joined"));
      location.assign((await answer.json()).href);
      return;
    }
    fault.textContent = offer.dataset.ended;
  } catch (error) {
    fault.textContent = offer.dataset.offline;
  }
  fault.hidden = false;
  button.disabled = false;
}

offer.addEventListener("click", (event) => {
  const button = event.target.closest("[data-same]");
  if (button) join(button);
});
// A press does not take the focus: the page would scroll to it, and the offer would be there before the tap is done.
pointer.addEventListener("mousedown", (event) => event.preventDefault());
pointer.addEventListener("click", () => show(offer.querySelector(".alike-offer")));
pointer.addEventListener("blur", () => requestAnimationFrame(point));
for (const kind of ["scroll", "resize"]) addEventListener(kind, point, { passive: true });
for (const kind of ["focusin", "focusout"]) form.addEventListener(kind, () => requestAnimationFrame(point));
// A report that is sent before this was answered waits a moment for it.
form.addEventListener("before-queue", ({ detail }) => {
  clearTimeout(timer);
  const isCurrent = keyOf(question()) === last;
  if (!isCurrent || !isAnswered) detail.wait.push(isCurrent ? asking : ask());
  detail.holds.push(hold);
});
form.addEventListener("change", soon);
form.addEventListener("testified", soon);
if (anonymous) anonymous.addEventListener("change", soon);
soon();
