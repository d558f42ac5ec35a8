"use strict";
// How long a shared page stood open: told once, when it is left; nothing else of the reader is told.
const { opening, stay } = document.body.dataset;
const began = performance.now();
let told = false;
const leave = () => {
  if (told) return;
  told = true;
  const seconds = Math.min(3600, Math.round((performance.now() - began) / 1000));
  navigator.sendBeacon(stay, new URLSearchParams({ opening, seconds }));
};
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
window.addEventListener("pagehide", leave);
