// Sends files in parts, one after another, and goes on by itself where a cut line left off; after a closed window or a
// restart, when the same file is chosen again (tus-js-client keeps the address of what is unfinished in this browser).
// Without this script the plain form beside it takes smaller files.
const form = document.querySelector("form[data-upload]");
const input = form?.querySelector("input[type=file]");
const list = form?.querySelector("[data-upload-list]");
const words = form?.dataset ?? {};
const AGAIN_MS = 30_000;
const LOOK_MS = 2_000;
const queue = [];

class Sending {
  constructor(file) {
    this.file = file;
    this.row = form.querySelector("template").content.firstElementChild.cloneNode(true);
    this.row.querySelector("[data-name]").textContent = file.name;
    this.bar = this.row.querySelector("progress");
    this.bar.setAttribute("aria-label", file.name);
    for (const act of ["stop", "go", "drop"]) this.row.querySelector(`[data-${act}]`).addEventListener("click", () => this[act]());
    list.append(this.row);
    this.tell("waiting", words.waiting);
  }

  tell(state, text) {
    this.state = state;
    this.row.dataset.state = state;
    this.row.querySelector("[data-text]").textContent = text;
    for (const [act, states] of [["stop", "sending cut"], ["go", "stopped refused"], ["drop", "waiting stopped refused"]]) {
      this.row.querySelector(`[data-${act}]`).hidden = !states.split(" ").includes(state);
    }
    if (state !== "sending") form.querySelector("[data-upload-said]").textContent = `${this.file.name}: ${text}`;
  }

  start() {
    this.tell("sending", words.waiting);
    this.upload ??= this.make();
    if (this.found) { this.upload.start(); return; }
    this.upload.findPreviousUploads().then((before) => {
      this.found = true;
      const ours = (one) => new URL(one.uploadUrl, location.href).pathname.startsWith(new URL(form.action).pathname);
      const same = before.find(ours);
      if (same) this.upload.resumeFromPreviousUpload(same);
      if (this.state === "sending") this.upload.start();
    });
  }

  make() {
    return new tus.Upload(this.file, {
      endpoint: form.action,
      chunkSize: Number(words.part),
      retryDelays: [0, 1000, 3000, 10000],
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "" },
      metadata: { filename: this.file.name },
      onShouldRetry: (error) => {
        const answer = error.originalResponse?.getStatus() ?? 0;
        if (answer >= 400 && answer < 500 && ![408, 409, 423, 460].includes(answer)) return false;
        if (!answer && this.state === "sending") this.tell("cut", words.cut);
        return true;
      },
      onProgress: (sent, whole) => {
        if (this.state !== "sending" && this.state !== "cut") return;
        this.bar.value = sent / whole;
        this.tell("sending", words.sending.replace("{share}", Math.floor((sent / whole) * 100)));
      },
      onError: (error) => this.failed(error.originalResponse),
      onSuccess: () => { this.bar.value = 1; this.tell("done", words.arrived); next(); },
    });
  }

  // Nobody answered: it is tried again until somebody does. An answer is a refusal, in the portal's own words.
  failed(answer) {
    if (answer?.getStatus()) { this.tell("refused", answer.getBody() || words.failed); next(); return; }
    this.tell("cut", words.cut);
    this.timer = setTimeout(() => this.again(), AGAIN_MS);
  }

  again() {
    clearTimeout(this.timer);
    // The client's own next try is called off: two senders of one part would stand in each other's way.
    if (this.state === "cut") this.upload.abort().then(() => this.start());
  }

  stop() {
    clearTimeout(this.timer);
    this.upload.abort();
    this.tell("stopped", words.stopped);
    next();
  }

  go() {
    this.tell("waiting", words.waiting);
    next();
  }

  drop() {
    this.upload?.abort(true).catch(() => {});
    this.row.remove();
    queue.splice(queue.indexOf(this), 1);
    next();
  }
}

const busy = () => queue.some((one) => ["sending", "cut"].includes(one.state));

function next() {
  if (busy()) return;
  const waiting = queue.find((one) => one.state === "waiting");
  if (waiting) { waiting.start(); return; }
  if (queue.length && queue.every((one) => one.state === "done")) location.assign(words.done);
  else look();
}

// Before the page's other listeners: the form is not sent, so nothing of it is "sent once".
addEventListener("submit", (event) => {
  if (event.target !== form || !input.files.length || typeof tus === "undefined" || !tus.isSupported) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  queue.push(...[...input.files].map((file) => new Sending(file)));
  input.value = "";
  input.dispatchEvent(new Event("change"));
  next();
}, true);

addEventListener("online", () => queue.forEach((one) => one.again()));
addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });

// Digests are made by a job: the list is looked at again until they are there.
async function look() {
  const shown = document.getElementById("arriving");
  const answer = shown && (await fetch(shown.dataset.look, { headers: { Accept: "text/html" } }).catch(() => null));
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("arriving");
  if (fresh && !shown.contains(document.activeElement)) shown.replaceChildren(...fresh.childNodes);
  if (fresh) await later();
}

async function later() {
  if (!document.querySelector("#arriving [data-digesting]")) return;
  await new Promise((done) => { setTimeout(done, LOOK_MS); });
  await look();
}

later();
