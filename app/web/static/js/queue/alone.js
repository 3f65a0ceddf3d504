// One sender among all tabs: a lease in the database that must be renewed, with a token so that whoever was overtaken writes
// nothing any more. Where the browser has locks, its lock comes first: it goes with its tab, so that nobody waits for a
// lease of the dead. But a tab that the phone put to sleep keeps its lock for ever: it is waited for only so long.

import { given, read, write } from "./store.js";
import { newId } from "./secrets.js";

const NAME = "sender";
const LEASE_MS = 20000;
const AGAIN_MS = 2000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** `locked`: we have the browser's lock, so whoever took the lease under that lock is gone. */
function takeLease(token, locked) {
  return write(["leases"], async (leases) => {
    const held = await given(leases.get(NAME));
    const now = Date.now();
    // A clock that was turned back would make a lease look endless.
    const isOver = !held || held.until <= now || held.until > now + LEASE_MS;
    const free = isOver || held.token === token || (locked && held.locked);
    if (free) leases.put({ name: NAME, token, locked, until: now + LEASE_MS });
    return free;
  });
}

/** Go on holding what is still ours; never take back what another has by now. */
function renewLease(token) {
  return write(["leases"], async (leases) => {
    const held = await given(leases.get(NAME));
    if (held && held.token === token) leases.put({ ...held, until: Date.now() + LEASE_MS });
  });
}

function endLease(token) {
  return write(["leases"], async (leases) => {
    const held = await given(leases.get(NAME));
    if (held && held.token === token) leases.delete(NAME);
  });
}

/** Whether the lease is still the one that was taken. */
export async function holds(lease) {
  const held = await read(["leases"], (leases) => given(leases.get(NAME)));
  return Boolean(held) && held.token === lease.token;
}

async function underLease(work, locked) {
  const token = newId();
  while (!(await takeLease(token, locked))) await pause(AGAIN_MS);
  const renewing = setInterval(() => { renewLease(token).catch(() => {}); }, LEASE_MS / 4);
  try {
    return await work({ name: NAME, token });
  } finally {
    clearInterval(renewing);
    await endLease(token);
  }
}

/** Do `work(lease)` while no other tab does. */
export async function alone(work) {
  if (!navigator.locks) return underLease(work, false);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), LEASE_MS);
  let isOurs = false;
  const locked = () => {
    clearTimeout(timer);
    isOurs = true;
    return underLease(work, true);
  };
  try {
    return await navigator.locks.request(`hazards-${NAME}`, { signal: patience.signal }, locked);
  } catch (error) {
    if (isOurs || error.name !== "AbortError") throw error;
    // Its holder is still there, at work or asleep: the lease tells which.
    return underLease(work, false);
  } finally {
    clearTimeout(timer);
  }
}
