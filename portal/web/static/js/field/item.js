// One item of the list: judged, described, photographed, sealed.
import * as store from "./store.js";
import { digest, seal } from "./seal.js";
import { lacking } from "./record.js";
import { byId, clock, fault, fill, status, word } from "./parts.js";

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

export function drawItem(visit, item, stand, photos, sealed) {
  const { root, parts } = fill("t-item");
  const told = stand[item.key];
  root.id = `item-${item.key}`;
  parts.number.textContent = item.number;
  parts.text.textContent = item.text;
  parts.state.replaceChildren(...stateOf(told));
  // The form is made when it is opened: a list has dozens of them.
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
  const showPhotos = () => parts.photos.replaceChildren(...pictures(told, photos, taken));
  showPhotos();
  const read = () => ({
    verdict: form.elements.verdict.value,
    note: parts.note.value.trim(),
    deductions: [...parts.deductions.children].map((row) => ({
      points: row.querySelector("[data-of=points]").value.trim(), reason: row.querySelector("[data-of=reason]").value.trim(),
    })).filter((row) => row.points || row.reason),
  });
  const keep = () => store.put("drafts", [visit.id, item.key], { ...read(), photos: taken });
  form.addEventListener("input", keep);
  parts.photo.addEventListener("change", async () => {
    const [file] = parts.photo.files;
    parts.photo.value = "";
    if (!file) return;
    if (!TYPES.includes(file.type) || file.size > MOST_BYTES) return fault(parts.error, word("photo_bad"));
    if (taken.length >= visit.most_photos) return fault(parts.error, word("photos_full", { most: visit.most_photos }));
    const bytes = await file.arrayBuffer();
    taken.push({ sha256: await digest(bytes), bytes, type: file.type, name: file.name || "photo.jpg", status: "waiting", item: item.key });
    fault(parts.error, "");
    await keep();
    showPhotos();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
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
  });
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

function side(answer) {
  const line = document.createElement("p");
  line.className = "field-side";
  const who = document.createElement("b");
  who.textContent = answer.own || !answer.name ? word("me") : answer.name;
  const why = answer.deductions.map((each) => `−${each.points} ${each.reason}`).concat(answer.note || []).join("；");
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
