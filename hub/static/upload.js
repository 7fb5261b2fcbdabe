// Says that a file is too large before it travels: the hub would refuse it all the same.
document.querySelector("form[data-megabytes]")?.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file") return;
  const limit = Number(input.form.dataset.megabytes) * 1024 * 1024;
  const large = [...input.files].some((file) => file.size > limit);
  input.setCustomValidity(large ? input.form.dataset.tooLarge : "");
  if (large) input.reportValidity();
});

// Sends the form itself: it shows how far it is, and what was chosen stays when something is
// missing. Without this script the form is sent as any other.
(() => {
  const form = document.querySelector("form.upload");
  const found = document.getElementById("found");
  if (!form || !found || !window.FormData) return;
  const sending = form.querySelector(".sending");
  const bar = sending.querySelector("progress");
  const told = sending.querySelector("output");

  const ready = () => {
    sending.hidden = true;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  };
  const show = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const news = page.getElementById("found");
    if (!news) return false;
    found.replaceChildren(...news.childNodes);
    document.getElementById("questions")?.remove();
    const title = found.querySelector("h2") || found;
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
    return true;
  };
  // A page that says something else: too large, signed out, our own fault.
  const heading = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    return ["h1", ".lead"].map((name) => page.querySelector(`main ${name}`)?.textContent.trim() || "").join(" ").trim();
  };
  const lost = (said) => {
    ready();
    const note = document.createElement("p");
    note.className = "note bad";
    note.textContent = typeof said === "string" && said ? said : form.dataset.lost;
    found.replaceChildren(note);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (form.getAttribute("aria-busy")) return;
    const data = new FormData(form);
    if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
    const call = new XMLHttpRequest();
    call.open("POST", form.action);
    call.setRequestHeader("X-Sent-By", "upload");
    call.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      bar.value = Math.round((100 * step.loaded) / step.total);
      told.textContent = `${bar.value} %`;
      if (bar.value >= 100) bar.removeAttribute("value"); // sent; now it is checked
    });
    call.addEventListener("load", () => {
      if (call.status === 201) { window.location = JSON.parse(call.responseText).to; return; }
      ready();
      if (!show(call.responseText)) lost(heading(call.responseText));
    });
    call.addEventListener("error", lost);
    call.addEventListener("abort", lost);
    form.setAttribute("aria-busy", "true");
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    bar.value = 0;
    told.textContent = "";
    sending.hidden = false;
    call.send(data);
  });
})();
