/* The builder of segments: a tree of conditions put together by hand, counted while it is written. The page holds the
   tree as JSON in a field of the form; without this file that field is what is written. */
(function () {
  "use strict";
  const form = document.querySelector("[data-builder]");
  if (!form) return;
  const D = JSON.parse(document.getElementById("hq-data").textContent);
  const field = form.elements.conditions;
  const root = form.querySelector("[data-tree]");
  const bar = document.querySelector("[data-count]");
  const fields = new Map(D.fields.map((each) => [each.name, each]));
  const el = (tag, cls, text) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const ENDED = ["number", "money", "date"];
  const KINDS = ["all", "any", "none"];
  const kindOf = (node) => KINDS.find((kind) => kind in node);

  /* What is written, as the server reads it; a condition that is not complete yet is left out. */
  const NUMBER = /^\d+$/;
  const number = (text) => (NUMBER.test(text) ? Number(text) : text);
  function valueOf(node) {
    const asked = fields.get(node.field);
    if (!asked) return undefined;
    if (asked.kind === "flag") return node.value !== false;
    if (ENDED.includes(asked.kind)) {
      const read = asked.kind === "number" ? number : String;
      const ends = (Array.isArray(node.value) ? node.value : [node.value]).map((end) => String(end ?? "").trim());
      if (node.op === "between") return ends.length === 2 && ends.every(Boolean) ? ends.map(read) : undefined;
      return ends[0] ? read(ends[0]) : undefined;
    }
    const listed = (Array.isArray(node.value) ? node.value : []).filter(Boolean);
    return listed.length ? listed : undefined;
  }
  function complete(node) {
    const kind = kindOf(node);
    if (kind) {
      const parts = node[kind].map(complete).filter(Boolean);
      return parts.length ? { tree: { [kind]: parts.map((part) => part.tree) }, nodes: [node, ...parts.flatMap((part) => part.nodes)] } : null;
    }
    const value = valueOf(node);
    if (value === undefined || !node.op) return null;
    const { needs } = fields.get(node.field);
    if (needs && !(node.narrowed?.[needs] || []).length) return null;
    const narrowed = Object.fromEntries(Object.entries(node.narrowed || {}).map(([word, given]) => [word, narrowing(word, given)]).filter(([, given]) => given !== undefined));
    return { tree: { field: node.field, op: node.op, value, ...narrowed }, nodes: [node] };
  }
  const parted = (text) => String(text).split(/[;；,，、]/).map((part) => part.trim()).filter(Boolean);
  function narrowing(word, given) {
    if (word === "days" || word === "ahead") return NUMBER.test(String(given).trim()) ? Number(given) : undefined;
    if (word === "from" || word === "to") return given || undefined;
    const listed = Array.isArray(given) ? given : parted(given);
    return listed.length ? listed : undefined;
  }

  /* As it came from the server, as it is edited. */
  function opened(raw) {
    const kind = raw && kindOf(raw);
    if (kind) return { [kind]: raw[kind].map(opened) };
    const { field: name, op, value, ...narrowed } = raw || {};
    return { field: name || "", op: op || "", value, narrowed };
  }
  let tree = opened(D.conditions && typeof D.conditions === "object" ? D.conditions : { all: [] });
  if (!kindOf(tree)) tree = { all: tree.field ? [tree] : [] };

  const counts = new Map();
  function draw() {
    root.replaceChildren(group(tree, null, 1));
    settle();
  }
  function select(options, chosen, label, onchange) {
    const made = el("select", "sg-select");
    made.setAttribute("aria-label", label);
    options.forEach(([value, text]) => made.append(new Option(text, value, false, value === chosen)));
    made.addEventListener("change", () => onchange(made.value));
    return made;
  }
  function button(text, cls, act) {
    const made = el("button", `sg-button ${cls || ""}`, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }
  function badge(node) {
    const made = el("span", "sg-badge");
    made.dataset.badge = "";
    counts.set(made, node);
    return made;
  }
  const total = () => root.querySelectorAll(".sg-row").length;

  function group(node, parent, deep) {
    const kind = kindOf(node);
    const box = el("div", `sg-group sg-${kind}`);
    const head = el("div", "sg-head");
    head.append(select(KINDS.map((each) => [each, D.words[each]]), kind, D.words.operator, (chosen) => {
      const parts = node[kind];
      delete node[kind];
      node[chosen] = parts;
      draw();
    }), badge(node));
    if (parent) head.append(button("✕", "sg-x", () => { parent.splice(parent.indexOf(node), 1); draw(); }));
    box.append(head);
    node[kind].forEach((part) => box.append(kindOf(part) ? group(part, node[kind], deep + 1) : row(part, node[kind])));
    const foot = el("div", "sg-foot");
    foot.append(button(`+ ${D.words.condition}`, "", () => {
      if (total() >= D.most) return;
      node[kind].push({ field: "", op: "", value: undefined, narrowed: {} });
      draw();
    }));
    if (deep < D.deepest) foot.append(button(`+ ${D.words.group}`, "", () => { node[kind].push({ any: [] }); draw(); }));
    box.append(foot);
    return box;
  }

  function row(node, parent) {
    const made = el("div", "sg-row");
    const chooser = el("select", "sg-select sg-field");
    chooser.setAttribute("aria-label", D.words.field);
    chooser.append(new Option(D.words.choose, ""));
    const groups = new Map();
    D.fields.forEach((each) => {
      if (!groups.has(each.group)) {
        const heading = el("optgroup");
        heading.label = each.group;
        groups.set(each.group, heading);
        chooser.append(heading);
      }
      groups.get(each.group).append(new Option(each.word, each.name, false, each.name === node.field));
    });
    chooser.addEventListener("change", () => {
      const asked = fields.get(chooser.value);
      Object.assign(node, { field: chooser.value, op: asked ? asked.operators[0][0] : "", value: asked && asked.kind === "flag" ? true : undefined, narrowed: {} });
      draw();
    });
    made.append(chooser);
    const asked = fields.get(node.field);
    if (asked) {
      if (asked.operators.length > 1) made.append(select(asked.operators, node.op, D.words.operator, (chosen) => { node.op = chosen; draw(); }));
      made.append(...values(node, asked));
      if (asked.narrows.length) made.append(narrows(node, asked));
    }
    made.append(badge(node), button("✕", "sg-x", () => { parent.splice(parent.indexOf(node), 1); draw(); }));
    return made;
  }

  function input(value, label, oninput, attrs) {
    const made = el("input", "sg-input");
    made.value = value ?? "";
    made.setAttribute("aria-label", label);
    made.placeholder = label;
    Object.entries(attrs || {}).forEach(([name, given]) => made.setAttribute(name, given));
    made.addEventListener("input", () => { oninput(made.value); settle(); });
    return made;
  }

  function values(node, asked) {
    if (asked.kind === "flag") {
      return [select([["1", D.words.yes], ["0", D.words.no]], node.value === false ? "0" : "1", D.words.value, (chosen) => { node.value = chosen === "1"; settle(); })];
    }
    if (ENDED.includes(asked.kind)) {
      const unit = asked.kind === "money" ? [el("span", "sg-unit", D.words.yuan)] : [];
      const attrs = asked.kind === "date" ? { type: "date" } : { inputmode: "decimal", size: 8 };
      if (node.op !== "between") {
        const one = Array.isArray(node.value) ? node.value[0] : node.value;
        node.value = one;
        return [input(one, D.words.value, (text) => { node.value = text; }, attrs), ...unit];
      }
      const ends = Array.isArray(node.value) ? node.value : [node.value, ""];
      node.value = ends;
      return [input(ends[0], D.words.value, (text) => { ends[0] = text; }, attrs), el("span", "sg-unit", D.words.to), input(ends[1], D.words.value, (text) => { ends[1] = text; }, attrs), ...unit];
    }
    const held = Array.isArray(node.value) ? node.value : [];
    node.value = held;
    if (asked.choices.length) return [chips(asked.choices, held)];
    return [names(held, D.names[asked.named] || [])];
  }

  function chips(choices, held) {
    const made = el("div", "sg-chips");
    choices.forEach(([code, text]) => {
      const label = el("label", "sg-chip");
      const box = el("input");
      box.type = "checkbox";
      box.checked = held.includes(code);
      box.addEventListener("change", () => {
        if (box.checked) held.push(code); else held.splice(held.indexOf(code), 1);
        settle();
      });
      label.append(box, el("span", "", text));
      made.append(label);
    });
    return made;
  }

  let lists = 0;
  function names(held, known) {
    const said = new Map(known), offered = known.map(([name]) => name);
    const made = el("div", "sg-chips");
    const show = () => {
      made.replaceChildren();
      held.forEach((name) => {
        const chip = el("span", "sg-chip sg-on", said.get(name) || name);
        chip.append(button("✕", "sg-x", () => { held.splice(held.indexOf(name), 1); show(); settle(); }));
        made.append(chip);
      });
      const list = el("datalist");
      list.id = `sg-names-${lists += 1}`;
      offered.filter((name) => !held.includes(name)).forEach((name) => list.append(new Option(said.get(name) === name ? "" : said.get(name), name)));
      const typed = el("input", "sg-input");
      typed.placeholder = D.words.several;
      typed.setAttribute("aria-label", D.words.value);
      typed.setAttribute("list", list.id);
      const take = () => {
        const given = parted(typed.value).filter((name) => !held.includes(name));
        if (!given.length) return;
        held.push(...given);
        show();
        settle();
      };
      typed.addEventListener("change", take);
      typed.addEventListener("input", (event) => { if (offered.includes(typed.value) && !event.inputType?.startsWith("delete")) take(); });
      made.append(typed, list);
    };
    show();
    return made;
  }

  function narrows(node, asked) {
    const made = el("details", "sg-narrow");
    made.append(el("summary", "", D.words.narrow));
    made.open = Object.keys(node.narrowed).length > 0 || Boolean(asked.needs);
    const inner = el("div", "sg-narrowed");
    asked.narrows.forEach(({ name: word, word: text, choices }) => {
      const listed = !["days", "ahead", "from", "to"].includes(word);
      const label = el(listed ? "div" : "label", "sg-label", text);
      const given = node.narrowed[word];
      if (word === "days" || word === "ahead") label.append(input(given, text, (typed) => { node.narrowed[word] = typed; }, { inputmode: "numeric", size: 5 }));
      else if (word === "from" || word === "to") label.append(input(given, text, (typed) => { node.narrowed[word] = typed; }, { type: "date" }));
      else {
        node.narrowed[word] = Array.isArray(given) ? given : [];
        label.append(choices.length ? chips(choices, node.narrowed[word]) : names(node.narrowed[word], D.names[word] || []));
      }
      inner.append(label);
    });
    made.append(inner);
    return made;
  }

  /* Counting: by bits a moment after the last stroke, then exactly with a few of them. */
  const shown = (count) => Number(count).toLocaleString("en-US");
  let asking = 0, timer = null;
  function settle() {
    const whole = complete(tree);
    field.value = whole ? JSON.stringify(whole.tree) : "";
    form.querySelectorAll("[data-incomplete]").forEach((note) => { note.hidden = !whole || whole.nodes.filter((node) => node.field).length === total(); });
    clearTimeout(timer);
    timer = setTimeout(() => count(whole), 250);
  }
  async function ask(extra) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("conditions", field.value);
    Object.entries(extra).forEach(([name, given]) => body.set(name, given));
    const answer = await fetch(form.dataset.countUrl, { method: "POST", body, headers: { Accept: "application/json" } });
    return answer.json();
  }
  const part = (name) => bar.querySelector(`[data-${name}]`);
  async function count(whole) {
    const mine = asking += 1;
    part("refusal").textContent = "";
    if (!whole) {
      part("members").textContent = "—";
      part("state").textContent = "";
      part("sample").replaceChildren();
      return;
    }
    part("state").textContent = D.words.counting;
    try {
      const told = await ask({});
      if (mine !== asking) return;
      if (told.refused) { part("refusal").textContent = told.refused; part("members").textContent = "—"; part("state").textContent = ""; return; }
      part("members").textContent = shown(told.members);
      part("share").style.inlineSize = `${told.everybody ? (100 * told.members) / told.everybody : 0}%`;
      counts.forEach((node, made) => {
        const at = whole.nodes.indexOf(node);
        made.textContent = at < 0 ? "" : shown(told.parts[at]);
      });
      const exact = await ask({ exact: "1" });
      if (mine !== asking || exact.refused) return;
      part("members").textContent = shown(exact.members);
      part("state").textContent = `✓ ${D.words.exact}`;
      part("sample").replaceChildren(...(exact.sample.length ? exact.sample.map((one) => {
        const line = el("li", "", one.name);
        line.append(el("small", "", `${one.member_no} · ${one.store}`));
        return line;
      }) : [el("li", "hq-mute", D.words.nobody)]));
    } catch {
      if (mine === asking) part("state").textContent = D.words.failed;
    }
  }

  form.classList.add("sg-ready");
  draw();
})();
