// Carries one photo to the server with tus, going on where an earlier try ended. Gives an answer for verdict.js when it
// does not arrive, and nothing when it did.

import { ask, parsed } from "./asking.js";
import { namelessStack } from "./fetch-stack.js";
import { SMALLEST, nextPiece } from "./pieces.js";

const ENDPOINT = "/api/v1/uploads";
const VERSION = "1.0.0";
const STALLED_MS = 60000;

/** The upload library, or null where it was never installed: then everything goes in one form. */
export async function tusLibrary() {
  try {
    await import("../../vendor/tus-js-client/tus.min.js");
  } catch (error) {
    return null;
  }
  return globalThis.tus && globalThis.tus.isSupported ? globalThis.tus : null;
}

function answerOf(error) {
  const response = error && error.originalResponse;
  if (!response || !response.getStatus()) return { networkError: true };
  return {
    status: response.getStatus(),
    type: response.getHeader("Content-Type") || "",
    retryAfter: response.getHeader("Retry-After"),
    body: parsed(response.getBody()),
  };
}

const GONE = [404, 410];

/**
 * How an earlier upload stands: "whole", "begun", "none", or an answer that says it cannot be told now. The library would
 * begin anew after any refusal; a server that is busy for a moment would then get everything once more.
 */
async function standing(address, { headers, nameless }) {
  const answer = await ask(address, {
    method: "HEAD", headers: { "Tus-Resumable": VERSION, ...headers }, credentials: nameless ? "omit" : "same-origin",
  });
  const { status, offset, length } = answer;
  if (status === 200 && offset !== null) return offset === length ? "whole" : "begun";
  // A refusal of a HEAD has no words; the next request is told why in our own.
  const isRefused = status >= 400 && status < 500 && ![408, 409, 423, 429].includes(status);
  return GONE.includes(status) || isRefused ? "none" : answer;
}

/** Carry a photo on from where it stands; the answer when it does not arrive says whether it was even `begun`. */
export async function upload(tus, told) {
  const stands = told.address ? await standing(told.address, told) : "none";
  if (typeof stands === "object") return { ...stands, begun: true };
  if (stands === "whole") return undefined;
  return carry(tus, { ...told, address: stands === "begun" ? told.address : null });
}

/**
 * `address` is where an earlier try put it; `onAddress(path)` tells a new one, `onProgress(bytes)` how far it is.
 * Gives undefined when the server has the whole photo.
 */
function carry(tus, { bytes, sha256, address, headers, nameless, onAddress, onProgress }) {
  return new Promise((resolve) => {
    let stalled = null;
    let begun = Boolean(address);
    let piece = SMALLEST; // every photo begins so: whatever dies early, some of it is durable
    let since = 0;
    const end = (answer) => { clearTimeout(stalled); resolve(answer && { ...answer, begun }); };
    const paced = (sent) => {
      const now = performance.now();
      if (sent === piece) piece = nextPiece(piece, now - since); // a shorter one is the photo's last
      carried.options.chunkSize = piece;
      since = now;
    };
    const alive = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => { carried.abort(); end({ timedOut: true }); }, STALLED_MS);
    };
    const carried = new tus.Upload(new Blob([bytes]), {
      endpoint: new URL(ENDPOINT, location.href).href,
      uploadUrl: address ? new URL(address, location.href).href : null,
      metadata: { sha256 },
      headers,
      chunkSize: piece,
      retryDelays: null, // the queue's own pauses hold for everything
      storeFingerprintForResuming: false,
      ...(nameless ? { httpStack: namelessStack } : {}),
      onUploadUrlAvailable: () => {
        begun = true;
        since = performance.now();
        onAddress(new URL(carried.url, location.href).pathname);
      },
      onProgress: (sent) => { alive(); onProgress(sent); },
      onChunkComplete: (sent) => { alive(); paced(sent); },
      onSuccess: () => end(undefined),
      onError: (error) => end(answerOf(error)),
    });
    alive();
    carried.start();
  });
}
