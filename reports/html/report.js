"use strict";
// The page is complete without this script; it adds sorting by a click on a heading, and filters.
document.documentElement.classList.add("live");

for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  const number = (text) => parseFloat(text.replace(/,/g, ""));
  headings.forEach((heading, column) => heading.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") !== "descending";
    headings.forEach((each) => each.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const key = (row) => row.cells[column].textContent.trim();
    const compare = heading.classList.contains("n")
      ? (a, b) => (number(key(a)) || 0) - (number(key(b)) || 0)
      : (a, b) => key(a).localeCompare(key(b), "zh");
    body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * compare(a, b)));
  }));
}

function refresh(id) {
  const holder = document.getElementById(id);
  const words = document.querySelector(`[data-filter=${id}]`).value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.querySelector(`[data-only=${id}]`);
  for (const item of holder.tBodies ? holder.tBodies[0].rows : holder.children) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word)) || Boolean(only && only.checked && !item.classList.contains("open"));
  }
}
for (const input of document.querySelectorAll("[data-filter], [data-only]")) {
  input.addEventListener("input", () => refresh(input.dataset.filter || input.dataset.only));
}
