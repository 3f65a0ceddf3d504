// Whether the place of the focus can be seen: run in a page by test_for_everybody.py. Empty when all is well.
() => {
  const it = document.activeElement;
  const standIn = it.matches(".anon") && document.querySelector(".up summary");
  const bearers = [it, it.nextElementSibling, it.closest("label"), standIn];
  const shown = bearers.filter((one) => one && getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) >= 2);
  if (!shown.length) return "no visible focus: " + it.outerHTML.slice(0, 120);
  const box = shown[0].getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight) return "focus out of sight: " + it.outerHTML.slice(0, 120);
  const bar = [...document.querySelectorAll("footer.bar")].find((one) => one.checkVisibility());
  const lid = bar && !bar.contains(shown[0]) && getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().top : innerHeight;
  return box.top >= lid ? "focus under the bar: " + it.outerHTML.slice(0, 120) : "";
}
