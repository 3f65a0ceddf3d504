// The phone's own database: its stores, how an older one is brought up to date, and transactions that are on disk when
// they are done. It knows no draft; what is in the stores is the business of drafts.js.

const NAME = "hazards";

/** One step for each version; a step adds and never throws a row away. Their number is the version. */
const STEPS = [
  (database) => {
    database.createObjectStore("drafts", { keyPath: "client_id" });
    database.createObjectStore("photos", { keyPath: "id" });
    database.createObjectStore("leases", { keyPath: "name" });
  },
  // What was sent and not yet looked at: the number, and the code of an anonymous report.
  (database) => database.createObjectStore("receipts", { keyPath: "client_id" }),
];

const OPEN_MS = 10000;
let opened = null;

export function isAvailable() {
  try {
    return Boolean(globalThis.indexedDB && globalThis.crypto && crypto.getRandomValues);
  } catch (error) {
    return false; // asking alone is refused in some private windows
  }
}

/** One opening; `version` is left out when the store is newer than this page: every step only adds, so it fits. */
function ask(version) {
  return new Promise((resolve, reject) => {
    // Another tab may hold an older store and never let go, or the browser never answer.
    const late = setTimeout(() => reject(new DOMException("the store does not open", "TimeoutError")), OPEN_MS);
    const asked = version ? indexedDB.open(NAME, version) : indexedDB.open(NAME);
    asked.onupgradeneeded = (event) => {
      for (const step of STEPS.slice(event.oldVersion)) step(asked.result);
    };
    asked.onsuccess = () => {
      clearTimeout(late);
      const database = asked.result;
      // A newer page in another tab wants to bring it up to date: this one lets go, and opens it anew when asked.
      database.onversionchange = () => { database.close(); opened = null; };
      database.onclose = () => { opened = null; };
      resolve(database); // too late, it is closed again by the next that wants to change it
    };
    asked.onerror = () => { clearTimeout(late); reject(asked.error); };
  });
}

async function whichever() {
  try {
    return await ask(STEPS.length);
  } catch (error) {
    if (error.name !== "VersionError") throw error;
    return ask();
  }
}

function open() {
  if (!opened) {
    const asked = whichever();
    opened = asked;
    asked.catch(() => { if (opened === asked) opened = null; });
  }
  return opened;
}

/** A transaction; a connection that died without a word (WebKit, after the phone slept) is made anew once. */
async function begin(stores, mode, options) {
  try {
    return (await open()).transaction(stores, mode, options);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opened = null;
    return (await open()).transaction(stores, mode, options);
  }
}

/** What one request of a transaction gives. */
export function given(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(stores, mode, options, work) {
  const transaction = await begin(stores, mode, options);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error || new DOMException("given up", "AbortError"));
  });
  done.catch(() => {}); // told below; a rejection must not count as unhandled meanwhile
  try {
    const result = await work(...stores.map((name) => transaction.objectStore(name)));
    await done;
    return result;
  } catch (error) {
    try {
      transaction.abort();
    } catch (ended) {
      // It is over already.
    }
    await done.catch((reason) => { throw error.name === "AbortError" ? reason : error; });
    throw error;
  }
}

/** `work` gets the stores; what it returns comes back. */
export const read = (stores, work) => run(stores, "readonly", undefined, work);

/** As `read`, and on disk when it is done; all or nothing. Raises QuotaExceededError when there is no room. */
export const write = (stores, work) => run(stores, "readwrite", { durability: "strict" }, work);
