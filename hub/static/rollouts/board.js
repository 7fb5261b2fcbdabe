// The board: a square for each plant, drawn from a letter a plant, and renewed while it changes.
(() => {
  "use strict";
  const board = document.getElementById("board");
  if (!board) return;
  const said = document.getElementById("board-said");
  const every = 2000;
  let mark = board.dataset.mark;
  let told = {};

  const address = (base, number) => base.replace(/\/0$/, `/${number}`);

  const numbers = (runs) => runs.flatMap(([first, count]) => Array.from({ length: count }, (_, at) => first + at));

  const paint = (square, letter) => {
    const [state, kind, label] = told[letter];
    square.className = `square ${kind}`;
    square.dataset.state = state;
    square.setAttribute("aria-label", label);
    square.title = label;
    delete square.dataset.said;
  };

  // Only what changed is touched, so that the focus stays where it is.
  const draw = (data) => {
    told = data.states;
    for (const [position, letters, runs] of data.waves) {
      const place = board.querySelector(`[data-wave="${position}"]`);
      if (!place) continue;
      place.classList.toggle("many", letters.length > 400);
      const before = place.dataset.letters || "";
      if (before.length !== letters.length) {
        place.replaceChildren(...numbers(runs).map((number, at) => {
          const square = document.createElement("a");
          square.href = address(board.dataset.delivery, number);
          square.tabIndex = at ? -1 : 0;
          paint(square, letters[at]);
          return square;
        }));
      } else {
        for (let at = 0; at < letters.length; at += 1) {
          if (letters[at] !== before[at]) paint(place.children[at], letters[at]);
        }
      }
      place.dataset.letters = letters;
    }
  };
  const first = board.querySelector("script.squares");
  draw(JSON.parse(first.textContent));
  first.remove();

  // Whose square it is, asked for where somebody points at it or comes to it by the keyboard.
  const tell = async (square) => {
    if (square.dataset.said) return;
    square.dataset.said = "yes";
    try {
      const answer = await fetch(address(board.dataset.square, square.href.split("/").pop()));
      if (!answer.ok) return;
      const { text } = await answer.json();
      square.title = text;
      square.setAttribute("aria-label", text);
      if (document.activeElement === square) said.textContent = text;
    } catch {
      delete square.dataset.said;
    }
  };
  for (const kind of ["mouseover", "focusin"]) {
    board.addEventListener(kind, (event) => {
      const square = event.target.closest("[data-wave] > a");
      if (square) tell(square);
    });
  }
  board.addEventListener("keydown", (event) => {
    const square = event.target.closest("[data-wave] > a");
    if (!square) return;
    const all = [...board.querySelectorAll("[data-wave] > a")];
    const at = all.indexOf(square);
    const row = () => Math.max(1, all.filter((each) => each.offsetTop === square.offsetTop && each.parentNode === square.parentNode).length);
    const steps = { ArrowRight: () => 1, ArrowLeft: () => -1, ArrowDown: row, ArrowUp: () => -row(), Home: () => -at, End: () => all.length - 1 - at };
    if (!steps[event.key]) return;
    event.preventDefault();
    const next = all[Math.min(all.length - 1, Math.max(0, at + steps[event.key]()))];
    square.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  // What changed is put in its place; a part in which somebody is at work waits for the next time.
  const renew = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    draw(JSON.parse(fresh.querySelector("script.squares").textContent));
    let whole = true;
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = board.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!old || old.innerHTML === part.innerHTML) continue;
      if (old.contains(document.activeElement) || old.querySelector("form[data-sent]")) {
        const state = part.querySelector(".board-head .state");
        const was = old.querySelector(".board-head .state");
        if (!state || !was || state.dataset.state === was.dataset.state) { whole = false; continue; }
      }
      old.replaceChildren(...part.childNodes);
    }
    return whole;
  };
  const clock = (header) => {
    const place = board.querySelector(".as-of");
    if (!place || !header) return;
    const seen = Date.parse(header);
    place.dataset.base = place.dataset.base || String(seen);
    place.dataset.text = place.dataset.text || place.textContent;
    const found = place.dataset.text.match(/(\d{2}):(\d{2}):(\d{2})/);
    if (!found) return;
    const passed = Math.round((seen - Number(place.dataset.base)) / 1000);
    const [hours, minutes, seconds] = found.slice(1).map(Number);
    const sum = (hours * 3600 + minutes * 60 + seconds + passed) % 86400;
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    place.textContent = place.dataset.text.replace(found[0], `${two(sum / 3600)}:${two((sum % 3600) / 60)}:${two(sum % 60)}`);
  };
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(board.dataset.live, {
          cache: "no-store",
          headers: { "If-None-Match": `W/"${mark}"` },
        });
        if (answer.status === 200) {
          const known = (answer.headers.get("ETag") || "").replace(/^W\/"|"$/g, "");
          if (renew(await answer.text())) mark = known;
        } else if (answer.status !== 304) throw new Error(String(answer.status));
        board.classList.remove("stale");
        clock(answer.headers.get("Date"));
      } catch {
        board.classList.add("stale");
      }
    }
    setTimeout(look, every);
  };
  setTimeout(look, every);
})();
