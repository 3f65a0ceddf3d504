// Hazards on a map: each a shape, a colour and a word; what stands too close together is one mark with a number.
// The list by place beside it is the same, and all there is without this module.

import { drawnAt, drawnShapes } from "./datum.js";
import { CHINA, drawAround, groundIn, pointsOf } from "./ground.js";

const { L } = globalThis;
const frame = document.querySelector("[data-map]");
const sheet = document.querySelector("[data-spot]");
const legend = [...document.querySelectorAll("[data-mark]")];
const urgency = legend.map((line) => line.dataset.mark);

/** Marks closer than this are one; in the large mode they are larger. */
const reach = () => {
  const em = parseFloat(getComputedStyle(frame).fontSize);
  return { x: em * 10, y: em * 4.5 };
};

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const rank = (hazard) => urgency.indexOf(hazard.state);
const pressing = (hazards) => [...hazards].sort((one, other) => rank(one) - rank(other));
const namesOf = (spots) => [...new Set(spots.map((spot) => spot.name))].join(" · ");

/** Spots by the mark they share at this zoom, the most pressing in front. */
const together = (map, spots) => {
  const { x, y } = reach();
  const groups = [];
  for (const spot of [...spots].sort((one, other) => rank(one.hazards[0]) - rank(other.hazards[0]))) {
    const at = map.latLngToLayerPoint(spot.drawn);
    const near = groups.find((group) => Math.abs(group.at.x - at.x) < x && Math.abs(group.at.y - at.y) < y);
    if (near) near.spots.push(spot);
    else groups.push({ at, spots: [spot] });
  }
  return groups.map(({ spots: those }) => ({
    spots: those, drawn: those[0].drawn, hazards: pressing(those.flatMap((spot) => spot.hazards)),
  }));
};

/** "冲压线 A3：逾期 1 条、待受理 2 条", for who listens. */
const spoken = (group) => {
  const parts = legend.map((line) => [line.dataset.word, group.hazards.filter((it) => it.state === line.dataset.mark).length])
    .filter(([, n]) => n).map(([state, n]) => fill(frame.dataset.part, { state, n }));
  return fill(frame.dataset.label, { where: namesOf(group.spots), what: parts.join(", ") });
};

const faceOf = (group) => {
  const made = (tag, values) => Object.assign(document.createElement(tag), values);
  const [face, says] = [made("span"), made("span", { className: "says" })];
  says.append(legend[rank(group.hazards[0])].querySelector(".st").cloneNode(true));
  if (group.hazards.length > 1) {
    says.append(made("b", { textContent: fill(frame.dataset.several, { n: group.hazards.length }) }));
  }
  face.append(says, made("span", { className: "where", textContent: namesOf(group.spots) }));
  return face;
};

let cameFrom = null;

const close = () => {
  sheet.hidden = true;
  cameFrom?.focus();
  cameFrom = null;
};

/** The same card as in the list; a hazard that came after the list was written is a link with its number. */
const cardOf = (hazard) => {
  const listed = document.querySelector(`.by-place [data-number="${CSS.escape(hazard.number)}"] > .card`);
  return listed?.cloneNode(true) ?? Object.assign(document.createElement("a"), { href: hazard.href, textContent: hazard.number, className: "btn ghost" });
};

const show = (group, mark) => {
  sheet.querySelector("[data-spot-name]").textContent = namesOf(group.spots);
  sheet.querySelector("[data-spot-cards]").replaceChildren(...group.hazards.map(cardOf));
  sheet.hidden = false;
  sheet.scrollTop = 0;
  cameFrom = mark;
  sheet.focus();
};

const draw = (map, layer, spots) => {
  layer.clearLayers();
  for (const group of together(map, spots)) {
    const icon = L.divIcon({ className: "mark", html: faceOf(group), iconSize: null });
    const marker = L.marker(group.drawn, { icon, riseOnHover: true }).addTo(layer);
    const button = marker.getElement();
    // Its size comes from its words, and its middle stands on the spot.
    button.style.marginLeft = `${-button.offsetWidth / 2}px`;
    button.style.marginTop = `${-button.offsetHeight / 2}px`;
    button.setAttribute("aria-label", spoken(group));
    marker.on("click", () => show(group, button));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show(group, button);
    });
  }
};

const begin = async () => {
  const answer = await fetch(frame.dataset.marks);
  if (!answer.ok) throw new Error(String(answer.status));
  const { datum } = frame.dataset;
  const told = await answer.json();
  const shapes = drawnShapes(told, datum);
  const spots = told.spots.map((spot) => ({ ...spot, drawn: drawnAt(...spot.at, datum), hazards: pressing(spot.hazards) }));
  document.querySelector("[data-map-side]").hidden = false;
  const map = groundIn(frame);
  const ground = [...pointsOf(shapes), ...spots.map((spot) => spot.drawn)];
  map.fitBounds(ground.length ? L.latLngBounds(ground) : CHINA, { padding: [32, 32], maxZoom: 18 });
  // A place with a mark has its name there.
  const marked = new Set(told.spots.map((spot) => String(spot.at)));
  drawAround(map, { ...shapes, places: shapes.places.filter((_, n) => !marked.has(String(told.places[n].at))) });
  const layer = L.layerGroup().addTo(map);
  draw(map, layer, spots);
  map.on("zoomend", () => draw(map, layer, spots));
  map.on("click", close);
  frame.dataset.ready = "";
};

if (L && frame) {
  sheet.querySelector("[data-spot-close]").addEventListener("click", close);
  sheet.addEventListener("keydown", (event) => event.key === "Escape" && close());
  begin().catch(() => {
    const said = document.querySelector("[data-map-told]");
    document.querySelector("[data-map-side]").hidden = false;
    frame.parentElement.hidden = true;
    said.textContent = said.dataset.failed;
    said.hidden = false;
  });
}
