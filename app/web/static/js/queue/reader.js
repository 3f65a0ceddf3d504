// Whose eyes read this phone's drafts when the server cannot be asked: who was signed in last, and did not sign out since.

const LAST = "hazards-account";

export function rememberAccount(account, name) {
  try {
    localStorage.setItem(LAST, JSON.stringify({ account, name }));
  } catch (error) {
    // Without it, and without a network, what an account wrote is shown to nobody.
  }
}

/** Who signs out is no reader of this phone's drafts any more. */
export function forgetAccount() {
  try {
    localStorage.removeItem(LAST);
  } catch (error) {
    // There is nothing to forget where nothing can be kept.
  }
}

/** `hear()` is called when another page of this phone learned of another reader, or of none. */
export function onReader(hear) {
  addEventListener("storage", ({ key }) => { if (key === LAST) hear(); });
}

/** Who was signed in when the server was last asked, and did not sign out since: who reads without a network. */
export function lastAccount() {
  try {
    return JSON.parse(localStorage.getItem(LAST) || "null");
  } catch (error) {
    return null;
  }
}
