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

// What a form lacks is told in the page's language, as the server tells it, before anything is sent or kept: no network
// may be near. A form without script, or one that the phone does not keep, is told by the server itself.
const wordOf = (input) => (input.labels[0] || input).textContent.trim();

/** The box of a refused form: the page's own, else a new one before the form. */
const faultsBefore = (form) => {
  const own = document.querySelector("[data-queue-faults], [data-lacks]");
  if (own) return own;
  const box = document.createElement("section");
  box.className = "faults";
  box.dataset.lacks = "";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  box.append(document.createElement("h2"), document.createElement("ul"));
  box.firstElementChild.textContent = form.dataset.lackTitle;
  form.before(box);
  return box;
};

for (const form of document.querySelectorAll("form[data-lack]")) {
  form.addEventListener("submit", (event) => {
    const lacks = [...form.elements].filter((input) => input.required && input.willValidate && !input.value.trim());
    if (!lacks.length || (form.dataset.queue && !form.dataset.bound)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const box = faultsBefore(form);
    box.querySelector("ul").replaceChildren(...lacks.map((input) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${input.id}`;
      link.textContent = form.dataset.lack.replace("{what}", wordOf(input));
      line.append(link);
      return line;
    }));
    box.hidden = false;
    box.focus();
  });
}

const menus = () => document.querySelectorAll("details.menu[open], details.up[open]");

// What was reached through a word inside the menu belongs to it, wherever it stands.
const isOf = (menu, it) => menu.contains(it) || [...(it.labels || [])].some((label) => menu.contains(label));

for (const way of ["click", "focusin"]) {
  document.addEventListener(way, (event) => {
    for (const menu of menus()) if (!isOf(menu, event.target)) menu.open = false;
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The other size of text at once, without losing what was typed; the answer keeps the choice for a year.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-size]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.documentElement.classList.toggle("large", link.dataset.size === "large");
  [...link.parentElement.querySelectorAll("a[data-size]")].find((other) => other !== link).focus();
  // Without a network the choice holds for this page; the link is still there on the next.
  fetch(link.href, { redirect: "manual" }).catch(() => {});
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
