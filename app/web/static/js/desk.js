// The desk: keys for a keyboard, and how many are ticked. Without this module everything is done by hand.

const several = document.querySelector("[data-several]");
const boxes = [...document.querySelectorAll('.tick input[name="hazard"]')];
const cards = [...document.querySelectorAll(".list .card")];
const keys = document.querySelector("#keys");

// How many are ticked, and nothing to press before one is.
const bar = document.querySelector("[data-batch]");
function tell() {
  if (!bar) return;
  const count = boxes.filter((box) => box.checked).length;
  const said = bar.querySelector("[data-ticked]");
  said.textContent = said.dataset.word.replace("{n}", String(count));
  said.hidden = count === 0;
  bar.querySelector("[data-ticked-none]").hidden = count > 0;
  for (const button of bar.querySelectorAll("button")) button.disabled = count === 0;
}
for (const box of boxes) box.addEventListener("change", tell);
if (several) {
  several.addEventListener("change", () => {
    // Left: nothing stays ticked unseen.
    if (!several.checked) for (const box of boxes) box.checked = false;
    tell();
  });
}
addEventListener("pageshow", tell);
tell();

// What stands open is in sight in a list that scrolls by itself.
const opened = document.querySelector(".list .card[aria-current]");
const list = opened?.closest(".list");
if (list && getComputedStyle(list).overflowY === "auto" && opened.getBoundingClientRect().bottom > list.getBoundingClientRect().bottom) {
  opened.scrollIntoView({ block: "center" });
}

function at() {
  const here = document.activeElement?.closest(".pick")?.querySelector(".card");
  return cards.indexOf(here);
}

function go(step) {
  const now = at();
  const open = cards.findIndex((card) => card.hasAttribute("aria-current"));
  const next = now < 0 ? Math.max(open, 0) : Math.min(Math.max(now + step, 0), cards.length - 1);
  cards[next]?.focus();
  cards[next]?.scrollIntoView({ block: "nearest" });
}

function tick() {
  const card = cards[at()];
  const box = card?.closest(".pick").querySelector("input");
  if (!box) return;
  if (!several.checked) several.checked = true;
  box.checked = !box.checked;
  tell();
}

function seek() {
  const shown = [...document.querySelectorAll('input[name="q"]')].find((input) => input.offsetParent !== null);
  shown?.focus();
  shown?.select();
}

const ACTS = { j: () => go(1), k: () => go(-1), x: tick, "/": seek, "?": () => keys?.showModal() };
const TYPED_IN = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";

document.addEventListener("keydown", (event) => {
  // Whoever types, types; whoever holds Ctrl, Alt or Meta talks to the browser.
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest?.(TYPED_IN)) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const help = document.querySelector("[data-keys]");
if (help && keys) {
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());
}

// The filter closes when left, like every sheet.
const narrow = document.querySelector("[data-narrow]");
if (narrow) {
  document.addEventListener("click", (event) => {
    if (!narrow.contains(event.target)) narrow.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !narrow.open) return;
    narrow.open = false;
    narrow.querySelector("summary").focus();
  });
}
