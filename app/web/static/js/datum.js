// WGS-84 degrees as a map in GCJ-02 draws them, and back; the same series as app/evidence/datums.py, compared in a test.

const A = 6378245;
const E2 = 0.00669342162296594323;
const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;
const waves = (...terms) => terms.reduce((sum, [height, angle]) => sum + height * Math.sin(angle * Math.PI), 0) * (2 / 3);

/** [latitude, longitude] in `datum`; outside China, and on a map in WGS-84, nothing moves. */
export const drawnAt = (lat, lon, datum) => {
  if (datum !== "gcj02" || lat < 0.8293 || lat > 55.8271 || lon < 72.004 || lon > 137.8347) return [lat, lon];
  const [x, y] = [lon - 105, lat - 35];
  const common = waves([20, 6 * x], [20, 2 * x]);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + common
    + waves([20, y], [40, y / 3], [160, y / 12], [320, y / 30]);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + common
    + waves([20, x], [40, x / 3], [150, x / 12], [300, x / 30]);
  const phi = radians(lat);
  const bend = 1 - E2 * Math.sin(phi) ** 2;
  const metresNorth = (A * (1 - E2)) / bend ** 1.5;
  const metresEast = (A / Math.sqrt(bend)) * Math.cos(phi);
  return [lat + degrees(north / metresNorth), lon + degrees(east / metresEast)];
};

const CLOSE_ENOUGH = 1e-10;

/** [latitude, longitude] in WGS-84 of a point drawn in `datum`: walk by the error until there is none. */
export const truly = (lat, lon, datum) => {
  let guess = [lat, lon];
  for (let step = 0; step < 30; step += 1) {
    const there = drawnAt(...guess, datum);
    const [north, east] = [there[0] - lat, there[1] - lon];
    guess = [guess[0] - north, guess[1] - east];
    if (Math.max(Math.abs(north), Math.abs(east)) < CLOSE_ENOUGH) break;
  }
  return guess;
};

/** Areas and places as they are drawn. */
export const drawnShapes = ({ areas, places }, datum) => ({
  areas: areas.map((area) => ({ ...area, corners: area.corners.map(([lat, lon]) => drawnAt(lat, lon, datum)) })),
  places: places.map((place) => ({ ...place, at: drawnAt(...place.at, datum) })),
});
