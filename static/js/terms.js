/* A form shows the terms of what is chosen alone: a field says of which choices it is, `data-of="kind: scene service"`. */
(function () {
  "use strict";
  const form = document.querySelector("form.hq-form");
  if (!form) return;
  const fields = [...form.querySelectorAll("[data-of]")].map((field) => {
    const [name, choices] = field.dataset.of.split(":");
    return { field, chosen: form.elements[name.trim()], choices: choices.trim().split(/\s+/) };
  });
  function show() {
    fields.forEach(({ field, chosen, choices }) => {
      const hidden = !choices.includes(chosen.value);
      field.hidden = hidden;
      const label = form.querySelector(`label[for="${field.id}"]`);
      if (label) label.hidden = hidden;
      for (let next = field.nextElementSibling; next && next.matches(".hq-bad"); next = next.nextElementSibling) next.hidden = false;
    });
  }
  form.addEventListener("change", show);
  show();
})();
