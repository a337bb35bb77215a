// The shell's behaviour. Everything works without it; it saves steps. No text of its own: words come from the page.
import { watchForms } from "./forms.js";
import { fitTables, watchRows } from "./rows.js";

const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog[open]");

function toast(text, kind = "bad") {
  const area = document.querySelector(".toasts");
  if (!area || !text) return;
  const box = document.createElement("div");
  box.className = `notice ${kind}`;
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  sign.setAttribute("class", `glyph ${kind}`);
  sign.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use")).setAttribute("href", `#s-${kind}`);
  box.append(sign, text);
  area.append(box);
  setTimeout(() => box.remove(), kind === "ok" ? 2500 : 8000);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing(event.target)) {
    const box = document.querySelector("[data-hotkey='/']");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    if (location.hash === "#nav") location.hash = "#main";
  }
});

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-opens], [data-closes], [data-copy]");
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  if (!target) return;
  if (target.dataset.opens) document.getElementById(target.dataset.opens)?.showModal();
  if ("closes" in target.dataset) target.closest("dialog")?.close();
  if (target.dataset.copy) {
    try { await navigator.clipboard.writeText(target.dataset.copy); } catch { selectBeside(target); return; }
    toast(document.querySelector(".toasts")?.dataset.done, "ok");
  }
});

// Without a clipboard (plain http on an intranet) the text is marked, so that Ctrl+C takes it.
function selectBeside(button) {
  const code = button.parentElement.querySelector("code");
  if (!code) return;
  code.textContent = button.dataset.copy;
  getSelection().selectAllChildren(code);
}

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, headers, parameters } = event.detail;
  if (verb === "get") return;
  headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  if (!parameters._key) headers["Idempotency-Key"] = newKey();
});

// crypto.randomUUID is missing on plain http; getRandomValues is not.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("portal:problem", (event) => toast(event.detail.text));
document.addEventListener("htmx:sendError", () => toast(document.querySelector(".toasts")?.dataset.failed));

// On a phone the filters would fill the first screen; the chips below them still tell what is in force.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
if (matchMedia("(max-width: 820px)").matches) document.querySelectorAll(".filter-box").forEach((box) => { box.open = false; });
document.querySelectorAll("dialog[data-open]").forEach((dialog) => dialog.showModal());
document.querySelector("[data-focus]")?.focus();
watchRows(typing);
watchForms(document);
fitTables(document);
document.addEventListener("htmx:load", (event) => { watchForms(event.target); fitTables(event.target); });
