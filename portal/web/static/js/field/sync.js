// What is exchanged while there is a network: who is signed in, visits taken along, entries, then their photos.
import * as store from "./store.js";
import { publicKey } from "./seal.js";

const URLS = JSON.parse(document.body.dataset.urls);
const MOST = 100;
const url = (name, visit, photo) => URLS[name].replace("VISIT", visit ?? "").replace("PHOTO", photo ?? "");

// What keeps a sending from being made: no network, or nobody signed in. A refusal is an answer and carries its words.
export class Away extends Error {}
// Somebody else was at the same thing, or too much came at once: nothing is wrong with what was sent.
class Again extends Away {}
export class SignedOut extends Error {}
export class Refused extends Error {}

async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { redirect: "manual", headers: { Accept: "application/json", ...options.headers }, ...options });
  } catch { throw new Away(); }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new SignedOut();
  const told = (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? await answer.json() : {};
  if (answer.status >= 500) throw new Away();
  if (!told.problem && [408, 409, 425, 429].includes(answer.status)) throw new Again();
  if (!answer.ok) throw Object.assign(new Refused(told.text ?? String(answer.status)), { code: told.problem ?? String(answer.status) });
  return told;
}

async function send(address, body, kind) {
  const { token } = await store.get("meta", "owner");
  const headers = { Accept: "application/json", "X-CSRFToken": token, ...(kind ? { "Content-Type": kind } : {}) };
  return ask(address, { method: "POST", body, headers });
}

// A photo is given up on the portal's word about it alone, and not because another was being written.
async function patiently(work, tries = 4) {
  try {
    return await work();
  } catch (why) {
    if (!(why instanceof Again) || tries === 1) throw why;
    await new Promise((go) => { setTimeout(go, 700); });
    return patiently(work, tries - 1);
  }
}

// Somebody else's things are closed before anything of this person is shown.
export async function greet() {
  const told = await ask(url("visits"));
  await store.become(told.reader);
  const { visits, ...who } = told;
  await store.put("meta", "owner", who);
  await store.put("meta", "list", visits);
  return told;
}

async function enrol(reader, again = false) {
  const pair = await store.keyOf(reader);
  const said = JSON.stringify({ public_key: await publicKey(pair), label: deviceName() });
  try {
    return await send(url("devices"), said, "application/json");
  } catch (refused) {
    if (refused.code !== "device_revoked" || again) throw refused;
    // A device that was ended begins anew, under another key.
    await store.dropKey(reader);
    return enrol(reader, true);
  }
}

function deviceName() {
  const brands = navigator.userAgentData?.brands?.filter((one) => !/not/i.test(one.brand)).map((one) => one.brand) ?? [];
  const system = navigator.userAgentData?.platform || /\(([^;)]+)/.exec(navigator.userAgent)?.[1] || "";
  return [system, brands.at(-1) ?? ""].filter(Boolean).join(" · ").slice(0, 60);
}

export async function takeAlong(visit) {
  const { reader } = await store.get("meta", "owner");
  const device = await enrol(reader);
  const told = await ask(`${url("visit", visit)}?device=${device.id}`);
  await navigator.storage?.persist?.();
  await navigator.locks.request("field-seal", async () => {
    const known = await store.get("visits", visit);
    const same = known?.device.id === device.id;
    await store.put("visits", visit, { id: visit, ...told, synced: Date.now(), skew: Date.now() - Date.parse(told.now), head: same ? known.head : told.head });
  });
}

// A visit as the server sees it now; the own chain goes on from here, not from there.
function take(visit, told) {
  return navigator.locks.request("field-seal", async () => {
    const kept = await store.get("visits", visit);
    if (!kept) return;
    const { items, signatures, awaited, altered } = told;
    await store.put("visits", visit, { ...kept, items, signatures, awaited, altered, gone: false, synced: Date.now(), skew: Date.now() - Date.parse(told.now) });
  });
}

async function sendEntries(visit) {
  const { device } = await store.get("visits", visit);
  const waiting = (await store.all("entries", visit)).filter((entry) => entry.status === "waiting").sort((a, b) => a.seq - b.seq);
  do {
    const part = waiting.splice(0, MOST);
    const entries = part.map(({ body, digest, signature }) => ({ body, digest, signature }));
    const told = await send(url("entries", visit), JSON.stringify({ device: device.id, now: new Date().toISOString(), entries }), "application/json");
    for (const [place, entry] of part.entries()) {
      const { code, fault } = told.outcomes[place];
      const status = code === "taken" || code === "known" ? "sent" : "refused";
      await store.put("entries", [visit, entry.seq], { ...entry, status, code, fault });
    }
    await take(visit, told);
  } while (waiting.length);
}

async function sendPhotos(visit) {
  const { awaited } = await store.get("visits", visit);
  // The photos first: whatever is sealed in between has its entry among those read after.
  const photos = await store.all("photos", visit);
  const entries = await store.all("entries", visit);
  const named = (status) => new Set(entries.filter((entry) => entry.status === status).flatMap((entry) => entry.said.photos ?? []));
  const [taken, coming] = [named("sent"), named("waiting")];
  for (const photo of photos) {
    // Sealed while the others were on their way, it goes when its entry has gone.
    if (photo.status !== "waiting" || coming.has(photo.sha256)) continue;
    if (!awaited.includes(photo.sha256)) {
      // It has arrived before, or the entry that names it was not taken.
      await store.put("photos", [visit, photo.sha256], { ...photo, status: taken.has(photo.sha256) ? "sent" : "refused" });
      continue;
    }
    const form = new FormData();
    form.append("photo", new Blob([photo.bytes], { type: photo.type }), photo.name);
    try {
      const { altered } = await patiently(() => send(url("photo", visit, photo.sha256), form));
      await store.put("photos", [visit, photo.sha256], { ...photo, status: altered ? "altered" : "sent" });
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      await store.put("photos", [visit, photo.sha256], { ...photo, status: "refused", code: refused.message });
    }
  }
}

export async function waiting() {
  const left = await store.unsent();
  store.tell(left);
  return left;
}

// What stays is closed to everybody else; what does not is gone. The sign-in ends first: without network nothing changes.
export async function signOut(keep) {
  const { token } = await greet();
  const once = Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    await ask(URLS.sign_out, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token, "Idempotency-Key": once } });
  } catch (ended) { if (!(ended instanceof SignedOut)) throw ended; }
  sessionStorage.clear();
  await store.close(keep);
}

export function sync() {
  return navigator.locks.request("field-sync", async () => {
    await greet();
    for (const { id } of await store.visits()) {
      try {
        await sendEntries(id);
        await sendPhotos(id);
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        // No longer this person's visit: it says so when it is opened, and what was sealed stays here.
        const kept = await store.get("visits", id);
        await store.put("visits", id, { ...kept, gone: true });
      }
    }
  });
}
