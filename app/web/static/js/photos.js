// The camera and album of a form: previews that can be removed or taken again, and the phone's position at the shutter.
// It tells "taken" with the photos as they stand now, and takes photos back that were kept elsewhere ("give-back").
// Files are gathered in the album input, so that the form posts natively; where a browser cannot build a
// file list, nothing is gathered and its own inputs stay as they are.

const field = document.querySelector("[data-photos]");
const form = field.closest("form");
const camera = field.querySelector("[data-source=camera]");
const album = field.querySelector("[data-source=album]");
const strip = field.querySelector("[data-strip]");
const told = field.querySelector("[data-told]");
const witnesses = field.querySelector("[name=captured_positions]");
const limit = Number(field.dataset.limit) - field.querySelectorAll("[name=kept]").length;
const FRESH_MS = 60000; // an older fix is not the position at the shutter

/** @type {{file: File, witness: object, address: string}[]} */
let photos = [];
let again = null; // the photo that the next shot stands in for
let fix = null;
let watch = null;

// Positions of photos that the server already keeps come first and are handed back unchanged.
const keptWitnesses = (() => {
  try {
    const list = JSON.parse(witnesses.value || "[]");
    return Array.isArray(list) ? list : [];
  } catch (error) {
    return [];
  }
})();

function canGather() {
  try {
    return new DataTransfer().items !== undefined;
  } catch (error) {
    return false;
  }
}

function startWatching() {
  if (watch !== null || !navigator.geolocation) return;
  watch = navigator.geolocation.watchPosition(
    (position) => { fix = position; complete(); },
    () => { fix = null; }, // refused or unknown: a hazard without a position is still a hazard
    { enableHighAccuracy: true, maximumAge: 10000, timeout: 20000 },
  );
}

function positionOf(found) {
  return {
    lat: found.coords.latitude,
    lon: found.coords.longitude,
    accuracy_m: found.coords.accuracy,
    datum: "wgs84",
    at: new Date(found.timestamp).toISOString(),
  };
}

/** A first fix often comes a few seconds after the shutter: photos taken just before it get it too. */
function complete() {
  for (const { witness } of photos) {
    if (!witness.captured_at || witness.position) continue;
    if (Math.abs(fix.timestamp - Date.parse(witness.captured_at)) <= FRESH_MS) witness.position = positionOf(fix);
  }
  testify();
}

/** What the phone says about one shutter press; a file from the album says nothing about here and now. */
function witnessOf(source) {
  if (source !== "camera") return {};
  const now = Date.now();
  const witness = { captured_at: new Date(now).toISOString() };
  if (fix && Math.abs(now - fix.timestamp) <= FRESH_MS) witness.position = positionOf(fix);
  return witness;
}

function testify() {
  witnesses.value = JSON.stringify([...keptWitnesses, ...photos.map((photo) => photo.witness)]);
  field.dispatchEvent(new CustomEvent("testified", { bubbles: true }));
  tellTaken();
}

function tellTaken() {
  field.dispatchEvent(new CustomEvent("taken", { detail: { photos: photos.map(({ file, witness }) => ({ file, witness })) } }));
}

function gather() {
  const list = new DataTransfer();
  for (const photo of photos) list.items.add(photo.file);
  album.files = list.files;
  camera.value = "";
  testify();
}

function preview(photo, index) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = photo.address;
  image.alt = "";
  image.addEventListener("error", () => {
    const blank = document.createElement("span");
    blank.className = "blank";
    blank.textContent = field.dataset.noPreview;
    image.replaceWith(blank);
  });
  const remove = button("gone", "×", field.dataset.remove, index);
  remove.addEventListener("click", () => {
    URL.revokeObjectURL(photo.address);
    photos = photos.filter((other) => other !== photo);
    if (again === photo) again = null;
    show();
    // The next photo's, the last one's, or where the first is taken.
    const left = [...strip.querySelectorAll("button.gone")];
    (left[index] || left[left.length - 1] || camera).focus();
  });
  // The photo itself is what takes it again: nothing else needs a row.
  const retake = button("again", field.dataset.again, field.dataset.retake, index);
  retake.prepend(image);
  retake.addEventListener("click", () => {
    again = photo;
    camera.click();
  });
  item.append(retake, remove);
  return item;
}

function button(kind, word, label, index) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.setAttribute("aria-label", label.replace("{n}", index + 1));
  const face = document.createElement("span");
  face.textContent = word;
  made.append(face);
  return made;
}

function show() {
  gather();
  strip.hidden = photos.length === 0;
  form.classList.toggle("filled", photos.length > 0);
  strip.replaceChildren(...photos.map(preview));
}

/** At the end; or where the photo stood that is taken again. */
function place(photo) {
  const at = again ? photos.indexOf(again) : -1;
  if (at < 0) photos.push(photo);
  else {
    URL.revokeObjectURL(again.address);
    photos.splice(at, 1, photo);
  }
  again = null;
}

function add(source, fresh) {
  if (source !== "camera") again = null; // not every browser tells that a retake was called off
  const room = Math.max(0, limit - photos.length + (again ? 1 : 0));
  const replaced = again && fresh.length ? photos.indexOf(again) : -1;
  // Some systems leave the type of a HEIC file empty: only what says that it is something else is refused here.
  const foreign = fresh.findIndex((file) => file.type && !file.type.startsWith("image/"));
  for (const file of fresh.slice(0, room)) {
    if (file.type && !file.type.startsWith("image/")) continue;
    // A neutral name: a file's own name may carry its owner's.
    const neutral = new File([file], `photo-${photos.length + 1}`, { type: file.type });
    place({ file: neutral, witness: witnessOf(source), address: URL.createObjectURL(neutral) });
  }
  again = null;
  const said = [];
  if (foreign >= 0) said.push(field.dataset.noPhoto.replace("{n}", foreign + 1));
  if (fresh.length > room) said.push(field.dataset.tooMany.replace("{n}", limit));
  told.hidden = said.length === 0;
  told.textContent = said.join(" ");
  show();
  if (replaced >= 0) strip.querySelectorAll("button.again")[replaced].focus(); // where one was
}

function giveBack({ detail }) {
  for (const photo of photos) URL.revokeObjectURL(photo.address);
  photos = detail.photos.map(({ file, witness }) => ({ file, witness, address: URL.createObjectURL(file) }));
  told.hidden = true;
  show();
}

/** Whether this page was opened, not come back to. */
function isNew() {
  const [entry] = performance.getEntriesByType("navigation");
  return Boolean(entry) && entry.type === "navigate";
}

if (canGather()) {
  field.addEventListener("give-back", giveBack);
  field.addEventListener("ask-taken", tellTaken);
  document.documentElement.classList.add("scripted");
  camera.addEventListener("click", (event) => {
    if (event.isTrusted) again = null; // a person's own tap means one more photo; a retake clicks for itself
    startWatching();
  });
  camera.addEventListener("cancel", () => { again = null; });
  // The album input holds everything gathered so far, replaced by what was just chosen in it.
  for (const input of [camera, album]) input.addEventListener("change", () => add(input.dataset.source, [...input.files]));
  // Chosen while this file was still on its way. Who comes back to a page has files there that the browser remembered.
  const early = isNew() ? [album, camera].map(({ dataset, files }) => [dataset.source, [...files]]) : [];
  for (const [source, files] of early) if (files.length) add(source, files);
}
