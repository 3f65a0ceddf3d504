// Saves a draft as ordinary files: its photos as they were taken, and its words as JSON. The draft itself stays.

import { bytesOf } from "./drafts.js";

const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif", "image/avif": "avif" };

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export const nameOf = (stem, n, type) => `${stem}-${n}.${ENDINGS[type] || "jpg"}`;

/** By the phone's own sheet: many browsers on phones let no more than one download through. False where there is none. */
async function share(files) {
  if (!globalThis.matchMedia("(pointer: coarse)").matches || !navigator.canShare || !navigator.canShare({ files })) return false;
  try {
    await navigator.share({ files });
    return true;
  } catch (error) {
    return error.name === "AbortError"; // its person thought better of it
  }
}

function wordsOf(draft, names) {
  const { client_id, kind, target, place, fields, made_at } = draft;
  const photos = draft.photos.map(({ sha256, captured_at, position }, n) => ({ file: names[n], sha256, captured_at, position }));
  return JSON.stringify({ client_id, kind, target, place, fields, made_at: new Date(made_at).toISOString(), photos }, null, 2);
}

export async function saveToFiles(draft) {
  const stem = `hazard-${draft.client_id.slice(0, 8)}`;
  const names = draft.photos.map((photo, index) => nameOf(stem, index + 1, photo.type));
  const words = wordsOf(draft, names);
  const photos = [];
  for (const [index, photo] of draft.photos.entries()) {
    const bytes = await bytesOf(photo);
    if (bytes) photos.push(new File([bytes], names[index], { type: photo.type || "image/jpeg" }));
  }
  // JSON is not among what a sheet takes; as text it is.
  if (await share([...photos, new File([words], `${stem}.txt`, { type: "text/plain" })])) return;
  download(new Blob([words], { type: "application/json" }), `${stem}.json`);
  for (const photo of photos) download(photo, photo.name);
}
