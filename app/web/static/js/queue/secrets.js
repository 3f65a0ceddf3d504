// Names and secrets that the phone makes: a draft's id, and the code with which an anonymous report is found again.

const LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // nothing that a hand writing it down could mistake
const CODE_LETTERS = 12;
const COST = { N: 2 ** 14, r: 8, p: 1, dkLen: 32 };

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** A random UUID; `crypto.randomUUID` is kept from pages without HTTPS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function randomLetter() {
  const fair = 256 - (256 % LETTERS.length);
  for (;;) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < fair) return LETTERS[byte % LETTERS.length];
  }
}

const scrypt = () => import("../../vendor/@noble/scrypt.js");
const sha2 = () => import("../../vendor/@noble/sha2.js");

async function isThere(load) {
  try {
    await load();
    return true;
  } catch (error) {
    return false;
  }
}

/** Whether this page can make the code of a report without a name. */
export const canMakeClaims = () => isThere(scrypt);

/** Whether this page can hash at all. */
export const canHash = async () => Boolean(globalThis.crypto.subtle) || isThere(sha2);

/** A code for paper and memory, and the hash of it that the server may keep: as the server makes them itself. */
export async function newClaim() {
  const { scryptAsync } = await scrypt();
  const letters = Array.from({ length: CODE_LETTERS }, randomLetter).join("");
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const digest = await scryptAsync(new TextEncoder().encode(letters), salt, COST);
  return { code: letters.match(/.{4}/g).join("-"), claim_hash: `scrypt:${hex(salt)}:${hex(digest)}` };
}

/** SHA-256 of the bytes, in hex; pages without HTTPS have no `crypto.subtle`. */
export async function sha256(bytes) {
  if (globalThis.crypto.subtle) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const noble = await sha2();
  const hash = noble.sha256.create();
  const whole = new Uint8Array(bytes);
  for (let at = 0; at < whole.length; at += 2 ** 20) {
    hash.update(whole.subarray(at, at + 2 ** 20));
    await new Promise((resolve) => { setTimeout(resolve, 0); }); // the page stays alive meanwhile
  }
  return hex(hash.digest());
}
