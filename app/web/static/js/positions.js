// Where the phone was when the photos of a form were taken.

/** The most accurate position that a phone gave with a photo, { lat, lon, accuracy_m, … }; undefined when none is known. */
export function bestPosition(form) {
  try {
    const told = JSON.parse(form.querySelector("[name=captured_positions]").value || "[]");
    const known = told.map((one) => one.position).filter(Boolean);
    const radius = ({ accuracy_m }) => accuracy_m ?? Number.MAX_VALUE; // not told: the last choice
    return known.sort((one, other) => radius(one) - radius(other))[0];
  } catch (error) {
    return undefined;
  }
}
