/* The grid of targets: rows from the page's data, sums as one types, sharing out to the last unit, keys and paste. */
(function () {
  "use strict";
  const holder = document.getElementById("tg-data");
  if (!holder) return;
  const D = JSON.parse(holder.textContent);
  const W = D.words;
  const body = document.querySelector("[data-rows]");
  const form = document.querySelector("[data-save]");
  const scale = D.unit === "count" ? 1 : 100;
  const rows = new Map(D.rows.map((r) => [r.k, { ...r, below: [], open: false, was: r.a }]));
  const known = [...rows.values()];
  known.forEach((r) => { if (rows.has(r.p)) rows.get(r.p).below.push(r); });
  const tops = known.filter((r) => !rows.has(r.p));
  let picked = null;

  const grouped = (v, d) => (v / scale).toLocaleString("en-US", { minimumFractionDigits: d, maximumFractionDigits: d });
  const plain = (v) => (v === null ? "" : grouped(v, D.unit !== "count" && v % 100 ? 2 : 0));
  function shown(v) {
    if (v === null || v === undefined) return "—";
    if (D.unit === "rate") return `${(v / 100).toFixed(1)}%`;
    return D.unit === "money" ? `${v < 0 ? "-" : ""}¥${grouped(Math.abs(v), 0)}` : grouped(v, 0);
  }
  function read(text) {
    const bare = text.replace(/[\s,，¥￥%]/g, "");
    if (bare === "") return null;
    const good = D.unit === "count" ? /^[0-9]{1,10}$/ : /^[0-9]{1,12}(\.[0-9]{1,2})?$/;
    return good.test(bare) ? Math.round(Number(bare) * scale) : undefined;
  }

  /* What a row stands for: its own target, else the sum of those below it. */
  function sumBelow(r) {
    const parts = r.below.map(value).filter((v) => v !== null && v !== undefined);
    return D.additive && parts.length ? parts.reduce((a, b) => a + b, 0) : null;
  }
  function value(r) { return r.a === null || r.a === undefined ? sumBelow(r) : r.a; }
  function apart(r) {
    const below = sumBelow(r);
    return below === null || r.a === null || r.a === undefined ? 0 : r.a - below;
  }

  function cell(text, kind) { const td = document.createElement("td"); td.className = kind || "hq-r"; td.textContent = text; return td; }

  function nameOf(r) { return r.kind === "brand" ? W.whole : r.kind === "online" ? W.online : r.n || r.c; }

  function build(r) {
    const tr = document.createElement("tr");
    tr.className = `tg-${r.kind}`;
    tr.dataset.key = r.k;
    const first = cell("", "");
    const place = document.createElement("span");
    place.className = "tg-place";
    const fold = document.createElement("button");
    fold.type = "button"; fold.textContent = "▸"; fold.className = `tg-fold${r.below.length ? "" : " none"}`;
    fold.setAttribute("aria-expanded", "false"); fold.setAttribute("aria-label", W.show);
    fold.addEventListener("click", () => { toggle(r); });
    const name = document.createElement("button");
    name.type = "button"; name.className = "tg-name"; name.textContent = nameOf(r); name.title = `${nameOf(r)} ${r.c}`;
    name.addEventListener("click", () => pick(r));
    const code = document.createElement("small");
    code.textContent = r.kind === "store" ? r.c : r.kind === "guide" ? r.c.split("/").pop() : "";
    place.append(fold, name, code);
    if (r.link) {
      const link = document.createElement("a");
      link.href = `${r.link}?month=${D.month}&metric=${D.metric}`; link.textContent = W.day;
      place.append(link);
    }
    first.append(place);
    const target = cell("");
    const input = document.createElement("input");
    input.className = "tg-cell"; input.inputMode = "decimal"; input.maxLength = 20; input.readOnly = !r.set;
    input.setAttribute("aria-label", nameOf(r));
    if (!r.set) input.tabIndex = -1;
    target.append(input);
    tr.append(first, target);
    r.tr = tr; r.input = input; r.fold = fold;
    if (D.additive) { r.off = cell(""); tr.append(r.off); }
    tr.append(cell(shown(r.act)));
    if (D.additive) {
      r.part = cell("");
      const gap = cell(shown(r.gap)); if (r.gap) gap.classList.add(r.gap < 0 ? "hq-down" : "hq-up");
      r.each = cell(r.left ? shown(Math.round(r.need / r.left)) : "—");
      const going = cell(r.fc ? shown(r.fc[0]) : "—", "hq-r tg-fc");
      if (r.fc) { const span = document.createElement("small"); span.textContent = `${shown(r.fc[1])} – ${shown(r.fc[2])}`; going.append(span); }
      tr.append(r.part, gap, r.each, going, cell(shown(r.ly)));
    } else {
      r.part = cell(""); tr.append(r.part);
    }
    input.value = plain(r.a);
    input.addEventListener("input", () => { set(r, read(input.value), true); });
    input.addEventListener("focus", () => { pick(r); if (r.set) input.select(); });
    input.addEventListener("keydown", (event) => keys(event, r));
    input.addEventListener("paste", (event) => paste(event, r));
  }

  function set(r, amount, typed) {
    r.a = amount;
    if (!typed) r.input.value = plain(amount === undefined ? null : amount);
    refresh();
  }
  const dirty = (r) => r.set && r.a !== r.was;

  function refresh() {
    const wrong = known.some((r) => r.a === undefined);
    const changed = known.filter(dirty);
    let differing = 0;
    known.forEach((r) => {
      const sum = sumBelow(r);
      r.input.classList.toggle("dirty", dirty(r));
      r.input.classList.toggle("wrong", r.a === undefined);
      r.input.placeholder = sum === null ? (r.set ? W.unset : "—") : plain(sum);
      r.input.title = r.a === undefined ? W.wrong : sum !== null && r.a === null ? W.summed : "";
      const whole = value(r);
      if (D.additive) {
        const off = apart(r);
        r.off.textContent = sum === null || r.a === null ? "" : off === 0 ? "✓" : shown(off);
        r.off.className = `hq-r ${off === 0 ? "tg-ok" : "tg-off"}`;
        if (off !== 0) differing += 1;
        r.part.textContent = whole && r.act !== null && r.act !== undefined ? `${(100 * r.act / whole).toFixed(1)}%` : "—";
      } else {
        const lack = whole !== null && r.act !== null && r.act !== undefined ? r.act - whole : null;
        r.part.textContent = shown(lack);
        r.part.className = `hq-r ${lack === null || lack === 0 ? "" : lack < 0 ? "hq-down" : "hq-up"}`;
      }
    });
    if (!form) return;
    offer();
    const told = [changed.length ? W.changed.replace("%(n)s", changed.length) : "", differing ? W.differ.replace("%(n)s", differing) : ""];
    form.querySelector("[data-count]").textContent = told.filter(Boolean).join(" · ");
    form.querySelector("[data-confirm]").hidden = !differing;
    form.querySelector(".tg-go").disabled = wrong || !changed.length;
    form.querySelector("[data-undo]").disabled = !changed.length && !wrong;
  }

  function draw() {
    const flat = [];
    (function walk(list) { list.forEach((r) => { flat.push(r.tr); if (r.open) walk(r.below); }); })(tops);
    body.replaceChildren(...flat);
  }
  function toggle(r, open) {
    r.open = open === undefined ? !r.open : open;
    r.fold.setAttribute("aria-expanded", String(r.open));
    draw();
  }
  function pick(r) {
    if (picked) picked.tr.classList.remove("tg-picked-row");
    picked = r;
    r.tr.classList.add("tg-picked-row");
    const label = document.querySelector("[data-picked]");
    if (label) { label.textContent = nameOf(r); label.classList.remove("hq-mute"); }
    offer();
  }
  function offer() {
    const r = picked;
    document.querySelectorAll("[data-deal]").forEach((button) => {
      const whole = r ? value(r) : null;
      if (button.dataset.deal === "sum") button.disabled = !(r && r.set && r.below.length && r.a !== null);
      else button.disabled = !(whole !== null && whole !== undefined && r.below.some((each) => each.set));
    });
  }

  /* Share a row's target out among those below it, to the last unit: largest remainder, in whole yuan where it is whole. */
  function split(amount, weights) {
    const unit = D.unit === "money" && amount % 100 === 0 ? 100 : 1;
    const whole = BigInt(amount / unit), load = weights.map((w) => BigInt(Math.max(0, Math.round(w || 0))));
    const total = load.reduce((a, b) => a + b, 0n);
    if (total === 0n) return split(amount, weights.map(() => 1));
    const parts = load.map((w) => (whole * w) / total);
    let left = Number(whole - parts.reduce((a, b) => a + b, 0n));
    load.map((w, i) => [(whole * w) % total, i]).sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] > b[0] ? -1 : 1))
      .forEach(([, i]) => { if (left > 0) { parts[i] += 1n; left -= 1; } });
    return parts.map((p) => Number(p) * unit);
  }
  /* What stands below those is shared out too, where it was set: one change at the top leaves all sums even. */
  function share(r, how) {
    const free = r.below.filter((each) => each.set && !each.gone);
    const taken = r.below.filter((each) => !free.includes(each)).reduce((sum, each) => sum + (value(each) || 0), 0);
    const amount = value(r) - taken;
    if (!free.length || amount < 0) return;
    const told = free.some((each) => each[how] > 0) ? how : "rc";
    split(amount, free.map((each) => (how === "even" ? 1 : each[told]))).forEach((part, i) => {
      free[i].a = part;
      free[i].input.value = plain(part);
      if (free[i].below.some((each) => value(each) !== null)) share(free[i], how);
    });
  }
  function deal(r, how) {
    if (how === "sum") { set(r, null); pick(r); return; }
    share(r, how);
    toggle(r, true);
    refresh();
  }

  function cells() { return [...body.querySelectorAll("input.tg-cell:not([readonly])")]; }
  function step(input, by) { const all = cells(), to = all[all.indexOf(input) + by]; if (to) to.focus(); }
  function keys(event, r) {
    const by = { ArrowDown: 1, Enter: event.shiftKey ? -1 : 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); step(r.input, by); }
    if (event.key === "Escape") set(r, r.was);
  }
  function paste(event, r) {
    const lines = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "").split("\n");
    if (lines.length < 2 || !r.set) return;
    event.preventDefault();
    const all = cells(), from = all.indexOf(r.input), byInput = new Map(known.map((each) => [each.input, each]));
    lines.forEach((line, i) => {
      const input = all[from + i];
      if (input) { input.value = line.split("\t")[0].trim(); byInput.get(input).a = read(input.value); }
    });
    refresh();
  }

  function tell(text) { const told = form.querySelector("[data-told]"); told.textContent = text; told.hidden = !text; }
  function rebase(answer) {
    D.base = answer.base;
    known.forEach((r) => {
      const newer = answer.amounts[r.k] === undefined ? null : answer.amounts[r.k];
      if (dirty(r)) { r.was = newer; } else { r.was = r.a = newer; r.input.value = plain(newer); }
    });
    refresh();
  }
  async function save(event) {
    event.preventDefault();
    const reason = form.querySelector(".tg-reason");
    if (D.base && !reason.value.trim()) { tell(W.needs); reason.focus(); return; }
    const go = form.querySelector(".tg-go");
    go.disabled = true;
    const amounts = Object.fromEntries(known.filter(dirty).map((r) => [r.k, plain(r.a)]));
    const given = { month: D.month, metric: D.metric, base: D.base, reason: reason.value, confirmed: form.querySelector("[data-confirm] input").checked, amounts };
    try {
      const answer = await fetch(D.save, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value }, body: JSON.stringify(given) });
      const said = await answer.json();
      if (said.to) { leaving = true; location.assign(said.to); return; }
      if (answer.status === 409) rebase(said);
      tell(answer.status === 409 ? `${said.says} ${W.rebased}` : said.says);
    } catch (error) { tell(W.failed); }
    refresh();
  }

  let leaving = false;
  known.forEach(build);
  tops.forEach((r) => { if (r.below.length && (tops.length === 1 || r.below.length < 40)) r.open = true; if (r.open) r.fold.setAttribute("aria-expanded", "true"); });
  draw();
  refresh();
  if (form) {
    form.addEventListener("submit", save);
    form.querySelector("[data-undo]").addEventListener("click", () => { known.forEach((r) => { r.a = r.was; r.input.value = plain(r.was); }); tell(""); refresh(); });
    document.querySelectorAll("[data-deal]").forEach((button) => button.addEventListener("click", () => { if (picked) deal(picked, button.dataset.deal); }));
    addEventListener("beforeunload", (event) => { if (!leaving && known.some(dirty)) event.preventDefault(); });
  }
  document.documentElement.dataset.targets = "ready";
})();
