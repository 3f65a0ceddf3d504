// Asks the server and gives what came back as plain values for verdict.js; it raises nothing.

const REPLY_MS = 60000;

/** What a text says as JSON; undefined when it is none. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return undefined;
  }
}

export async function ask(address, options = {}, patience = REPLY_MS) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(address, {
      credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options,
    });
    return {
      status: response.status,
      type: response.headers.get("Content-Type") || "",
      retryAfter: response.headers.get("Retry-After"),
      offset: response.headers.get("Upload-Offset"),
      length: response.headers.get("Upload-Length"),
      redirected: response.redirected,
      opaque: response.type.startsWith("opaque"),
      body: parsed(await response.text()),
    };
  } catch (error) {
    return stop.signal.aborted ? { timedOut: true } : { networkError: true };
  } finally {
    clearTimeout(timer);
  }
}

export const json = (method, body, headers = {}) => (
  { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } }
);
