// Lets the pages for reporting open without network. `TOLD` is put before this file by the server.
// It keeps files that are the same for everybody, and the pages that say whose they are, with the pictures that they name;
// never an answer of the API or anything else. It does not know of the drafts in IndexedDB and touches none.
const FILES = `files-${TOLD.version}`;
const PAGES = "pages";
const MOST_MOVES = 12; // what was kept first goes first; each may weigh half a megabyte
const KEPT_AT = "X-Shell-Kept"; // by this phone's clock: how long ago tells a page how old it is (js/finished.js)
const PATIENCE = 3000; // ms; in a basement the network is often there and says nothing
let left = 0; // how often somebody signed out or in: what was asked for before that is kept for nobody

self.addEventListener("install", (event) => {
  event.waitUntil(precache());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(settle());
});

self.addEventListener("message", (event) => {
  const told = event.data || {};
  if (Array.isArray(told.keep)) event.waitUntil(settleMoves(told).then(() => keep(told.keep)));
  if (told.ready) event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (request.method === "GET") event.respondWith(page(event, url));
    // Whoever signs out or in leaves nothing of the person before.
    else if (TOLD.leaving.includes(url.pathname)) event.waitUntil(leave());
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(file(event, url));
  } else if (request.method === "GET" && request.destination === "image") {
    event.respondWith(picture(event, url));
  }
});

function leave() {
  left += 1;
  return caches.delete(PAGES);
}

async function precache() {
  const files = await caches.open(FILES);
  await files.addAll(TOLD.files);
  for (const path of TOLD.nobodys) {
    const answer = await fetch(path, { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await files.put(path, answer);
  }
}

async function settle() {
  for (const name of await caches.keys()) if (name.startsWith("files-") && name !== FILES) await caches.delete(name);
  await self.clients.claim();
}

// A page that has just been loaded holds nothing typed yet; with a second page open, somebody may be writing there.
// The page that was left a moment ago is counted until the browser has put it away.
async function takeOver() {
  for (let look = 0; look < 10; look += 1) {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (open.length <= 1) return self.skipWaiting();
    await new Promise((go) => setTimeout(go, 300));
  }
}

// Fetch the pages that this person will need, unless they are here as they would come.
async function keep(wanted) {
  const since = left;
  const pages = await caches.open(PAGES);
  for (const { path, owner } of wanted) {
    const here = await pages.match(path);
    if (here && here.headers.get(TOLD.ownerHeader) === owner) continue;
    try {
      await remember(path, await fetch(path, { cache: "no-store", redirect: "error", headers: { Accept: "text/html" } }), since);
    } catch {
      return; // no network, or signed out meanwhile: next time
    }
  }
}

// Of a hazard that was just seen, the moves that are no longer open.
async function settleMoves({ keep: wanted, instead = [] }) {
  const named = new Set(wanted.map(({ path }) => path));
  for (const path of await kept()) if (instead.some((start) => path.startsWith(start)) && !named.has(path)) await forget(path);
}

async function kept() {
  return (await (await caches.open(PAGES)).keys()).map((request) => new URL(request.url).pathname);
}

async function forget(path) {
  await (await caches.open(PAGES)).delete(path);
  await forgetPictures();
}

// Those that no kept page names any more. A page is there before its pictures: of one look, none is taken from a page.
async function forgetPictures() {
  const pages = await caches.open(PAGES);
  const [pictures, named] = [[], new Set()];
  for (const path of await kept()) {
    const here = await pages.match(path);
    if (here && !isPage(here)) pictures.push(path);
    for (const picture of picturesOf(here)) named.add(picture);
  }
  for (const picture of pictures) if (!named.has(picture)) await pages.delete(picture);
}

function isPage(answer) {
  return (answer.headers.get("Content-Type") || "").startsWith("text/html");
}

function picturesOf(answer) {
  return ((answer && answer.headers.get(TOLD.picturesHeader)) || "").split(" ").filter(Boolean);
}

/** `since` is what `left` was when it was asked for. */
async function remember(path, answer, since) {
  const owner = answer.headers.get(TOLD.ownerHeader);
  if (!answer.ok || answer.redirected || answer.type !== "basic" || !owner) return;
  if (TOLD.nobodys.includes(path)) return (await caches.open(FILES)).put(path, answer);
  if (since !== left) return;
  // Opened once: whoever leaves from here on takes this very store along, whatever is still put there.
  const pages = await caches.open(PAGES);
  for (const request of await pages.keys()) {
    const other = await pages.match(request);
    if (other && person(other.headers.get(TOLD.ownerHeader)) !== person(owner)) await pages.delete(request);
  }
  const pictures = picturesOf(answer);
  await pages.put(path, await noting(answer, { [KEPT_AT]: Date.now() }));
  for (const picture of pictures) await rememberPicture(pages, picture, owner);
  const moves = (await kept()).filter((one) => one.startsWith("/tickets/"));
  for (const oldest of moves.slice(0, -MOST_MOVES)) await pages.delete(oldest);
  await forgetPictures();
}

// A picture says nothing of whose it is: it goes with the page that named it.
async function rememberPicture(pages, path, owner) {
  const answer = await fetch(path, { redirect: "error" }).catch(() => null);
  if (!answer || !answer.ok || !(answer.headers.get("Content-Type") || "").startsWith("image/")) return;
  await pages.put(path, await noting(answer, { [TOLD.ownerHeader]: owner }));
}

async function noting(answer, told) {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(told)) headers.set(name, value);
  // Whole: a stream that stops must not hold what is kept.
  return new Response(await answer.blob(), { status: answer.status, headers });
}

async function picture(event, url) {
  try {
    return await fetch(event.request);
  } catch (error) {
    const here = await (await caches.open(PAGES)).match(url.pathname);
    if (here) return here;
    throw error;
  }
}

function person(owner) {
  return (owner || "").split(".")[0];
}

async function page(event, url) {
  const since = left;
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => learn(url, answer, since)).catch(() => {}));
  const store = await caches.open(TOLD.nobodys.includes(url.pathname) ? FILES : PAGES);
  const stored = await store.match(url.pathname);
  const here = stored && isPage(stored) ? stored : undefined; // a picture by itself is the server's to show or not
  try {
    const answer = await (here ? within(PATIENCE, asked) : asked);
    // A server that stumbles, or somebody who answers in its place, is no reason to lose the page.
    if (!here || (answer.status < 500 && !isForeign(answer))) return answer;
  } catch {
    if (!here) return (await reportFor(url)) || offline();
  }
  return here;
}

