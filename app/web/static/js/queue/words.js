// The words of a page for the states of a draft; they stand in the template, in the reader's language.

const HOLDER = "[data-queue-words]";

export function word(key, values = {}) {
  const holder = document.querySelector(HOLDER);
  const text = (holder && holder.getAttribute(`data-word-${key}`)) || "";
  return Object.entries(values).reduce((said, [name, value]) => said.split(`{${name}}`).join(value), text);
}

/** How long ago, in words. */
export function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - at) / 60000));
  if (minutes < 1) return word("now");
  if (minutes < 60) return word("minutes", { n: minutes });
  if (minutes < 24 * 60) return word("hours", { n: Math.floor(minutes / 60) });
  return word("days", { n: Math.floor(minutes / (24 * 60)) });
}

/** What state a draft is in; `progress` is what the sender told last about it. */
export function stateOf(draft, progress) {
  if (progress) return progress.n ? word("progress", progress) : word("trying");
  if (draft.stage === "editing") return word("editing");
  if (draft.stage === "attention") return word("attention");
  const told = draft.verdict;
  if (told && told.kind === "login") return word("login");
  return told && !["network", "slow", "portal"].includes(told.why) ? word("waiting") : word("queued");
}

/** Why it waits and what to do. */
export function whyOf(draft) {
  const told = draft.verdict;
  return told ? word(`why-${told.why}`, { name: draft.scope.name || "" }) : "";
}
