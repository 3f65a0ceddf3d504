// What a draft says to the server: the JSON of a report or a move, and where it goes. Pure.

const API = "/api/v1";

function photosOf(draft) {
  return draft.photos.map(({ sha256, captured_at, position }) => ({ sha256, captured_at, position }));
}

/** Whether it goes without its person's name: a guest's, or an anonymous one. */
export const isNameless = (draft) => Boolean(draft.scope.guest || draft.fields.anonymous);

const said = (text) => (text && text.trim() ? text : undefined);

function reportOf(draft) {
  const { place_code, location_text, category, description, anonymous, pin_lat, pin_lon } = draft.fields;
  return {
    client_id: draft.client_id,
    photos: photosOf(draft),
    place_code: said(place_code),
    location_text: said(location_text),
    category: said(category),
    description: said(description),
    pin: pin_lat && pin_lon ? { lat: Number(pin_lat), lon: Number(pin_lon) } : undefined,
    anonymous: anonymous ? true : undefined,
    claim_hash: isNameless(draft) && draft.claim ? draft.claim.claim_hash : undefined,
  };
}

/** Minutes by which the wall clock of `zone` is ahead of UTC at an instant. */
function aheadOf(zone, at) {
  const told = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  const part = Object.fromEntries(told.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
  return Math.round((wall - Math.floor(at / 60000) * 60000) / 60000);
}

/** A typed time of the unit's own clock as an instant with its zone; what is no time stays, to be refused with a reason. */
export function instantIn(zone, typed) {
  const wall = Date.parse(`${typed}Z`);
  if (!zone || !Number.isFinite(wall)) return typed;
  const guess = wall - aheadOf(zone, wall) * 60000;
  return new Date(wall - aheadOf(zone, guess) * 60000).toISOString();
}

function moveOf(draft) {
  const { version, zone } = draft.target;
  const fields = Object.fromEntries(Object.entries(draft.fields).filter(([, text]) => said(text)));
  if (fields.finished_at) fields.finished_at = instantIn(zone, fields.finished_at);
  return { ...fields, version, photos: photosOf(draft) };
}

/** { address, body, part }: where the draft goes, its JSON, and the part's name when everything goes in one form. */
export function requestOf(draft) {
  if (draft.kind === "report") return { address: `${API}/hazards`, body: reportOf(draft), part: "hazard" };
  const { number, action } = draft.target;
  return { address: `${API}/hazards/${number}/actions/${action}`, body: moveOf(draft), part: "action" };
}

/** What an answer must name before the phone may let go. */
export function wantedOf(draft) {
  const hashes = draft.photos.map((photo) => photo.sha256);
  if (draft.kind === "report") return { client_id: draft.client_id, hashes, nameless: isNameless(draft) };
  const words = Object.fromEntries(["text", "done"].filter((name) => said(draft.fields[name])).map((name) => [name, draft.fields[name]]));
  return { ...draft.target, hashes, words };
}

export const mannerOf = (draft) => (isNameless(draft) ? "nameless" : "named");

/** It was sent once with a name and is now without one, or the other way round: the server may have the first. */
export const isTurned = (draft) => Boolean(draft.posted) && draft.posted !== mannerOf(draft);

const NEED_PHOTO = ["rectify", "fix_on_the_spot"];

/** What a draft plainly still lacks: "photo", "where", "what"; the server asks the same, and more. */
export function lacking(draft) {
  const { place_code, location_text, category, description, pin_lat } = draft.fields;
  if (draft.kind === "move") return NEED_PHOTO.includes(draft.target.action) && !draft.photos.length ? ["photo"] : [];
  const located = said(place_code) || said(location_text) || pin_lat || draft.photos.some((photo) => photo.position);
  return [
    ...(draft.photos.length ? [] : ["photo"]),
    ...(located ? [] : ["where"]),
    ...(said(category) || said(description) ? [] : ["what"]),
  ];
}
