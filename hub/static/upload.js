// Says that a file is too large before it travels: the hub would refuse it all the same.
document.querySelector("form[data-megabytes]")?.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file") return;
  const limit = Number(input.form.dataset.megabytes) * 1024 * 1024;
  const large = [...input.files].some((file) => file.size > limit);
  input.setCustomValidity(large ? input.form.dataset.tooLarge : "");
  if (large) input.reportValidity();
});
