// Who repairs: the name is asked for only where no account is chosen. Without script its box is always there.

const select = document.getElementById("rectifier");
const name = document.getElementById("rectifier_name");
const box = name.closest("[data-bare-name]");
const nameless = select.querySelector("[data-nameless]");

/** What is not shown is not sent either; a name that was typed, or found fault with, is shown whatever was chosen. */
const show = () => {
  if (name.value && !select.value) nameless.selected = true;
  const asked = nameless.selected || name.hasAttribute("aria-invalid");
  box.hidden = !asked;
  name.disabled = !asked;
};

select.addEventListener("change", () => {
  if (!nameless.selected) {
    name.value = "";
    name.removeAttribute("aria-invalid");
  }
  show();
  if (nameless.selected) name.focus();
});
// A draft that is given back brings its name along.
select.form.addEventListener("change", show);
show();
