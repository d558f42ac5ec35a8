/* The search box and the keys of every page: / searches, ? lists the keys, g and a letter go somewhere. */
(() => {
    "use strict";
    const WAIT = 180;

    function start() {
        const form = document.getElementById("hq-seek"), keys = document.getElementById("hq-keys");
        if (!form || !keys) return;
        const box = form.elements.q, list = document.getElementById("hq-results");
        let timer = 0, asking = null, shown = "", at = -1;

        const options = () => [...list.querySelectorAll("[role=option]")];
        const open = (yes) => { list.hidden = !yes; box.setAttribute("aria-expanded", String(yes)); };
        const mark = (place) => {
            const all = options();
            all.forEach((each, i) => { each.id = `hq-option-${i}`; each.setAttribute("aria-selected", String(i === place)); });
            at = place;
            if (all[at]) { all[at].scrollIntoView({ block: "nearest" }); box.setAttribute("aria-activedescendant", all[at].id); }
            else box.removeAttribute("aria-activedescendant");
        };

        async function ask() {
            const term = box.value.trim();
            if (asking) asking.abort();
            if (!term) { shown = ""; open(false); return; }
            asking = new AbortController();
            try {
                const answer = await fetch(form.action, {
                    method: "POST", body: new FormData(form), headers: { "X-Part": "results" },
                    credentials: "same-origin", signal: asking.signal,
                });
                if (answer.redirected || !answer.ok) { location.reload(); return; }
                list.innerHTML = await answer.text();
                shown = term;
                open(true);
                mark(options().length ? 0 : -1);
            } catch (error) {
                if (error.name !== "AbortError") open(false);
            }
        }

        box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
        box.addEventListener("focus", () => { if (shown && shown === box.value.trim()) open(true); });
        box.addEventListener("keydown", (event) => {
            const all = options();
            if (event.key === "Escape") { open(false); box.blur(); }
            else if (event.key === "ArrowDown" && all.length) { event.preventDefault(); mark((at + 1) % all.length); }
            else if (event.key === "ArrowUp" && all.length) { event.preventDefault(); mark((at - 1 + all.length) % all.length); }
            else if (event.key === "Enter") {
                event.preventDefault();
                if (shown === box.value.trim() && all[at]) location.assign(all[at].href);
                else { clearTimeout(timer); ask(); }
            }
        });
        document.addEventListener("click", (event) => { if (!form.contains(event.target)) open(false); });

        const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
        const turn = (selector) => { const link = document.querySelector(selector); if (link) location.assign(link.href); };
        let leading = false;
        document.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || keys.open) return;
            const known = { "/": () => box.focus(), "?": () => keys.showModal(), f: () => document.getElementById("searchbar")?.focus(), n: () => turn("a[rel=next]"), p: () => turn("a[rel=prev]") };
            const place = leading && keys.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
            leading = event.key === "g";
            if (place) { event.preventDefault(); location.assign(place.href); return; }
            if (!known[event.key]) return;
            event.preventDefault();
            event.stopPropagation();
            known[event.key]();
        }, true);
    }
    document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
