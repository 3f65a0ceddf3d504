// The map beside the list of corners: the two always say the same. Without this module corners are typed.

import { drawnAt } from "./datum.js";
import { CHINA, drawAround, groundIn, pointsOf } from "./ground.js";

const PAIR = /^\s*[([]?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,，、;；\s]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[)\]]?\s*$/;
const METRES_PER_DEGREE = 110500;

/** The corners of a text, one "latitude, longitude" on each line; null when a line cannot be read. */
const cornersOf = (text) => {
  const corners = [];
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const pair = PAIR.exec(line);
    if (!pair) return null;
    const [lat, lon] = [Number(pair[1]), Number(pair[2])];
    if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
    corners.push([lat, lon]);
  }
  const [first, last] = [corners[0], corners[corners.length - 1]];
  if (corners.length > 1 && first[0] === last[0] && first[1] === last[1]) corners.pop();
  return corners;
};

/** The corners as `cornersOf` reads them, to about a decimetre. */
const written = (corners) => corners.map(([lat, lon]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`).join("\n");

const flat = (corners) => {
  const lats = corners.map(([lat]) => lat);
  const middle = ((Math.min(...lats) + Math.max(...lats)) / 2) * (Math.PI / 180);
  return corners.map(([lat, lon]) => [lon * METRES_PER_DEGREE * Math.cos(middle), lat * METRES_PER_DEGREE]);
};

/** Square metres, as the server reckons them. */
const size = (corners) => {
  const points = flat(corners);
  let twice = 0;
  points.forEach(([x, y], n) => {
    const [nextX, nextY] = points[(n + 1) % points.length];
    twice += (x - points[0][0]) * (nextY - points[0][1]) - (nextX - points[0][0]) * (y - points[0][1]);
  });
  return Math.abs(twice) / 2;
};

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** Whether two edges that are no neighbours cross. */
const crosses = (corners) => {
  const count = corners.length;
  const edge = (n) => [corners[n], corners[(n + 1) % count]];
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 2; other < count; other += 1) {
      if (one === 0 && other === count - 1) continue;
      const [[a, b], [c, d]] = [edge(one), edge(other)];
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
    }
  }
  return false;
};

const { L } = globalThis;
const frame = document.querySelector("[data-map]");
const text = document.getElementById("corners");
const datum = document.getElementById("datum");
const told = document.querySelector("[data-told]");
// The datum of the map and of all that the server drew on it.
const drawnIn = frame?.dataset.datum;
const NEAR = 17;

if (L && frame) {
  document.querySelector("[data-map-side]").hidden = false;
  const map = groundIn(frame);
  const around = JSON.parse(frame.dataset.shapes);
  // A map without a view draws nothing: the view comes first, from what is known of the ground.
  const known = (datum.value === drawnIn && cornersOf(text.value)) || [];
  const ground = known.length ? known : pointsOf(around);
  map.fitBounds(ground.length ? L.latLngBounds(ground) : CHINA, { padding: [24, 24], maxZoom: 18 });
  drawAround(map, around);
  const outline = L.polygon([], { color: "#00529b", weight: 3, fillOpacity: 0.15, interactive: false }).addTo(map);
  const handles = L.layerGroup().addTo(map);
  let corners = [];

  const say = () => {
    const { dataset } = told;
    if (datum.value !== drawnIn) told.textContent = dataset.other;
    else if (corners === null) told.textContent = dataset.unread;
    else if (corners.length < 3) told.textContent = dataset.few.replace("{n}", corners.length);
    else if (crosses(corners)) told.textContent = dataset.crossing;
    else told.textContent = dataset.corners.replace("{n}", corners.length).replace("{m2}", Math.round(size(corners)).toLocaleString());
  };

  const draw = () => {
    const shown = datum.value === drawnIn && corners ? corners : [];
    outline.setLatLngs(shown);
    handles.clearLayers();
    shown.forEach((corner, n) => {
      const icon = L.divIcon({ className: "corner", html: `<span>${n + 1}</span>`, iconSize: [48, 48] });
      const label = frame.dataset.corner.replace("{n}", n + 1);
      const handle = L.marker(corner, { icon, draggable: true, alt: label, title: label, keyboard: false });
      handle.on("drag", () => {
        const { lat, lng } = handle.getLatLng();
        corners[n] = [lat, lng];
        outline.setLatLngs(corners);
      });
      handle.on("dragend", () => keep(corners));
      handles.addLayer(handle);
    });
    say();
  };

  const keep = (those) => {
    corners = those;
    text.value = written(those);
    draw();
  };

  const read = () => {
    corners = cornersOf(text.value);
    draw();
  };

  const add = (lat, lon) => {
    if (datum.value !== drawnIn) {
      if (text.value.trim()) return;
      datum.value = drawnIn;
    }
    keep([...(corners ?? []), [lat, lon]]);
  };

  map.on("click", ({ latlng }) => add(latlng.lat, latlng.lng));
  text.addEventListener("input", read);
  datum.addEventListener("change", draw);
  document.querySelector("[data-undo]").addEventListener("click", () => corners?.length && keep(corners.slice(0, -1)));
  document.querySelector("[data-clear]").addEventListener("click", () => keep([]));

  const locate = (then) => navigator.geolocation.getCurrentPosition(
    ({ coords }) => then(coords),
    () => { told.textContent = told.dataset.refused; },
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
  );
  const stand = document.querySelector("[data-stand]");
  stand.hidden = !navigator.geolocation || !isSecureContext;
  stand.addEventListener("click", () => {
    told.textContent = told.dataset.waiting;
    locate((coords) => {
      const here = drawnAt(coords.latitude, coords.longitude, drawnIn);
      add(...here);
      map.setView(here, Math.max(map.getZoom(), NEAR));
    });
  });

  read();
}
