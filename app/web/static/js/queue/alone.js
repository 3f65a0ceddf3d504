// One sender among all tabs: a lock of the browser, which goes with its tab; without such locks a lease in the
// database that must be renewed, with a token so that whoever was overtaken writes nothing any more.

import { given, write } from "./store.js";
import { newId } from "./secrets.js";

const NAME = "sender";
const LEASE_MS = 20000;
const AGAIN_MS = 5000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function takeLease(token) {
  return write(["leases"], async (leases) => {
    const held = await given(leases.get(NAME));
    const now = Date.now();
    // A clock that was turned back would make a lease look endless.
    const free = !held || held.token === token || held.until <= now || held.until > now + LEASE_MS;
    if (free) leases.put({ name: NAME, token, until: now + LEASE_MS });
    return free;
  });
}

function endLease(token) {
  return write(["leases"], async (leases) => {
    const held = await given(leases.get(NAME));
    if (held && held.token === token) leases.delete(NAME);
  });
}

async function underLease(work) {
  const token = newId();
  while (!(await takeLease(token))) await pause(AGAIN_MS);
  const renewing = setInterval(() => { takeLease(token).catch(() => {}); }, LEASE_MS / 4);
  try {
    return await work({ name: NAME, token });
  } finally {
    clearInterval(renewing);
    await endLease(token);
  }
}

/** Do `work(lease)` while no other tab does; the lease is undefined where the browser itself keeps order. */
export function alone(work) {
  if (navigator.locks) return navigator.locks.request(`hazards-${NAME}`, () => work(undefined));
  return underLease(work);
}
