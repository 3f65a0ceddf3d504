// Who is signed in on this phone, asked before anything is sent; the fresh CSRF token stays in memory only.

import { ask } from "./asking.js";
import { forgetAccount, rememberAccount } from "./reader.js";

const PATIENCE_MS = 20000;

/** { known: true, signed_in, account, name, csrf_token }, or { known: false, answer } when somebody else answered. */
export async function askSession() {
  const answer = await ask("/session", { headers: { Accept: "application/json" } }, PATIENCE_MS);
  const told = answer.body;
  const known = answer.status === 200 && answer.type.startsWith("application/json") && told
    && typeof told.signed_in === "boolean" && typeof told.csrf_token === "string";
  if (!known) return { known: false, answer };
  if (told.signed_in) rememberAccount(told.account, told.name);
  else forgetAccount();
  return { known: true, ...told };
}
