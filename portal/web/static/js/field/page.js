// The page in the field: which visits there are, one visit with its items and signatures, and how it is sent.
import * as store from "./store.js";
import { locate, recordDigest, seal } from "./seal.js";
import { Away, Refused, SignedOut, greet, signOut, sync, takeAlong, waiting } from "./sync.js";
import { named, shown, signatures, standing } from "./record.js";
import { drawItem } from "./item.js";
import { byId, clock, day, fault, fill, once, status, word } from "./parts.js";
import { pad } from "./draw.js";

const pen = pad(byId("pad"));
const PATIENCE = 3000;
let signedOut = false;

function say(kind, text, link) {
  const box = byId("say");
  box.replaceChildren();
  if (!text) return;
  const line = document.createElement("p");
  line.append(status(kind, text));
  if (link) line.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: word("sign_in") }));
  box.append(line);
}

async function showState() {
  const left = await waiting();
  const count = left.entries + left.photos;
  byId("net").replaceChildren(navigator.onLine ? status("ok", word("online")) : status("off", word("offline")));
  byId("waiting").replaceChildren(count ? status("info", word("waiting", { count })) : status("ok", word("all_sent")));
  const at = Math.max(0, ...(await store.visits()).map((visit) => visit.synced));
  byId("synced").textContent = at ? word("synced", { at: clock(at) }) : "";
  const owner = await store.get("meta", "owner");
  byId("who").textContent = owner?.name ?? "";
  byId("to-leave").hidden = !store.owned();
  byId("sync").hidden = !navigator.onLine || !store.owned();
  return left;
}

const only = (name) => { for (const id of ["home", "visit", "leave"]) byId(id).hidden = id !== name; };

// ---- the list of visits ----
async function showHome() {
  only("home");
  const taken = new Map((await store.visits()).map((one) => [one.id, one]));
  const told = (await store.get("meta", "list")) ?? [];
  const rows = [...told, ...[...taken.values()].filter((one) => !told.some((line) => line.id === one.id)).map((one) => one.visit)];
  byId("no-visits").hidden = rows.length > 0 || !store.owned();
  byId("nobody").hidden = store.owned();
  byId("others").hidden = !store.others();
  byId("others").lastElementChild.textContent = word("others", { count: store.others() });
  byId("visits").replaceChildren(...rows.map((line) => {
    const { root, parts } = fill("t-visit");
    const here = taken.get(line.id);
    parts.system.textContent = line.system || line.kind;
    parts.unit.textContent = line.unit;
    parts.when.textContent = `${day(line.starts)} – ${clock(line.ends)} · ${line.kind}`;
    parts.address.textContent = line.address;
    parts.state.append(here ? status("ok", word("here")) : line.stays ? status("off", word("stays")) : "");
    parts.open.hidden = !here;
    parts.open.href = `#${line.id}`;
    parts.take.hidden = Boolean(here) || line.stays;
    parts.take.addEventListener("click", () => act(async () => { await takeAlong(line.id); location.hash = line.id; }));
    return root;
  }));
}

// ---- one visit ----
const busy = () => document.activeElement?.closest(".field-item, #sign");

// Drawn aside from what somebody does, it leaves alone what somebody is at, and opens again what was open: asked at the last
// moment, for between looking and drawing a finger may have come down.
async function showVisit(id, open = "", aside = false) {
  const visit = await store.get("visits", id);
  if (!visit) { location.hash = ""; return; }
  only("visit");
  const entries = await store.all("entries", id);
  const photos = await store.all("photos", id);
  if (aside && busy()) return;
  const opened = aside ? [...document.querySelectorAll(".field-item[open]")].map((item) => item.id) : [];
  const stand = standing(visit, entries);
  byId("visit-title").textContent = visit.visit.system;
  byId("visit-sub").textContent = [visit.visit.unit, visit.visit.address, `${day(visit.visit.starts)} – ${clock(visit.visit.ends)}`, visit.visit.people.join(word("comma"))].join(" · ");
  const seconds = Math.round(visit.skew / 1000);
  byId("clock").hidden = Math.abs(seconds) <= visit.clock_seconds;
  byId("clock").lastElementChild.textContent = word("clock_off", { seconds });
  if (visit.gone) say("bad", word("gone"));
  const asked = shown(visit, stand);
  const done = asked.filter((item) => stand[item.key].answer).length;
  byId("progress-text").textContent = word("progress", { done, count: asked.length });
  Object.assign(byId("progress"), { value: done, max: asked.length });
  const groups = visit.list.groups.map((group) => {
    const box = document.createElement("section");
    box.append(Object.assign(document.createElement("h2"), { textContent: group.text }));
    box.append(...asked.filter((item) => item.group === group.key).map((item) => drawItem(visit, item, stand, photos, (key) => after(id, asked, key))));
    return box;
  });
  byId("items").replaceChildren(...groups.filter((box) => box.childElementCount > 1));
  for (const key of opened) byId(key)?.setAttribute("open", "");
  if (open) openAt(open);
  const digests = named(stand);
  byId("signatures").replaceChildren(...signatures(visit, entries).map((one) => {
    const line = document.createElement("li");
    const covered = digests.every((digest) => one.entries.includes(digest));
    const what = one.refused ? `${word("refusal")}${word("colon")}${one.refused}` : word(one.capacity);
    line.append(status(covered ? "ok" : "warn", `${one.name} · ${what} · ${clock(one.at)}${covered ? "" : ` · ${word("stale")}`}`));
    return line;
  }));
  byId("device-line").textContent = word("device", { label: visit.device.label, edition: visit.list.edition });
  if (!byId("sign-name").value) byId("sign-name").dataset.own = visit.name;
}

