// One key for an answer: y, n, l; arrows move between pairs, x ticks, u takes the last one back.
// By the place of the key, so that it works while a Korean keyboard is on.
(() => {
  "use strict";
  const pairs = [...document.querySelectorAll(".pair")];
  let now = 0;
  const show = (place, focus) => {
    pairs[now]?.classList.remove("now");
    now = Math.max(0, Math.min(pairs.length - 1, place));
    pairs[now]?.classList.add("now");
    if (focus) pairs[now]?.focus();
  };
  show(0, false);
  pairs.forEach((pair, place) => pair.addEventListener("focusin", () => show(place, false)));

  const press = (button) => { if (button) button.click(); };
  const keys = {
    KeyY: () => press(pairs[now]?.querySelector('[data-key="y"]')),
    KeyN: () => press(pairs[now]?.querySelector('[data-key="n"]')),
    KeyL: () => press(pairs[now]?.querySelector('[data-key="l"]')),
    KeyU: () => press(document.querySelector('[data-key="u"]')),
    KeyX: () => press(pairs[now]?.querySelector('input[type="checkbox"]')),
    ArrowDown: () => show(now + 1, true),
    ArrowUp: () => show(now - 1, true),
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.code];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, summary")) return;
    event.preventDefault();
    act();
  });

  const several = document.getElementById("several");
  if (!several) return;
  const ticks = [...document.querySelectorAll('input[name="pair"][form="several"]')];
  const count = several.querySelector(".several-count");
  const all = several.querySelector(".tick-all");
  const tell = () => {
    const some = ticks.filter((tick) => tick.checked).length;
    count.textContent = some ? count.dataset.some.replace("#", some) : count.dataset.none;
    several.classList.toggle("some", some > 0);
    for (const button of several.querySelectorAll("button[name]")) button.hidden = !some;
  };
  ticks.forEach((tick) => tick.addEventListener("change", tell));
  all.hidden = ticks.length < 2;
  all.addEventListener("click", () => {
    const on = ticks.some((tick) => !tick.checked);
    ticks.forEach((tick) => { tick.checked = on; });
    tell();
  });
  tell();
})();
