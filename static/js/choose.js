/* Choosing a month shows it at once. */
(function () {
  "use strict";
  document.querySelectorAll(".tg-choose select").forEach((select) => select.addEventListener("change", () => select.form.submit()));
})();
