// How long to wait before the next try: longer each time, never the same for all phones, never more than some minutes.

const STEPS = [2, 5, 15, 30, 60, 120, 240]; // seconds

/** Milliseconds; `after` are seconds that the server asked for, `chance` is in [0, 1). */
export function pauseBefore(tries, { after = 0, chance = Math.random() } = {}) {
  const step = STEPS[Math.min(Math.max(tries, 1), STEPS.length) - 1];
  const spread = step * (0.75 + chance / 2);
  return Math.ceil(Math.max(spread, after * (1 + chance / 4)) * 1000);
}
