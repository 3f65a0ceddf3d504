// While somebody reports: open hazards of the same category here, so that one spot is not reported twice.
// Asked only for a named report; whoever chooses to stay anonymous is not asked about again.

import { bestPosition } from "./position.js";

const offer = document.querySelector("[data-alike]");
const form = document.getElementById("report-form");
const seen = form.querySelector("[name=alike_seen]");
const anonymous = document.getElementById("anonymous");
const token = form.querySelector("[name=csrf_token]").value;
const WAIT_MS = 400;
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

let last = "";

async function ask() {
  const asked = question();
  const key = asked ? asked.toString() : "";
  if (key === last) return;
  last = key;
  seen.value = "";
  if (running) running.abort();
  if (!asked) {
    offer.replaceChildren();
    return;
  }
  running = new AbortController();
  try {
    const answer = await fetch(offer.dataset.alike, { method: "POST", body: asked, signal: running.signal });
    if (!answer.ok) return; // the server asks once more when the form is sent
    const text = await answer.text();
    const found = new DOMParser().parseFromString(text, "text/html").querySelector(".alike-offer");
    offer.replaceChildren(...(found ? [found] : []));
    seen.value = "1";
  } catch (error) {
    // No network, or asked anew: a report is never held up for this.
  }
}

let asking = Promise.resolve();

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => { asking = ask(); }, WAIT_MS);
}

async function join(button) {
  button.disabled = true;
  const told = button.parentElement.querySelector(".fault");
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
    told.textContent = offer.dataset.ended;
  } catch (error) {
    told.textContent = offer.dataset.offline;
  }
  told.hidden = false;
  button.disabled = false;
}

offer.addEventListener("click", (event) => {
  const button = event.target.closest("[data-same]");
  if (button) join(button);
});
// A report that is sent before this was answered waits a moment for it.
form.addEventListener("before-queue", (event) => {
  clearTimeout(timer);
  if (!seen.value) event.detail.wait.push(question()?.toString() === last ? asking : ask());
});
form.addEventListener("change", soon);
form.addEventListener("testified", soon);
if (anonymous) anonymous.addEventListener("change", soon);
soon();
