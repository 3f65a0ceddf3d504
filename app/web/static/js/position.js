// Where the phone was when it photographed, as the photos of the open form tell. It changes nothing, so that any module may ask.

/** The most accurate position that came with a photo, { lat, lon, … }; undefined when none did. */
export function bestPosition() {
  const told = document.querySelector("[name=captured_positions]");
  try {
    const known = JSON.parse((told && told.value) || "[]").map((one) => one.position).filter(Boolean);
    const radius = ({ accuracy_m }) => accuracy_m ?? Number.MAX_VALUE; // not told: the last choice
    return known.sort((one, other) => radius(one) - radius(other))[0];
  } catch (error) {
    return undefined;
  }
}
