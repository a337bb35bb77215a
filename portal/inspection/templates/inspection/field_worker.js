// Opens the page in the field without network. It keeps the page's own files and nothing that belongs to anybody: what is
// taken along lies in the page's database, and every other request goes to the network untouched.
const SHELL = {{ url_for("inspection.field")|tojson }};
const ASSETS = [
{% for name in sheets %}  {{ static_url(name)|tojson }},
{% endfor %}{% for name in modules %}  {{ static_url(name)|tojson }}, {{ ("/static/" ~ name)|tojson }},
{% endfor %}  {{ static_url("img/shield.svg")|tojson }},
];
const CACHE = `field ${ASSETS.join(" ")}`;
const PATIENCE = 3000;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === SHELL && event.request.mode === "navigate") event.respondWith(shell(event.request));
  else if (ASSETS.includes(url.pathname)) event.respondWith(asset(event.request));
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(ASSETS.map((name) => new Request(name, { cache: "reload" })));
  const page = await fetch(SHELL, { redirect: "manual" });
  if (page.ok) await cache.put(SHELL, page);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("field ") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

// The network first, so that whoever is signed out is asked to sign in and a new release is seen; but a network that
// does not answer is none.
async function shell(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(SHELL);
  const fetched = fetch(request).then(async (page) => {
    if (page.ok && !page.redirected) await cache.put(SHELL, page.clone());
    return page;
  });
  if (!kept) return fetched;
  const waited = new Promise((resolve) => { setTimeout(resolve, PATIENCE, kept); });
  try { return await Promise.race([fetched, waited]); } catch { return kept; }
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
