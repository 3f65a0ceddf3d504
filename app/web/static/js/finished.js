// When a repair was finished is preset to the moment at which the page was made. A page that the phone kept, or that was open
// on the way to the place, is older than that: the time goes on until the photo is taken, or somebody sets it.
// Reckoned by what has gone by on this phone, so that a phone whose clock is wrong adds nothing wrong.

const form = document.querySelector("form[data-made]");
const input = form && form.querySelector("[data-now]");
const MINUTE_MS = 60000;
const opened = Date.now();
let since = opened; // when this page came to the phone
let last = input && input.value;

/** A copy of this very page, kept earlier, says when it came; a page that has just come says nothing new. */
async function whenItCame() {
  if (!("caches" in window) || !(await caches.has("pages"))) return opened;
  const kept = await (await caches.open("pages")).match(location.pathname);
  const isThis = kept && (await kept.text()).includes(`data-made="${form.dataset.made}"`);
  return isThis ? Number(kept.headers.get("X-Shell-Kept")) || opened : opened;
}

function goOn() {
  // Set by its person, or by a draft: from its first photo on there is one.
  if (input.value !== last || document.documentElement.dataset.writing) return;
  const gone = Date.now() - since;
  if (gone < MINUTE_MS) return;
  // Of the unit's own clock, which is added to as if it were universal time: no zone is needed.
  const made = Date.parse(`${input.defaultValue}Z`);
  last = new Date(made + gone).toISOString().slice(0, 16);
  input.value = last;
}

if (input) {
  form.addEventListener("taken", goOn, { capture: true });
  whenItCame().then((at) => { since = at; goOn(); }).catch(() => {});
}
