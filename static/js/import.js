/* Importing: the name of the chosen file, enrolling where it can be, and a page that follows the work. */
(function () {
  "use strict";
  const EVERY = 1000;
  const form = document.querySelector(".im-form");
  if (form) {
    const drop = form.querySelector(".im-drop");
    const file = drop.querySelector("[type=file]");
    const name = drop.querySelector("[data-file-name]");
    const kind = form.querySelector("[name=kind]");
    const enrolling = form.dataset.enrolling.split(" ");
    const enrol = form.querySelector("[data-enrol]");
    const offer = () => enrol.classList.toggle("off", !enrolling.includes(kind.value));
    file.addEventListener("change", () => { if (file.files.length) name.textContent = file.files[0].name; });
    ["dragenter", "dragover"].forEach((on) => drop.addEventListener(on, () => drop.classList.add("over")));
    ["dragleave", "drop"].forEach((on) => drop.addEventListener(on, () => drop.classList.remove("over")));
    kind.addEventListener("change", offer);
    form.addEventListener("submit", () => { form.querySelector(".im-main").disabled = true; });
    offer();
  }
  document.querySelectorAll(".im-columns select").forEach((select) =>
    select.addEventListener("change", () => select.closest("tr").classList.toggle("im-off", !select.value)));

  async function follow() {
    const here = document.getElementById("im-state");
    if (!here || !here.dataset.atWork) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = page.getElementById("im-state");
      if (!there) { location.reload(); return; }
      if (here.dataset.stands === there.dataset.stands) {
        here.querySelector(".im-working").innerHTML = there.querySelector(".im-working").innerHTML;
        if (there.querySelector("progress[value]")) here.querySelector("progress").value = there.querySelector("progress").value;
      } else { here.replaceWith(there); }
    } catch (_lost) { /* the network is away for a moment: the next look may find it back */ }
    setTimeout(follow, EVERY);
  }
  setTimeout(follow, EVERY);
})();
