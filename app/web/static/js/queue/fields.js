// The words of a form as a draft keeps them, and back again. Nothing that is a secret of the page goes along.

const NOT_WORDS = new Set([
  "csrf_token", "client_id", "pass", "version", "captured_positions", "photo", "kept", "dropped", "alike_seen", "same", "document",
]);
const HIDDEN = ["pin_lat", "pin_lon", "alike_seen"]; // a reset leaves hidden inputs alone
const GIVEN = new Set(["place_code", "anonymous"]); // where and how, but nothing said yet

export function readFields(form) {
  const told = {};
  for (const [name, value] of new FormData(form)) {
    if (!NOT_WORDS.has(name) && typeof value === "string") told[name] = value;
  }
  return told;
}

/** Whether anything was said that would be missed. */
export const areWords = (fields) => Object.entries(fields).some(([name, value]) => !GIVEN.has(name) && value.trim());

const tellChange = (form) => form.dispatchEvent(new Event("change", { bubbles: true }));

/** A place that was scanned stands in no list of the page that is opened now. */
function choose(select, value, label) {
  if (value && ![...select.options].some((option) => option.value === value)) select.add(new Option(label || value, value));
  select.value = value;
}

export function writeFields(form, fields, place) {
  for (const input of form.elements) {
    if (!input.name || NOT_WORDS.has(input.name)) continue;
    const value = fields[input.name];
    if (["radio", "checkbox"].includes(input.type)) input.checked = value === input.value;
    else if (HIDDEN.includes(input.name)) input.value = value || "";
    else if (value !== undefined && input.name === "place_code" && input.options) choose(input, value, place && place.label);
    else if (value !== undefined) input.value = value;
  }
  tellChange(form);
}

/** What a reset does not reach. */
export function clearHidden(form) {
  for (const name of HIDDEN) {
    const input = form.elements.namedItem(name);
    if (input) input.value = "";
  }
  tellChange(form);
}
