// How much of a photo goes in one request. One piece is what a broken line can waste: Chromium repeats a request by
// itself on a fresh line, and a proxy may gather a whole request before it passes it on. So pieces are small, and grow
// only while they take no time: a large photo then costs five round trips in place of sixteen.

export const SMALLEST = 512 * 1024;
const LARGEST = 4 * SMALLEST;
const BRISK_MS = 1000;
const SLOW_MS = 4000;

/** Bytes of the piece after one of `size` bytes that took `ms`. */
export function nextPiece(size, ms) {
  if (ms > SLOW_MS) return SMALLEST;
  return ms > BRISK_MS ? size : Math.min(2 * size, LARGEST);
}
