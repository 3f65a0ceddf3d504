// What has just been done, told by the page that opens next: where the queue acts, no answer of the server brings it.

const KEY = "notice";

/** Keep a sentence for the next page of this tab. */
export function keepNotice(words) {
  try {
    if (words) sessionStorage.setItem(KEY, words);
  } catch (error) {
    // A browser that keeps nothing: the hazard's own state says it too.
  }
}

function kept() {
  try {
    const words = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return words;
  } catch (error) {
    return null;
  }
}

export function showNotice() {
  const words = kept();
  const main = document.querySelector("main");
  if (!words || !main) return;
  const told = document.createElement("p");
  told.className = "told done";
  told.setAttribute("role", "status");
  main.prepend(told);
  told.textContent = words; // after it stands there, so that it is read aloud
}
