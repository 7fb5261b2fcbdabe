// Small things that every page needs; each works without the others. No inline scripts anywhere.
(() => {
  "use strict";

  // The menu on a phone: a button that opens it; Escape closes it and gives the focus back.
  const button = document.querySelector(".menu-button");
  const menu = document.getElementById("menu");
  const show = (open) => {
    button.setAttribute("aria-expanded", String(open));
    menu.classList.toggle("open", open);
  };
  if (button && menu) {
    button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.classList.contains("open")) return;
      show(false);
      button.focus();
    });
  }

  // The account menu closes by Escape and by a click elsewhere.
  const account = document.querySelector("details.account");
  if (account) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !account.open) return;
      account.open = false;
      account.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      if (!account.contains(event.target)) account.open = false;
    });
  }

  // Buttons that ask once more, and forms that are sent once.
  const ask = (question, then) => {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    const text = document.createElement("p");
    text.id = "ask-text";
    text.textContent = question;
    dialog.setAttribute("aria-labelledby", text.id);
    const row = document.createElement("div");
    row.className = "button-row";
    const words = document.body.dataset;
    for (const [word, kind, answer] of [[words.wordCancel, "secondary", false], [words.wordContinue, "primary", true]]) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.className = `krds-btn medium ${kind}`;
      choice.textContent = word;
      choice.addEventListener("click", () => { dialog.close(); if (answer) then(); });
      row.append(choice);
    }
    dialog.append(text, row);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("button[data-confirm]");
    if (!chosen || chosen.dataset.confirmed) return;
    event.preventDefault();
    ask(chosen.dataset.confirm, () => {
      chosen.dataset.confirmed = "yes";
      chosen.form.requestSubmit(chosen);
      delete chosen.dataset.confirmed;
    });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.again !== undefined) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // Copy a code or an address: <button data-copy="text" data-copied="Copied">.
  document.addEventListener("click", async (event) => {
    const chosen = event.target.closest("button[data-copy]");
    if (!chosen || !navigator.clipboard) return;
    await navigator.clipboard.writeText(chosen.dataset.copy);
    const before = chosen.textContent;
    chosen.textContent = chosen.dataset.copied || before;
    setTimeout(() => { chosen.textContent = before; }, 2000);
  });

  // Live parts: a renewal that fails is said, once, where the part is.
  const lost = (event) => {
    const part = event.target.closest ? event.target.closest(".live") : null;
    if (part) part.classList.add("stale");
  };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:responseError", lost);
  document.addEventListener("htmx:afterSwap", (event) => event.target.classList.remove("stale"));
})();
