"use strict";
// Cells of a confusion matrix show their images; tables sort by a column.

const gallery = JSON.parse(document.getElementById("gallery").textContent);

function showCell(button) {
  const matrix = button.closest("[data-model]");
  const shown = document.getElementById(matrix.dataset.model + "-cell");
  const open = button.getAttribute("aria-expanded") === "true";
  for (const other of matrix.querySelectorAll("button")) other.setAttribute("aria-expanded", "false");
  shown.replaceChildren();
  if (open) return;
  button.setAttribute("aria-expanded", "true");
  const title = document.createElement("p");
  title.className = "small";
  title.textContent = button.title;
  const list = document.createElement("ul");
  list.className = "mistakes";
  for (const number of gallery.cells[matrix.dataset.model][button.dataset.cell]) {
    const [address, id] = gallery.images[number];
    const item = document.createElement("li"), image = document.createElement("img");
    const name = document.createElement("small");
    image.src = address;
    image.alt = button.title;
    name.textContent = id;
    item.append(image, name);
    list.append(item);
  }
  shown.append(title, list);
}

function numberIn(text) {
  const plain = text.replace(/[★\s]/g, "").replace("−", "-");
  const hasComma = document.documentElement.lang === "ru";
  return parseFloat(hasComma ? plain.replace(",", ".") : plain.replaceAll(",", ""));
}

function valueOf(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.value) return parseFloat(cell.dataset.value);
  const number = numberIn(cell.textContent);
  return Number.isNaN(number) ? cell.textContent.trim() : number;
}

function sortBy(heading) {
  const table = heading.closest("table"), body = table.tBodies[0];
  const column = heading.cellIndex;
  const falling = heading.getAttribute("aria-sort") === "descending";
  const sign = falling ? 1 : -1;
  const rows = [...body.rows].sort((a, b) => {
    const [x, y] = [valueOf(a, column), valueOf(b, column)];
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return typeof x === typeof y ? sign * String(x).localeCompare(String(y)) : typeof x === "number" ? -1 : 1;
  });
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", falling ? "ascending" : "descending");
  body.append(...rows);
}

for (const heading of document.querySelectorAll("table.results thead th")) {
  if (heading.closest("table").tBodies[0].rows.length < 2) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sortBy(heading));
  heading.append(button);
}

document.addEventListener("click", event => {
  const button = event.target.closest("button[data-cell]");
  if (button) showCell(button);
});
