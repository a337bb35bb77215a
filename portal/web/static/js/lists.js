// Whoever gives a field a value means to change it.
document.querySelectorAll("[data-change]").forEach((tick) => {
  tick.closest(".change-what").addEventListener("input", (event) => { if (event.target !== tick) tick.checked = true; });
});
