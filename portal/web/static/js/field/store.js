// What lies in this device: the visits taken along with what was sealed and photographed, each person's in a database of
// its own, opened for whoever is signed in and for nobody else. The key lies apart, by person: it signs within its
// person's sign-in only, reads nothing, and cannot leave.
const KEPT = ["meta", "visits", "entries", "photos", "drafts"];
// The shell knows these names, too (forms.js): whose work is open here, whose waits closed, where leaving is settled.
const OWNER = "field-owner";
const CLOSED = "field-kept-";
const FIRST = "leave-first";
const named = (reader) => `portal-field-${reader}`;

function open(name, stores) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => stores.forEach((store) => asked.result.createObjectStore(store));
    asked.onsuccess = () => {
      // Signing out in another window empties this database: it must not wait for us.
      asked.result.onversionchange = () => { asked.result.close(); location.reload(); };
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let reader = localStorage.getItem(OWNER) ?? "";
let kept;
let keys;
const db = () => (kept ??= open(named(reader), KEPT));
const keyDb = () => (keys ??= open("portal-field-key", ["keys"]));

export const get = async (store, key) => done((await db()).transaction(store).objectStore(store).get(key));
export const put = async (store, key, value) => done((await db()).transaction(store, "readwrite").objectStore(store).put(value, key));
export const drop = async (store, key) => done((await db()).transaction(store, "readwrite").objectStore(store).delete(key));
const of = (visit) => IDBKeyRange.bound([visit], [visit, []]);
export const all = async (store, visit) => done((await db()).transaction(store).objectStore(store).getAll(visit && of(visit)));
export const visits = () => all("visits");

// An entry and the end of its chain are written together or not at all.
export async function append(visit, entry, photos) {
  const work = (await db()).transaction(["visits", "entries", "photos", "drafts"], "readwrite");
  work.objectStore("entries").add(entry, [visit.id, entry.seq]);
  work.objectStore("visits").put(visit, visit.id);
  for (const photo of photos) work.objectStore("photos").put({ visit: visit.id, ...photo }, [visit.id, photo.sha256]);
  if (entry.item) work.objectStore("drafts").delete([visit.id, entry.item]);
  return new Promise((resolve, reject) => {
    work.oncomplete = resolve;
    work.onerror = work.onabort = () => reject(work.error);
  });
}

export async function forget(visit) {
  const work = (await db()).transaction(["visits", "entries", "photos", "drafts"], "readwrite");
  work.objectStore("visits").delete(visit);
  for (const store of ["entries", "photos", "drafts"]) work.objectStore(store).delete(of(visit));
  return new Promise((resolve, reject) => { work.oncomplete = resolve; work.onerror = () => reject(work.error); });
}

// What would be lost with this person's database: sealed and not sent, photographed and not sent, begun and not sealed.
export async function unsent() {
  const of = async (store) => (await all(store)).filter((one) => one.status === "waiting").length;
  return { entries: await of("entries"), photos: await of("photos"), drafts: (await all("drafts")).length };
}
const any = (left) => left.entries + left.photos + left.drafts > 0;

// Somebody else signed in: the former's work that is not sent stays, closed to everybody but its person; the rest goes.
export const become = (next) => navigator.locks.request("field-owner", async () => {
  if (next === reader) return;
  if (reader) await close(any(await unsent()));
  reader = next;
  localStorage.setItem(OWNER, next);
  localStorage.removeItem(CLOSED + next);
});

// Nobody is signed in here any more.
export async function close(keep) {
  const former = reader;
  (await db()).close();
  kept = undefined;
  reader = "";
  localStorage.removeItem(OWNER);
  localStorage.removeItem(FIRST);
  if (keep) localStorage.setItem(CLOSED + former, "yes");
  // A window that still holds it open delays its end, not the person who leaves.
  else await Promise.race([done(indexedDB.deleteDatabase(named(former))), new Promise((go) => { setTimeout(go, 2000); })]);
}
export const owned = () => Boolean(reader);
export const others = () => Object.keys(localStorage).filter((name) => name.startsWith(CLOSED)).length;
addEventListener("storage", ({ key }) => { if (key === OWNER) location.reload(); });

// Other pages send here before signing out while something waits; they cannot look in.
export const tell = (left) => (any(left) ? localStorage.setItem(FIRST, `${location.pathname}#leave`) : localStorage.removeItem(FIRST));

export async function keyOf(account) {
  const store = async (mode) => (await keyDb()).transaction("keys", mode).objectStore("keys");
  const known = await done((await store("readonly")).get(account));
  if (known) return known;
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  await done((await store("readwrite")).put(pair, account));
  return pair;
}
export const dropKey = async (account) => done((await keyDb()).transaction("keys", "readwrite").objectStore("keys").delete(account));
