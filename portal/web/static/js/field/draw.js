// A signature: strokes on a canvas, kept as moves and lines in whole pixels.
const MOST = 3500;

export function pad(canvas) {
  const pen = canvas.getContext("2d");
  let path = "";
  let points = 0;
  let drawing = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const fit = (value, most) => Math.min(most - 1, Math.max(0, Math.round(value)));
    return [fit(((event.clientX - box.left) * canvas.width) / box.width, canvas.width), fit(((event.clientY - box.top) * canvas.height) / box.height, canvas.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (points >= MOST) return;
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    path += `M${x} ${y}L${x} ${y}`;
    points += 1;
    Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
    pen.beginPath();
    pen.moveTo(x, y);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || points >= MOST) return;
    const [x, y] = at(event);
    path += `L${x} ${y}`;
    points += 1;
    pen.lineTo(x, y);
    pen.stroke();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { drawing = false; });
  return {
    path: () => (points > 3 ? path : ""),
    clear: () => { path = ""; points = 0; pen.clearRect(0, 0, canvas.width, canvas.height); },
  };
}
