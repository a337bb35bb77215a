// One item of the list: judged, described, photographed, sealed.
import * as store from "./store.js";
import { digest, seal } from "./seal.js";
import { lacking } from "./record.js";
import { byId, clock, day, fault, fill, once, status, word } from "./parts.js";

const SHAPE = { met: "ok", partly: "warn", not_met: "bad", not_applicable: "off" };
const MOST_BYTES = 20 * 1024 * 1024;
const TYPES = ["image/jpeg", "image/png", "image/webp"];

export const verdictShown = (answer) => status(SHAPE[answer.verdict], word(answer.verdict));

function stateOf({ answer, contested, entry }) {
  if (contested) return [status("bad", word("contested"))];
  if (!answer) return [status("idle", word("open"))];
  const parts = [verdictShown(answer)];
  if (entry?.status === "waiting") parts.push(status("info", word("waits")));
  if (entry?.status === "refused") parts.push(status("bad", word("refused")));
  return parts;
}

// In the closed line, what was found in advance stands by while nobody has judged.
function hinted(found) {
  const line = verdictShown(found);
  line.lastElementChild.textContent = word("in_advance", { verdict: word(found.verdict) });
  return line;
}

export function drawItem(visit, item, stand, photos, sealed) {
  const { root, parts } = fill("t-item");
  const told = stand[item.key];
  root.id = `item-${item.key}`;
  parts.number.textContent = item.number;
  parts.text.textContent = item.text;
  parts.state.replaceChildren(...stateOf(told));
  const found = visit.advance?.[item.key];
  if (found?.verdict && !told.answer) parts.state.append(hinted(found));
  // The form is made when it is opened: a list has dozens of them.
  root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("toggle", () => {
    if (root.open && !root.dataset.made) make(root, parts, visit, item, told, photos, sealed);
  });
  return root;
}

async function make(root, parts, visit, item, told, photos, sealed) {
  root.dataset.made = "yes";
  const form = root.querySelector("form");
  const draft = await store.get("drafts", [visit.id, item.key]);
  const start = draft ?? told.mine ?? { verdict: "", deductions: [], note: "" };
  const taken = [...(draft?.photos ?? [])];
  hints(parts.hints, visit, item);
  advance(parts, visit, item, form);
  parts.sides.replaceChildren(...[told.mine, ...told.others].filter((side) => side && told.others.length).map(side));
  for (const verdict of Object.keys(SHAPE)) {
    const { root: label } = fill("t-verdict");
    const box = label.querySelector("input");
    Object.assign(box, { name: "verdict", value: verdict, checked: start.verdict === verdict });
    label.querySelector("span").replaceChildren(status(SHAPE[verdict], word(verdict)));
    parts.verdicts.append(label);
  }
  parts.verdicts.setAttribute("aria-label", item.text);
  parts["note-label"].htmlFor = parts.note.id = `note-${item.key}`;
  parts.note.value = start.note;
  const rows = start.deductions.length ? start.deductions : [{ points: "", reason: "" }];
  parts.deductions.hidden = parts.more.hidden = !item.points;
  if (item.points) rows.forEach((row) => parts.deductions.append(deduction(row, item)));
  parts.more.addEventListener("click", () => {
    if (parts.deductions.children.length < visit.most_deductions) parts.deductions.append(deduction({ points: "", reason: "" }, item));
  });
  parts["settle-box"].hidden = !told.contested;
  parts.settle.checked = Boolean(draft?.settle);
  const showPhotos = () => parts.photos.replaceChildren(...pictures(told, photos, taken));
  showPhotos();
  const read = () => ({
    verdict: form.elements.verdict.value,
    note: parts.note.value.trim(),
    deductions: [...parts.deductions.children].map((row) => ({
      points: row.querySelector("[data-of=points]").value.trim(), reason: row.querySelector("[data-of=reason]").value.trim(),
    })).filter((row) => row.points || row.reason),
  });
  const keep = () => store.put("drafts", [visit.id, item.key], { ...read(), settle: parts.settle.checked, photos: taken });
  form.addEventListener("input", keep);
  const take = async (file) => {
    if (!TYPES.includes(file.type) || file.size > MOST_BYTES) return fault(parts.error, word("photo_bad"));
    if (taken.length >= visit.most_photos) return fault(parts.error, word("photos_full", { most: visit.most_photos }));
    const bytes = await file.arrayBuffer();
    taken.push({ sha256: await digest(bytes), bytes, type: file.type, name: file.name || "photo.jpg", status: "waiting", item: item.key });
    fault(parts.error, "");
    await keep();
    showPhotos();
  };
  // Sealing waits for the photo that is still being read: chosen, it belongs to the answer.
  let reading = Promise.resolve();
  parts.photo.addEventListener("change", () => {
    const [file] = parts.photo.files;
    parts.photo.value = "";
    if (file) reading = reading.then(() => take(file));
  });
  form.addEventListener("submit", () => once(form, async () => { await reading; await sealAnswer(); }));
  const sealAnswer = async () => {
    const answer = read();
    const missing = lacking(item, answer);
    fault(parts.error, missing && word(`needs_${missing}`, { most: item.points }));
    if (missing) return;
    // Photos sealed before stay with the item: the new entry names them, too.
    const known = told.entry?.said.photos ?? [];
    const names = [...new Set([...known, ...taken.map((one) => one.sha256)])].slice(-visit.most_photos);
    const settles = parts.settle.checked ? [told.mine, ...told.others].filter(Boolean).map((one) => one.digest).sort() : [];
    await seal(visit.id, { kind: "answer", item: item.key, ...answer, photos: names, settles }, taken);
    await sealed(item.key);
  };
  if (told.entry) {
    const { entry } = told;
    const where = JSON.parse(entry.body).position;
    const place = where ? word("place", { m: where.accuracy_m }) : word("no_place");
    parts.sealed.textContent = `${word("sealed_at", { at: clock(entry.at) })} · ${place} · ${entry.digest.slice(0, 12)}`;
    if (entry.status === "refused" || entry.fault) fault(parts.error, word("was_refused", { code: word(`code_${entry.code === "taken" ? entry.fault : entry.code}`) }));
  }
}

