// j and k walk the rows of the first list on the page; Enter opens (the link has the focus, so the browser does that).
export function watchRows(typing) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key !== "j" && event.key !== "k") return;
    const links = [...document.querySelectorAll("table[data-rows] tbody tr .lead a, .queue li > a")];
    if (!links.length) return;
    const row = document.activeElement?.closest("tr, li");
    const at = links.findIndex((link) => row?.contains(link));
    const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  });

  // Bulk actions appear with the first ticked row. <thead> holds [data-all], each row a checkbox, the bar [data-bulk].
  document.addEventListener("change", (event) => {
    const table = event.target.closest("table[data-rows]");
    if (!table || event.target.type !== "checkbox") return;
    const boxes = [...table.querySelectorAll("tbody .tick input")];
    if ("all" in event.target.dataset) boxes.forEach((box) => { box.checked = event.target.checked; });
    boxes.forEach((box) => box.closest("tr").classList.toggle("selected", box.checked));
    const count = boxes.filter((box) => box.checked).length;
    const bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    bar.hidden = count === 0;
    const shown = bar.querySelector("[data-bulk-count]");
    if (shown) shown.textContent = count;
  });

  // A text that was cut tells its whole when pointed at.
  document.addEventListener("mouseover", (event) => {
    const cell = event.target.closest?.(".cut-off:not([title])");
    if (cell && cell.scrollWidth > cell.clientWidth) cell.title = cell.innerText.trim();
  });
}

// A head can stick to the page or its table can scroll sideways, not both: which one depends on the room there is.
export function fitTables(root) {
  root.querySelectorAll?.(".table-scroll:not([data-fitted])").forEach((frame) => {
    frame.dataset.fitted = "";
    new ResizeObserver(() => {
      const fits = frame.firstElementChild.offsetWidth <= frame.clientWidth + 1;
      frame.classList.toggle("fits", fits);
      frame.classList.toggle("wide", !fits);
    }).observe(frame);
  });
}
