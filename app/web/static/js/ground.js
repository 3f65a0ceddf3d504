// A map on our ground: plain, or with the tiles of the installation; areas and places on it, all as they are drawn.

export const CHINA = [[18, 74], [53, 134]];
const LABELS_MOST = 12;

/** A name as text: the library would read a string as HTML. */
export const plain = (text) => Object.assign(document.createElement("span"), { textContent: text });

/** The map in `frame`, still without a view: it draws nothing before it has one. */
export const groundIn = (frame) => {
  const { L } = globalThis;
  const map = L.map(frame, { attributionControl: false, zoomControl: false, maxZoom: 21, minZoom: 3 });
  const Plain = L.GridLayer.extend({ createTile: () => L.DomUtil.create("div", "grid-tile") });
  new Plain({ maxZoom: 21 }).addTo(map);
  // Above the plain ground, which stays where a tile does not come.
  for (const tiles of (frame.dataset.tiles ?? "").split(" ").filter(Boolean)) {
    L.tileLayer(tiles, { maxZoom: 21, maxNativeZoom: 18 }).addTo(map);
  }
  // Names lie below what can be tapped.
  map.createPane("names").classList.add("names");
  L.control.zoom({ zoomInTitle: frame.dataset.in, zoomOutTitle: frame.dataset.out }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  return map;
};

/** Draw outlines and places that only tell where things are; nothing of them can be tapped. */
export const drawAround = (map, { areas, places }) => {
  const { L } = globalThis;
  for (const area of areas) {
    const shape = L.polygon(area.corners, { className: "outline", weight: 2, dashArray: "4 6", fillOpacity: 0.06, interactive: false }).addTo(map);
    const bounds = shape.getBounds();
    // At its northern edge, where it hides no place in the middle.
    L.tooltip({ permanent: true, direction: "bottom", interactive: false, pane: "names" })
      .setLatLng([bounds.getNorth(), bounds.getCenter().lng]).setContent(plain(area.name)).addTo(map);
  }
  for (const place of places) {
    L.circleMarker(place.at, { className: "spot-dot", radius: 5, weight: 2, fillOpacity: 1, interactive: false })
      .bindTooltip(plain(place.name), { permanent: places.length <= LABELS_MOST, direction: "right", offset: [8, 0], pane: "names" }).addTo(map);
  }
};

/** Every position of these areas and places. */
export const pointsOf = ({ areas, places }) => [...areas.flatMap((area) => area.corners), ...places.map((place) => place.at)];
