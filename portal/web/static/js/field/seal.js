// Sealing: canonical text, digest, chain, signature. The server checks the same (portal/inspection/rules/sealing.py).
import * as store from "./store.js";

const GENESIS = "0".repeat(64);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Sorted keys, composed text, whole numbers only.
export function canonical(value) {
  if (typeof value === "string") return JSON.stringify(value.normalize("NFC"));
  if (value === null || typeof value === "boolean" || Number.isInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  throw new TypeError("no canonical form");
}

export async function digest(data) {
  return hex(await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data));
}
export const recordDigest = (visit, entries) => digest(canonical({ entries: [...entries].sort(), visit }));
export const publicKey = async (pair) => base64url(await crypto.subtle.exportKey("raw", pair.publicKey));

const WHY = { 1: "denied", 2: "unavailable", 3: "timeout" };
let last = null;
// Asked for when a visit is opened, so that it is known when something is sealed.
export function locate(patience = 4000) {
  if (!navigator.geolocation) return Promise.resolve({ position: null, no_position: "unsupported" });
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => {
        last = { at: timestamp, lon: coords.longitude.toFixed(7), lat: coords.latitude.toFixed(7), accuracy_m: Math.min(100000, Math.round(coords.accuracy)) };
        resolve({ position: { lon: last.lon, lat: last.lat, accuracy_m: last.accuracy_m }, no_position: "" });
      },
      (fault) => resolve({ position: null, no_position: WHY[fault.code] ?? "unavailable" }),
      { enableHighAccuracy: true, maximumAge: 30000, timeout: patience },
    );
  });
}

// One entry at a time, in whichever window: each names the one before it.
export function seal(visitId, said, photos = []) {
  return navigator.locks.request("field-seal", async () => {
    const visit = await store.get("visits", visitId);
    const meta = await store.get("meta", "owner");
    const pair = await store.keyOf(meta.reader);
    const head = visit.head ?? { seq: 0, digest: GENESIS };
    const captured = new Date().toISOString();
    const body = canonical({
      v: 1, visit: visitId, person: visit.person, device: visit.device.id, seq: head.seq + 1, captured_at: captured,
      prev: head.digest, ...(await locate()), ...said,
    });
    const own = await digest(body);
    const signature = base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, new TextEncoder().encode(body)));
    const entry = { visit: visitId, seq: head.seq + 1, item: said.item ?? "", at: captured, said, body, digest: own, signature, status: "waiting" };
    visit.head = { seq: entry.seq, digest: own };
    await store.append(visit, entry, photos);
    return entry;
  });
}
