// A form's position, filled in from where the phone is; without this module it is typed.

for (const button of document.querySelectorAll("[data-here]")) {
  if (!navigator.geolocation || !isSecureContext) continue;
  const told = button.parentElement.querySelector("[data-here-told]");
  const input = document.getElementById(button.dataset.here);
  button.hidden = false;
  button.addEventListener("click", () => {
    told.hidden = false;
    told.textContent = button.dataset.waiting;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        const datum = document.getElementById("datum");
        if (datum) datum.value = "wgs84";
        told.textContent = button.dataset.found.replace("{m}", Math.ceil(coords.accuracy));
      },
      () => { told.textContent = button.dataset.refused; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
    );
  });
}
