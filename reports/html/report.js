"use strict";
// The page is complete without this script; it adds sorting by a click on a heading, and filters.
document.documentElement.classList.add("live");

for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  const number = (text) => parseFloat(text.replace(/,/g, ""));
  headings.forEach((heading, column) => {
    heading.tabIndex = 0;
    heading.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(heading, column); });
    heading.addEventListener("click", () => sort(heading, column));
  });
  function sort(heading, column) {
    const down = heading.getAttribute("aria-sort") !== "descending";
    headings.forEach((each) => each.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const key = (row) => row.cells[column].textContent.trim();
    const compare = heading.classList.contains("n")
      ? (a, b) => (number(key(a)) || 0) - (number(key(b)) || 0)
      : (a, b) => key(a).localeCompare(key(b), "zh");
    body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * compare(a, b)));
  }
}

// Shows what matches the filter, a page at a time where the holder says how many make a page.
const page = {};
function refresh(id) {
  const holder = document.getElementById(id);
  const words = document.querySelector(`[data-filter=${id}]`).value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.querySelector(`[data-only=${id}]`);
  const matching = [];
  for (const item of holder.tBodies ? holder.tBodies[0].rows : holder.children) {
    const text = words.length ? item.textContent.toLowerCase() : "";
    item.hidden = !words.every((word) => text.includes(word)) || Boolean(only && only.checked && !item.classList.contains("open"));
    if (!item.hidden) matching.push(item);
  }
  const size = Number(holder.dataset.paged);
  if (!size) return;
  const pages = Math.max(1, Math.ceil(matching.length / size));
  const now = page[id] = Math.min(Math.max(page[id] || 0, 0), pages - 1);
  matching.forEach((item, place) => { item.hidden = Math.floor(place / size) !== now; });
  const bar = document.querySelector(`[data-pages=${id}]`);
  const line = bar.querySelector("[data-text]");
  line.textContent = line.dataset.text.replace("{page}", now + 1).replace("{pages}", pages).replace("{count}", matching.length);
  bar.querySelectorAll("button").forEach((button) => {
    button.disabled = now + Number(button.dataset.step) < 0 || now + Number(button.dataset.step) >= pages;
  });
}
for (const input of document.querySelectorAll("[data-filter], [data-only]")) {
  const id = input.dataset.filter || input.dataset.only;
  input.addEventListener("input", () => { page[id] = 0; refresh(id); });
}
for (const bar of document.querySelectorAll("[data-pages]")) {
  const id = bar.dataset.pages;
  for (const button of bar.querySelectorAll("button")) {
    button.addEventListener("click", () => { page[id] = (page[id] || 0) + Number(button.dataset.step); refresh(id); });
  }
  refresh(id);
}
