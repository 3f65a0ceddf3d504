// Carries one photo to the server with tus, going on where an earlier try ended. Gives an answer for verdict.js when it
// does not arrive, and nothing when it did.

import { namelessStack } from "./fetch-stack.js";

const ENDPOINT = "/api/v1/uploads";
const PIECE = 512 * 1024; // what a proxy that gathers whole requests, or a browser that repeats one by itself, can waste at most
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

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return undefined;
  }
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

/**
 * `address` is where an earlier try put it; `onAddress(path)` tells a new one, `onProgress(bytes)` how far it is.
 * Gives undefined when the server has the whole photo.
 */
export function upload(tus, { bytes, sha256, address, headers, nameless, onAddress, onProgress }) {
  return new Promise((resolve) => {
    let stalled = null;
    const end = (answer) => { clearTimeout(stalled); resolve(answer); };
    const alive = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => { carried.abort(); end({ timedOut: true }); }, STALLED_MS);
    };
    const carried = new tus.Upload(new Blob([bytes]), {
      endpoint: new URL(ENDPOINT, location.href).href,
      uploadUrl: address ? new URL(address, location.href).href : null,
      metadata: { sha256 },
      headers,
      chunkSize: PIECE,
      retryDelays: null, // the queue's own pauses hold for everything
      storeFingerprintForResuming: false,
      ...(nameless ? { httpStack: namelessStack } : {}),
      onUploadUrlAvailable: () => onAddress(new URL(carried.url, location.href).pathname),
      onProgress: (sent) => { alive(); onProgress(sent); },
      onChunkComplete: alive,
      onSuccess: () => end(undefined),
      onError: (error) => end(answerOf(error)),
    });
    alive();
    carried.start();
  });
}
