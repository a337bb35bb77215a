// Small parts of the page: templates cloned and filled, words, moments.
const WORDS = JSON.parse(document.body.dataset.words);
export const byId = (id) => document.getElementById(id);
export const word = (key, said = {}) => Object.entries(said).reduce((text, [name, value]) => text.replace(`{${name}}`, value), WORDS[key] ?? key);

export function fill(template) {
  const made = byId(template).content.cloneNode(true);
  const parts = {};
  for (const part of made.querySelectorAll("[data-of]")) parts[part.dataset.of] = part;
  return { made, root: made.firstElementChild, parts };
}

export function status(kind, text) {
  const { root } = fill("t-status");
  root.classList.add(kind);
  root.querySelector("use").setAttribute("href", `#s-${kind}`);
  root.querySelector("span").textContent = text;
  return root;
}

const CITY = { timeZone: "Asia/Shanghai", hour12: false };
export function clock(moment) {
  return new Intl.DateTimeFormat("zh-CN", { ...CITY, hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}
export function day(moment) {
  const parts = new Intl.DateTimeFormat("en-CA", { ...CITY, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(moment));
  return `${parts} ${clock(moment)}`;
}

export function fault(box, text) {
  box.hidden = !text;
  if (text) box.querySelector("span").textContent = text;
}

// A form answered twice by a hasty finger is answered once.
export async function once(form, work) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try { await work(); } finally { delete form.dataset.busy; }
}
