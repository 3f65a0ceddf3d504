// Every page: a form is sent once, menus close when left. Without this module everything still works.

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    const buttons = [...document.querySelectorAll(`button[form="${form.id}"]`), ...form.querySelectorAll("button")];
    for (const button of buttons) {
      // After this turn of the event loop, so that the browser has collected the form first.
      setTimeout(() => {
        if (event.defaultPrevented) return; // the phone's own queue takes it
        button.dataset.word = button.textContent;
        button.disabled = true;
        if (form.dataset.once) button.textContent = form.dataset.once;
      }, 0);
    }
  });
}

// Coming back through the browser's page cache: the buttons live again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[data-word]")) {
    button.disabled = false;
    button.textContent = button.dataset.word;
  }
});

const menus = () => document.querySelectorAll("details.menu[open], details.up[open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

const firstFault = document.querySelector(".faults[role=alert]");
if (firstFault) {
  firstFault.tabIndex = -1;
  firstFault.focus();
}

// 更多: the chosen category stays visible when the list is folded.
const more = document.querySelector("details[data-more]");
if (more) {
  const word = more.querySelector("[data-more-word]");
  const plain = word.textContent;
  const show = () => {
    const chosen = more.querySelector("input:checked");
    more.classList.toggle("chosen", Boolean(chosen));
    word.textContent = chosen ? chosen.parentElement.textContent.trim() : plain;
  };
  document.addEventListener("change", (event) => {
    if (event.target.name !== "category") return;
    show();
    more.open = false;
  });
  show();
}
