/* Choosing among stores: the list comes when the switcher is opened; typing narrows it, arrows walk it, Esc closes. */
(() => {
    "use strict";
    const WAIT = 200;

    function sift(holder) {
        const box = holder.querySelector("[data-sift]"), list = holder.querySelector("[data-list]");
        let timer = 0;
        const links = () => [...list.querySelectorAll("a[data-find]")];
        const shown = () => links().filter((link) => !link.closest("li").hidden);

        async function fetched() {
            const address = new URL(list.dataset.list, location.href);
            address.searchParams.set("q", box.value.trim());
            const answer = await fetch(address, { credentials: "same-origin" });
            if (answer.redirected || !answer.ok) { location.assign(list.querySelector("a").href); return; }
            list.innerHTML = await answer.text();
        }
        function narrow() {
            const words = box.value.trim().toLowerCase().split(/\s+/);
            links().forEach((link) => { link.closest("li").hidden = !words.every((word) => link.dataset.find.toLowerCase().includes(word)); });
            list.querySelectorAll("[data-group]").forEach((group) => { group.hidden = !group.querySelector("li:not([hidden])"); });
            const none = holder.querySelector("[data-none]");
            if (none) none.hidden = shown().length > 0;
        }
        box.addEventListener("input", () => {
            const cut = list.querySelector("[data-cut]") || list.dataset.asked;
            narrow();
            if (!cut || !list.dataset.list) return;
            list.dataset.asked = "1";
            clearTimeout(timer);
            timer = setTimeout(() => fetched().then(narrow), WAIT);
        });
        holder.addEventListener("keydown", (event) => {
            const all = shown(), at = all.indexOf(document.activeElement);
            const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
            if (to !== undefined && all.length) {
                event.preventDefault();
                (to < 0 ? box : all[to % all.length]).focus();
            } else if (event.key === "Enter" && event.target === box) {
                event.preventDefault();
                if (all.length) location.assign(all[0].href);
            }
        });
        return { box, fetched };
    }

    document.querySelectorAll("[data-sifted]").forEach(sift);
    document.querySelectorAll("details[data-switch]").forEach((details) => {
        const { box, fetched } = sift(details);
        let ready = null;
        details.addEventListener("toggle", () => {
            if (!details.open) return;
            ready = ready || fetched();
            box.focus();
        });
        const close = (back) => { details.open = false; if (back) details.querySelector("summary").focus(); };
        details.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(true); } });
        document.addEventListener("click", (event) => { if (details.open && !details.contains(event.target)) close(false); });
    });
})();