function hints(box, visit, item) {
  const said = [];
  if (item.points) said.push(word("points", { points: item.points }));
  if (visit.own[item.key]) said.push(word("self", { points: visit.own[item.key] }));
  if (item.proof === "photo") said.push(word("proof_photo"));
  if (item.proof === "document") said.push(word("proof_document"));
  const before = visit.earlier[item.key];
  if (before) said.push(word("earlier", { verdict: word(before.verdict), note: before.note }));
  box.textContent = said.join(" · ");
}

// What the portal found before the visit: dated evidence, and an answer to take over or not. Sealing it is the inspector's
// word, and points are taken off by nobody else.
function advance(parts, visit, item, form) {
  const told = visit.advance?.[item.key];
  parts.advance.hidden = !told;
  if (!told) return;
  parts["advance-when"].textContent = word("advance", { at: day(told.made_at) });
  parts["advance-verdict"].append(told.verdict ? verdictShown(told) : status("idle", word("advance_open")));
  parts["advance-seen"].append(...told.evidence.map((one) => {
    const line = document.createElement("li");
    line.append(status(one.kind, one.text));
    if (one.at) line.append(" ", Object.assign(document.createElement("small"), { textContent: day(one.at) }));
    if (one.short.length) line.append(document.createElement("br"), Object.assign(document.createElement("small"), { textContent: one.short.join(word("semicolon")) }));
    return line;
  }));
  parts["advance-take"].hidden = !told.verdict;
  parts["advance-take"].addEventListener("click", () => {
    form.querySelector(`input[value=${told.verdict}]`).checked = true;
    const reason = parts.deductions.querySelector("[data-of=reason]");
    if (item.points && told.verdict !== "met" && reason) {
      if (!reason.value) reason.value = told.note.slice(0, reason.maxLength);
      parts.deductions.querySelector("[data-of=points]").focus();
    } else if (!parts.note.value) parts.note.value = told.note.slice(0, parts.note.maxLength);
    form.dispatchEvent(new Event("input"));
  });
}

function side(answer) {
  const line = document.createElement("p");
  line.className = "field-side";
  const who = document.createElement("b");
  who.textContent = answer.own || !answer.name ? word("me") : answer.name;
  const why = answer.deductions.map((each) => `−${each.points} ${each.reason}`).concat(answer.note || []).join(word("semicolon"));
  line.append(who, " ", verdictShown(answer), " ", why);
  return line;
}

function deduction(row, item) {
  const { root, parts } = fill("t-deduction");
  for (const name of ["points", "reason"]) {
    const box = parts[name];
    box.id = `${name}-${item.key}-${crypto.randomUUID()}`;
    box.closest(".field").querySelector("label").htmlFor = box.id;
    box.value = row[name];
  }
  return root;
}

function pictures(told, photos, taken) {
  const names = [...(told.entry?.said.photos ?? []), ...taken.map((one) => one.sha256)];
  return [...new Set(names)].map((sha256, place) => {
    const kept = taken.find((one) => one.sha256 === sha256) ?? photos.find((one) => one.sha256 === sha256);
    const tag = document.createElement("span");
    tag.className = "field-photo";
    const shape = { sent: "ok", altered: "bad", refused: "bad" }[kept?.status] ?? "idle";
    tag.append(status(shape, `${word("photo", { number: place + 1 })}${kept?.status === "altered" ? ` · ${word("altered")}` : ""}`));
    if (kept?.bytes) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(new Blob([kept.bytes], { type: kept.type }));
      image.alt = word("photo", { number: place + 1 });
      tag.prepend(image);
    }
    return tag;
  });
}

export const openItem = (key) => { const item = byId(`item-${key}`); if (item) item.open = true; };
