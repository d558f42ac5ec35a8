"use strict";
// The till: a form is sent once, a scanner may write at once while what was found stays in sight; where the browser reads
// codes itself, the camera does what a scanner does.
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", () => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
});
const look = document.getElementById("look");
look?.elements.code.focus({ preventScroll: true });
const scan = look?.querySelector("[data-scan]");
if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  scan.addEventListener("click", async () => {
    const video = look.querySelector("[data-camera]");
    const detector = new window.BarcodeDetector({ formats: ["qr_code", "code_128"] });
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      scan.hidden = true;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const read = async () => {
      const found = await detector.detect(video);
      if (!found.length) { requestAnimationFrame(read); return; }
      stream.getTracks().forEach((track) => track.stop());
      look.elements.code.value = found[0].rawValue;
      look.requestSubmit();
    };
    read();
  });
}
