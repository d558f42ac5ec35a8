"use strict";
// A guide's phone. What she does without a connection is kept in IndexedDB, by the number its form carries, and sent
// when there is one again, also after a new login; the server takes each number once. No name is kept, but what she
// notes herself.
const who = document.body.dataset.who;
const sign = document.querySelector("[data-waiting]");

const store = (mode, work) => new Promise((done, failed) => {
  const opening = indexedDB.open("newretail-guide", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("deeds", { keyPath: "ref" });
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const deal = opening.result.transaction("deeds", mode);
    const asked = work(deal.objectStore("deeds"));
    deal.oncomplete = () => { opening.result.close(); done(asked.result); };
    deal.onabort = () => failed(deal.error);
  };
});
const waiting = async () => (await store("readonly", (deeds) => deeds.getAll())).filter((deed) => deed.who === who)
  .sort((one, other) => one.at - other.at);

const tell = async () => {
  const count = (await waiting()).length;
  sign.hidden = !count;
  sign.textContent = `${sign.dataset.one} (${count})`;
  return count;
};

// The token of a form goes with its login: a fresh one is sent beside what was kept.
const keep = async (form, { csrfmiddlewaretoken, ...fields }) => {
  await store("readwrite", (deeds) => deeds.put({ ref: fields.ref, who, path: form.getAttribute("action"), fields, at: Date.now() }));
  form.closest(".g-card")?.classList.add("queued");
  form.closest(".g-card")?.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  await tell();
};

let sending = false;
const send = async () => {
  if (sending || !who) return;
  sending = true;
  const refused = [];
  let sent = 0;
  try {
    const csrf = document.querySelector("meta[name=csrf]").content;
    for (const deed of await waiting()) {
      const answer = await fetch(deed.path, {
        method: "POST", redirect: "manual", headers: { "X-Queue": "1", "X-CSRFToken": csrf }, body: new URLSearchParams(deed.fields),
      });
      const judged = answer.status === 200 || answer.status === 404;
      if (!judged) break;
      if (answer.status === 200) refused.push((await answer.json()).refused);
      await store("readwrite", (deeds) => deeds.delete(deed.ref));
      sent += 1;
    }
  } catch { /* no connection yet: it is tried again when there is one */ }
  sending = false;
  const left = await tell();
  const said = refused.filter(Boolean);
  if (said.length) { sign.hidden = false; sign.textContent = `${sign.dataset.refused}: ${said.join(" ")}`; }
  else if (sent && !left) { window.location.reload(); }
};

const keepWhatWasAsked = (event) => {
  const form = event.detail.elt.closest("form[data-deed]");
  const given = [...event.detail.requestConfig.formData.entries()];
  if (!form || given.some(([, value]) => value instanceof File && value.size)) return false;
  keep(form, Object.fromEntries(given.filter(([, value]) => !(value instanceof File))));
  return true;
};
// What cannot wait (a number to call, a photo) says so and is kept nowhere.
const keepOrTell = (event) => {
  if (keepWhatWasAsked(event)) return;
  sign.hidden = false;
  sign.textContent = sign.dataset.needs;
};
// Without a connection nothing is tried; where there seems to be one, what fails is kept too.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  keepOrTell(event);
});
document.body.addEventListener("htmx:sendError", keepOrTell);
document.body.addEventListener("htmx:afterSwap", (event) => passing(event.target.parentElement ?? document));
window.addEventListener("online", send);

const passing = (where) => where.querySelectorAll("[data-passing]").forEach((form) => {
  setTimeout(() => { if (form.isConnected) form.hidden = true; }, Number(form.dataset.passing) * 1000);
});

const copy = async (text) => {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(document.getElementById(button.dataset.copy).innerText);
  button.textContent = button.dataset.copied;
});

// The words and the link leave the phone with the tap, also without a connection; the form tells the house of it.
document.addEventListener("submit", (event) => {
  const { share, link } = event.target.dataset;
  if (!share) return;
  const text = `${document.getElementById(share).textContent.trim()}\n${new URL(link, window.location.origin)}`;
  copy(text);
  if (navigator.share && window.matchMedia("(pointer: coarse)").matches) navigator.share({ text }).catch(() => {});
}, true);

passing(document);
send();
