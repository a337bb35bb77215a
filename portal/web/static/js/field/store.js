// What lies in this device: the visits taken along with what was sealed and photographed, for one person at a time.
// The key lies apart, by person: it signs within its person's sign-in only, reads nothing, and cannot leave.
const KEPT = ["meta", "visits", "entries", "photos", "drafts"];

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

let kept;
let keys;
const db = () => (kept ??= open("portal-field", KEPT));
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

export async function wipe() {
  const work = (await db()).transaction(KEPT, "readwrite");
  for (const store of KEPT) work.objectStore(store).clear();
  tell(0);
  return new Promise((resolve, reject) => { work.oncomplete = resolve; work.onerror = () => reject(work.error); });
}

// Other pages ask before signing out while something waits; they cannot look in here.
export const tell = (waiting) => (waiting ? localStorage.setItem("field-waiting", waiting) : localStorage.removeItem("field-waiting"));

export async function keyOf(account) {
  const store = async (mode) => (await keyDb()).transaction("keys", mode).objectStore("keys");
  const known = await done((await store("readonly")).get(account));
  if (known) return known;
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  await done((await store("readwrite")).put(pair, account));
  return pair;
}
export const dropKey = async (account) => done((await keyDb()).transaction("keys", "readwrite").objectStore("keys").delete(account));
