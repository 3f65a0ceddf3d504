// On the page that there is no network: the moves whose forms this phone keeps, read from the kept pages themselves.
// They are one person's, and go when that person signs out (worker/sw.js).

const box = document.querySelector("[data-kept-moves]");
const one = box.querySelector("template");

async function pageOf(pages, request) {
  const answer = await pages.match(request);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** A card that leads to the form, with the picture that stands in it. */
function cardOf(page) {
  const form = page.querySelector("form[data-queue=move]");
  if (!form) return null;
  const card = one.content.firstElementChild.cloneNode(true);
  const image = card.querySelector("img");
  const shown = page.querySelector("main img");
  card.href = form.dataset.page;
  card.querySelector("h2").textContent = form.dataset.title;
  card.querySelector("p").textContent = form.dataset.number;
  if (shown) image.src = shown.getAttribute("src");
  else image.remove();
  return card;
}

async function show() {
  if (!(await caches.has("pages"))) return;
  const pages = await caches.open("pages");
  const moves = (await pages.keys()).filter(({ url }) => new URL(url).pathname.startsWith("/tickets/"));
  const kept = await Promise.all(moves.map((request) => pageOf(pages, request)));
  const cards = kept.map(cardOf).filter(Boolean).reverse(); // the one kept last stands first
  box.querySelector("[data-kept-list]").replaceChildren(...cards);
  box.hidden = !cards.length;
}

if ("caches" in window) show().catch(() => {}); // what cannot be read is not offered
