// What one tab tells the others, and itself, about drafts: { kind: "changed" | "sent" | "progress" | "wake", … }.

const NAME = "hazards-drafts";
const heard = new Set();
let channel = null;

function pass(message) {
  for (const hear of heard) hear(message);
}

try {
  channel = new BroadcastChannel(NAME);
  channel.onmessage = (event) => pass(event.data);
} catch (error) {
  // Older browsers: a written key of localStorage is told to the other tabs.
  addEventListener("storage", (event) => {
    if (event.key === NAME && event.newValue) pass(JSON.parse(event.newValue).message);
  });
}

export function tell(message) {
  pass(message);
  try {
    if (channel) channel.postMessage(message);
    else localStorage.setItem(NAME, JSON.stringify({ message, at: Math.random() }));
  } catch (error) {
    // Nobody else hears it now; every page looks again when it is opened or seen.
  }
}

/** `hear(message)` is called for each; the returned function ends that. */
export function listen(hear) {
  heard.add(hear);
  return () => heard.delete(hear);
}