// A place that was never scanned before, in a basement: the report page fills its code in (install.js).
async function reportFor(url) {
  return /^\/p\/[^/]+$/.test(url.pathname) ? (await caches.open(PAGES)).match("/report") : undefined;
}

// The page was kept because it says whose it is; the same address without that word is not from our server.
function isForeign(answer) {
  return answer.ok && answer.type !== "opaqueredirect" && !answer.headers.get(TOLD.ownerHeader);
}

async function learn(url, answer, since) {
  // The copy is made before anything is waited for, and only where it is kept: a copy of a download would fill memory.
  if (answer.headers.get(TOLD.ownerHeader)) return remember(url.pathname, answer.clone(), since);
  if (answer.type !== "opaqueredirect") {
    // A move that is closed by now, or a hazard that is not this person's any more.
    if ([403, 404, 409].includes(answer.status)) await forget(url.pathname);
    return;
  }
  // Sent elsewhere, that is to the login: nobody is signed in here any more.
  const pages = await caches.open(PAGES);
  if (await pages.match(url.pathname)) await caches.delete(PAGES);
}

function within(milliseconds, promise) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("late")), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

async function offline() {
  return (await caches.match(TOLD.offline)) || Response.error();
}

// What its address names never changes, so what is here is right. Without network a page of another version gets
// this version's file, as it would from the server.
async function file(event, url) {
  const files = await caches.open(FILES);
  const here = await files.match(event.request, { ignoreVary: true });
  if (here) return here;
  try {
    return await fetch(event.request);
  } catch (error) {
    const nearly = TOLD.files.find((address) => unversioned(address) === unversioned(url.pathname + url.search));
    const other = nearly && (await files.match(nearly, { ignoreVary: true }));
    if (other) return other;
    throw error;
  }
}

function unversioned(address) {
  return address.replace(/^\/static\/v\/[^/]+\//, "/static/").replace(/\?.*$/, "");
}
