// A box above the ticks that ticks all of them. Without this script each is ticked by itself.
(() => {
  "use strict";
  const boxes = [...document.querySelectorAll('input[name="invitation"]')];
  if (boxes.length < 2) return;
  const head = boxes[0].closest("table").querySelector("thead th");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", head.textContent);
  const label = document.createElement("label");
  label.className = "tick-label";
  const words = document.createElement("span");
  words.className = "sr-only";
  words.textContent = head.textContent;
  label.append(all, words);
  head.replaceChildren(label);
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
})();
