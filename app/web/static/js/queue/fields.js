// The words of a form as a draft keeps them, and back again. Nothing that is a secret of the page goes along.

const NOT_WORDS = new Set([
  "csrf_token", "client_id", "pass", "version", "captured_positions", "photo", "kept", "dropped", "alike_seen", "same", "document",
]);

export function readFields(form) {
  const told = {};
  for (const [name, value] of new FormData(form)) {
    if (!NOT_WORDS.has(name) && typeof value === "string") told[name] = value;
  }
  return told;
}

export function writeFields(form, fields) {
  for (const input of form.elements) {
    if (!input.name || NOT_WORDS.has(input.name)) continue;
    const value = fields[input.name];
    if (["radio", "checkbox"].includes(input.type)) input.checked = value === input.value;
    else if (value !== undefined) input.value = value;
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}
