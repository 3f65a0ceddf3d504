// What a page keeps from somebody: run in a page by test_for_everybody.py. Returns sentences; none when all is well.
(wanted) => {
  const out = [];
  const root = document.documentElement;
  const wide = root.clientWidth;
  const name = (it) => `${it.tagName.toLowerCase()}.${[...it.classList].join(".")} “${(it.innerText || it.value || it.getAttribute("aria-label") || "").trim().slice(0, 24)}”`;
  // Paper on the screen is a picture of what is printed, in small: its letters are measured in millimetres.
  const PAPER = ".a4, .poster";
  // A map's own layers lie behind its frame.
  const BEHIND = ".leaflet-pane";
  const seen = (it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest(".away, .skip, [hidden], .anon");

  if (root.scrollWidth > wide) out.push(`scrolls sideways by ${root.scrollWidth - wide}`);
  for (const it of document.querySelectorAll("body *")) {
    if (!seen(it) || it.closest(`svg, ${BEHIND}`)) continue;
    const box = it.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const style = getComputedStyle(it);
    if (style.clipPath !== "none") continue;
    if (box.right > wide + 1 || box.left < -1) out.push(`beyond the edge: ${name(it)}`);
    const holds = ["BUTTON", "SPAN", "H1", "H2", "DD", "TD", "A", "SUMMARY"].includes(it.tagName);
    const may = ["inline", "-webkit-box"].includes(style.display) || style.textOverflow === "ellipsis";
    if (holds && !may && it.clientWidth && it.scrollWidth > it.clientWidth + 1) out.push(`cut: ${name(it)}`);
  }

  // Letters.
  if (parseFloat(getComputedStyle(document.body).fontSize) < wanted.text) out.push("body text too small");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  while (walker.nextNode()) {
    const it = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || small.has(it) || it.closest(`${PAPER}, script, option`) || !seen(it)) continue;
    if (parseFloat(getComputedStyle(it).fontSize) < wanted.small) small.add(it);
  }
  for (const it of document.querySelectorAll("input, select, textarea")) {
    if (it.type !== "hidden" && seen(it) && parseFloat(getComputedStyle(it).fontSize) < wanted.text && !it.closest(".scripted .camera, .scripted .album")
      && !["checkbox", "radio", "file"].includes(it.type)) small.add(it);
  }
  for (const it of small) out.push(`small text: ${name(it)}`);

  // Targets. A link inside a sentence is as high as its line; everything else is for a thumb in a glove.
  const inSentence = (it) => it.tagName === "A" && getComputedStyle(it).display === "inline"
    && it.parentElement.textContent.trim() !== it.textContent.trim();
  for (const it of document.querySelectorAll("a[href], button, summary, input, select, textarea")) {
    if (it.type === "hidden" || it.disabled || !seen(it) || inSentence(it) || it.closest(`${PAPER}, .skip`)) continue;
    const boxes = [it, ...(it.labels || [])].map((one) => one.getBoundingClientRect()).filter((box) => box.width);
    if (!boxes.length) continue;
    const high = Math.max(...boxes.map((box) => box.height));
    const across = Math.max(...boxes.map((box) => box.width));
    if (Math.min(high, across) < wanted.target - 0.5) out.push(`small target ${Math.round(across)} × ${Math.round(high)}: ${name(it)}`);
  }

  // The bar at the bottom leaves room for what is read and typed, and is wholly there itself.
  const bar = [...document.querySelectorAll("footer.bar")].find(seen);
  if (bar && getComputedStyle(bar).position === "sticky") {
    const box = bar.getBoundingClientRect();
    if (box.height > innerHeight * wanted.bar) out.push(`the bar takes ${Math.round(box.height)} of ${innerHeight}`);
    if (box.bottom > innerHeight + 1) out.push("the bar is out of sight");
  }
  return [...new Set(out)];
}