function openAt(key) {
  const item = byId(`item-${key}`);
  if (!item) return;
  item.open = true;
  item.scrollIntoView({ block: "start" });
}

// Sealed: on to the next item that is open, and away with it if there is a network.
async function after(id, asked, key) {
  const visit = await store.get("visits", id);
  const stand = standing(visit, await store.all("entries", id));
  const place = asked.findIndex((item) => item.key === key);
  const next = [...asked.slice(place + 1), ...asked.slice(0, place)].find((item) => !stand[item.key].answer);
  await showVisit(id, next?.key ?? "");
  await showState();
  if (navigator.onLine && !signedOut) send();
}

const current = () => location.hash.slice(1);
async function show(aside = false) {
  // First what waits: whoever sees a signature listed may trust the line above it.
  await showState();
  await (current() === "leave" ? showLeave() : current() ? showVisit(current(), "", aside) : showHome());
}

// ---- signing out ----
async function showLeave() {
  const left = await showState();
  if (!store.owned()) { location.hash = ""; return; }
  only("leave");
  const some = left.entries + left.photos + left.drafts > 0;
  const said = Object.entries(left).filter(([, count]) => count).map(([kind, count]) => word(`left_${kind}`, { count }));
  byId("leave-told").replaceChildren(some ? status("warn", said.join(word("comma"))) : status("ok", word("all_sent")));
  byId("leave-away").hidden = navigator.onLine;
  byId("leave-plain").hidden = some || !navigator.onLine;
  byId("leave-ways").hidden = !some || !navigator.onLine;
  byId("leave-send").hidden = left.entries + left.photos === 0;
}

const go = (keep) => act(async () => { await signOut(keep); location.assign("/sign-in"); });
byId("leave-send").querySelector("button").addEventListener("click", async () => { await act(sync); await showLeave(); });
byId("leave-keep").addEventListener("click", () => go(true));
byId("leave-plain").addEventListener("click", () => go(false));
byId("leave-drop").addEventListener("submit", (event) => {
  event.preventDefault();
  const sure = byId("leave-sure").checked;
  fault(byId("leave-error"), sure ? "" : word("leave_sure"));
  if (sure) go(false);
});

// ---- sending ----
async function act(work) {
  try {
    say();
    await work();
    signedOut = false;
  } catch (fault_) {
    if (fault_ instanceof SignedOut) {
      signedOut = true;
      say("warn", word("signed_out"), `/sign-in?next=${encodeURIComponent(location.pathname)}`);
    } else if (fault_ instanceof Refused) say("bad", fault_.message);
    else if (!(fault_ instanceof Away)) throw fault_;
  }
  await showState();
}

async function send() {
  await act(sync);
  await show(true);
}

// ---- signatures ----
byId("sign").addEventListener("change", () => {
  const capacity = byId("sign").elements.capacity.value;
  byId("sign-why").hidden = capacity !== "refused";
  byId("sign-draw").hidden = capacity === "refused";
  if (capacity === "inspector" && !byId("sign-name").value) byId("sign-name").value = byId("sign-name").dataset.own ?? "";
});
byId("pad-clear").addEventListener("click", () => pen.clear());
byId("sign").addEventListener("submit", (event) => { event.preventDefault(); once(byId("sign"), sign); });
async function sign() {
  const id = current();
  const capacity = byId("sign").elements.capacity.value;
  const name = byId("sign-name").value.trim();
  const refused = capacity === "refused" ? byId("sign-reason").value.trim() : "";
  const path = capacity === "refused" ? "" : pen.path();
  const digests = named(standing(await store.get("visits", id), await store.all("entries", id)));
  const missing = !digests.length ? "sign_nothing" : !name ? "sign_name" : capacity === "refused" && !refused ? "sign_reason" : capacity !== "refused" && !path ? "sign_path" : "";
  fault(byId("sign-error"), missing && word(missing));
  if (missing) return;
  const record = await recordDigest(id, digests);
  await seal(id, { kind: "signature", capacity: capacity === "inspector" ? capacity : "unit", name, path, refused, entries: digests, record });
  pen.clear();
  byId("sign").reset();
  byId("sign").dispatchEvent(new Event("change"));
  await show();
  if (navigator.onLine && !signedOut) send();
}

// ---- handing in ----
byId("hand-in").addEventListener("click", () => act(async () => {
  const id = current();
  await sync();
  // A photo that differs from its seal is awaited for ever: what counts is whether anything waits here.
  const here = [...(await store.all("entries", id)), ...(await store.all("photos", id))];
  if (here.some((one) => one.status === "waiting")) { say("warn", word("not_yet")); return; }
  await store.forget(id);
  location.hash = "";
}));
byId("sync").addEventListener("click", send);
addEventListener("online", () => { showState(); send(); });
addEventListener("offline", () => (current() === "leave" ? showLeave() : showState()));
addEventListener("hashchange", () => { say(); show(); locate(); });
byId("back").addEventListener("click", (event) => { event.preventDefault(); location.hash = ""; });

// Whose work lies open here is asked before any of it is shown; but a network that does not answer is none.
if (navigator.onLine) {
  const met = act(greet);
  await Promise.race([met, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  met.then(() => show());
}
await show();
if (current()) locate();
const left = await waiting();
if (left.entries + left.photos && navigator.onLine && !signedOut && current() !== "leave") send();
sessionStorage.removeItem("leaving");
try { await navigator.serviceWorker?.register("/field/sw.js", { scope: "/field/", updateViaCache: "none" }); } catch { /* a browser that keeps none works with a network */ }
document.body.dataset.ready = "yes";
