// Forms: sent once, not left by accident, drafts kept in this window, files named, dates picked.
const SECRET = "input[type=password], input[type=file], input[type=hidden], [data-secret]";
const stamp = (time) => new Date(time).toTimeString().slice(0, 5);

export function watchForms(root) {
  root.querySelectorAll?.("form[method=post]:not([data-watched])").forEach((form) => {
    form.dataset.watched = "";
    sendOnce(form);
    if (form.dataset.guard) guard(form);
    if (form.dataset.draft) keepDraft(form);
    form.querySelectorAll(".file-drop input").forEach(nameFile);
  });
}

// A second press while the first is under way is swallowed; the button stays a button, so its name is still sent.
// The server's idempotency key is the real protection; this spares the reader a useless second answer.
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirm && !form.dataset.confirmed) { event.preventDefault(); ask(form, event.submitter); return; }
    if (form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    if ("file" in form.dataset) { forgetFaults(form); setTimeout(ready, 2000, form); }
  });
}
// The answer is a file and the page stays: its old faults would stand beside the success. A new refusal is a new page.
function forgetFaults(form) {
  const word = form.querySelector(".error .sr-only")?.textContent.trim();
  if (word && document.title.startsWith(word)) document.title = document.title.slice(word.length).trim();
  form.querySelectorAll(".error-summary, .error").forEach((one) => one.remove());
  form.querySelectorAll(".invalid").forEach((one) => one.classList.remove("invalid"));
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
}
// The browser's own confirm() speaks the browser's language; the page brings a dialog in the reader's.
function ask(form, submitter) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-confirm-text]").textContent = form.dataset.confirm;
  dialog.querySelector("[data-confirm-yes]").onclick = () => {
    form.dataset.confirmed = "yes";
    dialog.close();
    form.requestSubmit(submitter);
  };
  dialog.showModal();
}

function ready(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(ready));

function guard(form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  form.addEventListener("click", (event) => { if (event.target.closest("[data-comes-back]")) changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// Drafts belong to whoever typed them: another reader in the same window finds none, and signing out leaves none.
function ownDrafts() {
  const reader = document.querySelector("meta[name=reader]")?.content;
  if (!reader || sessionStorage.getItem("reader") === reader) return;
  sessionStorage.clear();
  sessionStorage.setItem("reader", reader);
}
ownDrafts();
// What was taken along to the field goes, too (field/store.js). While something of it waits to be sent its own page asks
// what becomes of it; where that page does not open, a second press signs out and leaves it, closed, for its person.
document.querySelector("form[data-sign-out]")?.addEventListener("submit", (event) => {
  const first = localStorage.getItem("leave-first");
  if (first && !sessionStorage.getItem("leaving")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    sessionStorage.setItem("leaving", "yes");
    location.assign(first);
    return;
  }
  sessionStorage.clear();
  const owner = localStorage.getItem("field-owner");
  localStorage.removeItem("field-owner");
  localStorage.removeItem("leave-first");
  if (first) localStorage.setItem(`field-kept-${owner}`, "yes");
  else if (owner) indexedDB.deleteDatabase(`portal-field-${owner}`);
});

function typed(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || field.matches(SECRET)) continue;
    const box = field.type === "checkbox" || field.type === "radio";
    values[field.name] ??= [];
    if (!box || field.checked) values[field.name].push(field.value);
  }
  return values;
}

function keepDraft(form) {
  const key = `draft:${location.pathname}:${form.dataset.draft}`;
  const bar = form.querySelector("[data-draft-bar]");
  const saved = form.querySelector("[data-draft-saved]");
  let kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  // What was sent and comes back with its faults is still a draft, in whatever language the page is read next.
  if (kept?.sent) {
    kept = form.querySelector(".error-summary") ? { ...kept, sent: false } : null;
    if (kept) sessionStorage.setItem(key, JSON.stringify(kept)); else sessionStorage.removeItem(key);
  }
  const told = new URLSearchParams(location.search); // what an address brings is newer
  const take = () => {
    for (const field of form.elements) {
      const values = kept.values[field.name];
      if (!values || field.matches(SECRET) || told.has(field.name === "position" ? "lon" : field.name)) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    bar.hidden = true;
  };
  const differs = kept && JSON.stringify(kept.values) !== JSON.stringify(typed(form));
  if (differs && kept.back) take();
  else if (differs && !form.querySelector(".error-summary")) {
    bar.hidden = false;
    bar.querySelector("[data-draft-time]").textContent = stamp(kept.time);
  }
  form.querySelector("[data-draft-take]")?.addEventListener("click", take);
  form.querySelector("[data-draft-drop]")?.addEventListener("click", () => { sessionStorage.removeItem(key); bar.hidden = true; });
  let timer;
  const keep = (how) => {
    clearTimeout(timer);
    try { sessionStorage.setItem(key, JSON.stringify({ time: Date.now(), values: typed(form), ...how })); } catch { return; }
    if (saved) { saved.hidden = false; saved.querySelector("b").textContent = stamp(Date.now()); }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 800, {}); });
  form.addEventListener("submit", () => keep({ sent: true }));
  // A step aside, to the map, that leads back here: the form is found as it was left.
  form.addEventListener("click", (event) => { if (event.target.closest("[data-comes-back]")) keep({ back: true }); });
}

// The native file text follows the browser's language, so the control is covered by ours and says the name itself.
function nameFile(input) {
  const box = input.closest(".file-drop");
  const text = box.querySelector("[data-file-name]");
  const empty = text.textContent;
  input.addEventListener("change", () => { text.textContent = [...input.files].map((file) => file.name).join(", ") || empty; });
  for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    box.addEventListener(name, () => box.classList.toggle("over", over));
  }
}

// A question that another's answer raises: it comes and goes with that answer, and what follows from it too.
document.addEventListener("change", (event) => {
  for (const part of event.target.form?.querySelectorAll("[data-shown-by]") ?? []) {
    const by = part.ownerDocument.querySelector(`[name="${part.dataset.shownBy}"]:checked`);
    part.hidden = !by || by.closest("[hidden]") !== null || !part.dataset.shownAt.split(" ").includes(by.value);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick-date]");
  if (!button) return;
  const field = document.getElementById(button.dataset.pickDate);
  const picker = document.createElement("input");
  picker.type = "date";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  if (/^\d{4}-\d{2}-\d{2}$/.test(field.value)) picker.value = field.value;
  button.parentElement.append(picker);
  picker.addEventListener("change", () => {
    field.value = picker.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    picker.remove();
    field.focus();
  });
  picker.addEventListener("cancel", () => picker.remove());
  picker.showPicker?.();
});
