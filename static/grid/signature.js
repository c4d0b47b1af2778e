/**
 * A canvas to sign on with finger, pen or mouse. White under black ink: the server keeps JPEG, which knows no
 * transparency.
 *
 * signOn(canvas) returns {isEmpty(), clear(), file()}; file() is a promise of a PNG file.
 */
export function signOn(canvas) {
  const pen = canvas.getContext("2d");
  let strokes = 0;

  function clear() {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#10203a";
    strokes = 0;
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) pen.lineTo(...place(part));
    pen.stroke();
    strokes += 1;
  });

  clear();
  return {
    isEmpty: () => strokes === 0,
    clear,
    file: () =>
      new Promise((resolve) =>
        canvas.toBlob((blob) => resolve(new File([blob], "signature.png", { type: "image/png" })), "image/png"),
      ),
  };
}
