// The poster's print button; without script the page says how to print.

const button = document.querySelector("[data-print]");
button.hidden = false;
document.querySelector("[data-without-script]").classList.add("small");
button.addEventListener("click", () => print());
