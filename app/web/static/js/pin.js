// A pin by hand for a report whose place is missing or wrong. Nothing is loaded until somebody opens it.

const field = document.querySelector("[data-pin]");
const form = field.closest("form");
const lat = form.querySelector("[name=pin_lat]");
const lon = form.querySelector("[name=pin_lon]");
const frame = field.querySelector("[data-pin-map]");
const told = field.querySelector("[data-pin-told]");
const word = field.querySelector("[data-pin-word]");
const clear = field.querySelector("[data-pin-clear]");
const unsetWord = word.textContent;
const NEAR = 18;
const DIGITS = 7;

/** Load what the page did not: the library as a script of ours, its style sheets, and our own modules. */
const load = async () => {
  const arrives = (element) => new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", failed);
    document.head.append(element);
  });
  const sheets = field.dataset.sheets.split(" ")
    .map((href) => arrives(Object.assign(document.createElement("link"), { rel: "stylesheet", href })));
  const library = globalThis.L ? null : arrives(Object.assign(document.createElement("script"), { src: field.dataset.library }));
  const modules = [import("./datum.js"), import("./ground.js"), import("./position.js")];
  const [datum, ground, photos] = await Promise.all([...modules, library, ...sheets]);
  return { ...datum, ...ground, ...photos };
};

/** What stands around, or nothing where that cannot be asked: the pin can be set all the same. */
const around = async () => {
  try {
    const answer = field.dataset.around ? await fetch(field.dataset.around) : null;
    if (answer?.ok) return await answer.json();
  } catch (error) {
    // No network.
  }
  return { areas: [], places: [] };
};

const say = () => {
  const isSet = Boolean(lat.value && lon.value);
  told.textContent = isSet ? told.dataset.set : told.dataset.unset;
  word.textContent = isSet ? word.dataset.set : unsetWord;
  clear.hidden = !isSet;
};

const open = async (onLoaded) => {
  const { CHINA, bestPosition, drawAround, drawnAt, drawnShapes, groundIn, pointsOf, truly } = await load();
  onLoaded();
  const { L } = globalThis;
  const { datum } = frame.dataset;
  const stands = await around();
  const shapes = drawnShapes(stands, datum);
  const map = groundIn(frame);
  const chosen = form.querySelector("[name=place_code]")?.value;
  const place = stands.places.find((one) => one.code === chosen)?.at;
  const scanned = field.dataset.at ? field.dataset.at.split(",").map(Number) : null;
  const phones = () => {
    const best = bestPosition();
    return best && [best.lat, best.lon];
  };
  const start = lat.value && lon.value ? [Number(lat.value), Number(lon.value)] : scanned ?? place ?? phones();
  const ground = pointsOf(shapes);
  if (start) map.setView(drawnAt(...start, datum), NEAR);
  else map.fitBounds(ground.length ? L.latLngBounds(ground) : CHINA, { padding: [24, 24], maxZoom: NEAR });
  drawAround(map, shapes);

  const icon = L.divIcon({ className: "pin", html: "<span></span>", iconSize: [48, 48], iconAnchor: [24, 41] });
  const pin = L.marker(map.getCenter(), { icon, draggable: true, keyboard: false });
  const keep = (values) => {
    [lat.value, lon.value] = values;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const put = ({ lat: north, lng: east }) => {
    keep(truly(north, east, datum).map((degrees) => degrees.toFixed(DIGITS)));
  };
  /** The marker stands where the form says: also when a draft is given back, or another report is begun. */
  const follow = () => {
    if (!lat.value || !lon.value) pin.remove();
    else pin.setLatLng(drawnAt(Number(lat.value), Number(lon.value), datum)).addTo(map);
  };
  follow();
  form.addEventListener("change", follow);
  map.on("click", ({ latlng }) => put(latlng));
  pin.on("dragend", () => put(pin.getLatLng()));
  field.querySelector("[data-pin-here]").addEventListener("click", () => put(map.stop().getCenter()));
  clear.addEventListener("click", () => {
    field.querySelector("[data-pin-here]").focus();
    keep(["", ""]);
  });
  field.dataset.ready = "";
};

let opened = false;
field.addEventListener("toggle", async () => {
  if (!field.open) return;
  // The map opens below the fold, behind the bar: it comes up, with its buttons; once more when it has its height.
  const comeUp = () => field.scrollIntoView({ block: "start" });
  comeUp();
  if (opened) return;
  opened = true;
  say();
  try {
    await open(comeUp);
  } catch (error) {
    opened = false;
    told.textContent = told.dataset.failed;
  }
});
// A draft that is given back brings its pin along.
form.addEventListener("change", say);
say();
field.hidden = false;
if (document.getElementById("pin-fault")) field.open = true;
