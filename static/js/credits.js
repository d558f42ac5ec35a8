/* The sum of a channel's shares while they are written: it has to be the whole. */
(function () {
  "use strict";
  const WHOLE = 100;
  document.querySelectorAll("[data-shares]").forEach((row) => {
    const inputs = [...row.querySelectorAll("input")];
    const sum = row.querySelector("output");
    const show = () => {
      const total = inputs.reduce((all, input) => all + (Number.parseFloat(input.value) || 0), 0);
      const empty = inputs.every((input) => !input.value.trim());
      sum.textContent = empty ? "—" : `${+total.toFixed(2)}%`;
      sum.classList.toggle("hq-refusal", !empty && Math.abs(total - WHOLE) > 0.001);
    };
    row.addEventListener("input", show);
    show();
  });
})();
