// Sends a file in parts and goes on where a cut line, a closed window or a restart left off (tus-js-client keeps the
// address of an unfinished upload in this browser). Without this script the plain form beside it takes smaller files.
const form = document.querySelector("form[data-upload]");
const input = form?.querySelector("input[type=file]");
const shown = form?.querySelector("[data-upload-progress]");

function tell(text, share) {
  shown.hidden = false;
  shown.querySelector("progress").value = share;
  shown.querySelector("[data-upload-text]").textContent = text;
}

function send(file) {
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const button = form.querySelector("button");
  button.disabled = true;
  const upload = new tus.Upload(file, {
    endpoint: form.action,
    chunkSize: Number(form.dataset.part),
    retryDelays: [0, 1000, 3000, 10000, 30000],
    removeFingerprintOnSuccess: true,
    headers: { "X-CSRFToken": token },
    metadata: { filename: file.name },
    onShouldRetry: (error) => ![403, 404, 410, 413].includes(error.originalResponse?.getStatus()),
    onProgress: (sent, whole) => tell(form.dataset.sending.replace("{share}", Math.floor((sent / whole) * 100)), sent / whole),
    onError: (error) => {
      button.disabled = false;
      tell(error.originalResponse?.getBody() || form.dataset.failed, shown.querySelector("progress").value);
    },
    onSuccess: () => location.assign(form.dataset.done),
  });
  upload.findPreviousUploads().then((before) => {
    const same = before.find((one) => new URL(one.uploadUrl, location.href).pathname.startsWith(new URL(form.action).pathname));
    if (same) upload.resumeFromPreviousUpload(same);
    upload.start();
  });
}

form?.addEventListener("submit", (event) => {
  if (!input.files.length || typeof tus === "undefined" || !tus.isSupported) return;
  event.preventDefault();
  // The page's own guard against leaving is for typed text; the next page is ours.
  event.stopPropagation();
  send(input.files[0]);
});
