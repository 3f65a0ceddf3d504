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

export async function saveToFiles(draft) {
  const stem = `hazard-${draft.client_id.slice(0, 8)}`;
  const photos = draft.photos.map((photo, index) => ({
    file: nameOf(stem, index + 1, photo.type), sha256: photo.sha256, captured_at: photo.captured_at, position: photo.position,
  }));
  const { client_id, kind, target, place, fields, made_at } = draft;
  const told = { client_id, kind, target, place, fields, made_at: new Date(made_at).toISOString(), photos };
  download(new Blob([JSON.stringify(told, null, 2)], { type: "application/json" }), `${stem}.json`);
  for (const [index, photo] of draft.photos.entries()) {
    const bytes = await bytesOf(photo);
    if (bytes) download(new Blob([bytes], { type: photo.type || "image/jpeg" }), photos[index].file);
  }
}
