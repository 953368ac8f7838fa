/* A course, screen by screen: lessons with a question each, then each module's test. Text is only ever set as text. */
"use strict";
(async function () {
  const course = window.COURSE, system = window.SYSTEM, main = document.getElementById("main");
  document.title = course.title;

  /* state: s the seed of the draw, p the screen, a the answers of tests by item id, t which try */
  let state = { s: 1 + Math.floor(Math.random() * 1e6), p: 0, a: {}, t: 1 };
  try { state = { ...state, ...JSON.parse((await system.open()) || "{}") }; } catch { /* a state that cannot be read begins anew */ }
  /* whether the system took what it was told last; where it did not, the reader goes on and is told */
  let kept = true;
  async function tell(act) { try { await act(); kept = true; } catch { kept = false; } }
  const keep = () => tell(() => system.keep(JSON.stringify(state)));

  function chance(seed) {
    let x = seed >>> 0;
    return () => { x = (x + 0x6d2b79f5) >>> 0; let y = Math.imul(x ^ (x >>> 15), 1 | x); y = (y + Math.imul(y ^ (y >>> 7), 61 | y)) ^ y; return ((y ^ (y >>> 14)) >>> 0) / 4294967296; };
  }
  function shuffled(list, seed) {
    const out = [...list], next = chance(seed);
    for (let i = out.length - 1; i > 0; i--) { const j = Math.floor(next() * (i + 1)); [out[i], out[j]] = [out[j], out[i]]; }
    return out;
  }
  function drawn(module, turn) {
    const piles = new Map();
    for (const item of shuffled(module.items, state.s + turn)) piles.set(item.objective, [...(piles.get(item.objective) || []), item]);
    const out = [];
    while (out.length < Math.min(module.draw, module.items.length)) for (const pile of piles.values()) if (pile.length && out.length < module.draw) out.push(pile.shift());
    return out;
  }
  const placed = (item) => item.kind === "order" || item.kind === "match";
  function agrees(item, given) {
    if (placed(item)) return given.length === item.options.length && given.every((value, place) => value === place);
    const right = item.options.flatMap((option, i) => (option.right ? [i] : []));
    return given.length === right.length && right.every((i) => given.includes(i));
  }

  function screens() {
    const out = [{ kind: "start" }];
    course.modules.forEach((module, m) => {
      module.lessons.forEach((lesson) => out.push({ kind: "lesson", module, lesson }));
      drawn(module, m + state.t * 10).forEach((item, i, all) => out.push({ kind: "item", module, item, i, all }));
    });
    return [...out, { kind: "end" }];
  }
  function standing() {
    return course.modules.map((module, m) => {
      const items = drawn(module, m + state.t * 10);
      const given = items.filter((item) => state.a[item.id]);
      const agreed = given.filter((item) => agrees(item, state.a[item.id])).length;
      return { module, total: items.length, given: given.length, agreed, reached: agreed >= Math.ceil(module.cut * items.length - 1e-9) };
    });
  }

  function make(tag, text, more = {}) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    Object.entries(more).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  }
  function button(text, act) { const made = make("button", text, { type: "button" }); made.addEventListener("click", act); return made; }
  async function go(place) { state.p = place; await keep(); show(); }

  function ask(item) {
    const form = make("form", "", { novalidate: "" }), group = make("fieldset");
    group.append(make("legend", item.stem));
    const order = item.kind === "true_false" ? item.options.map((_, i) => i) : shuffled(item.options.map((_, i) => i), state.s + item.id.length * 7 + item.stem.length);
    if (placed(item)) {
      item.options.forEach((option, i) => {
        const select = make("select", "", { id: `p${i}`, name: "chosen" });
        select.append(make("option", "Choose one", { value: "" }));
        order.forEach((j) => select.append(make("option", item.kind === "order" ? item.options[j].text : item.options[j].match, { value: j })));
        group.append(make("label", item.kind === "order" ? `Place ${i + 1}` : option.text, { for: `p${i}` }), select);
      });
    } else {
      order.forEach((i) => {
        const label = make("label");
        label.append(make("input", "", { type: item.kind === "multiple_choice" ? "checkbox" : "radio", name: "chosen", value: i }), item.options[i].text);
        group.append(label);
      });
    }
    form.append(group, make("button", "Check my answer", { type: "submit" }));
    return form;
  }
  function chosen(form, item) {
    if (placed(item)) return [...form.querySelectorAll("select")].map((select) => (select.value === "" ? -1 : Number(select.value)));
    return [...form.querySelectorAll("input:checked")].map((input) => Number(input.value));
  }
  function told(item, given) {
    const box = make("section", "", { class: "told", tabindex: "-1" });
    box.append(make("h2", agrees(item, given) ? "This matches the guidance" : "The guidance says something different"));
    const list = make("ul");
    item.options.forEach((option, i) => {
      const row = make("li");
      const mine = !placed(item) && given.includes(i) ? " (your answer)" : "", its = option.right ? " (the guidance's answer)" : "";
      row.append(`${option.text}${option.match ? ": " + option.match : ""}${mine}${its}. ${option.why}`);
      option.cites.forEach((cite) => row.append(make("p", cite, { class: "soft" })));
      list.append(row);
    });
    box.append(list);
    return box;
  }
  function question(item, held, taken, next) {
    const holder = make("div");
    const after = (given) => { holder.append(told(item, given), button("Go on", next)); };
    if (held) { holder.append(make("h2", item.stem)); after(held); return holder; }
    const form = ask(item);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = chosen(form, item);
      form.querySelector(".fault")?.remove();
      if (!given.length || given.includes(-1)) { form.prepend(make("p", "Choose an answer first.", { class: "fault", role: "alert" })); return; }
      form.querySelectorAll("input, select, button").forEach((part) => { part.disabled = true; });
      await taken(given);
      after(given);
      holder.querySelector(".told").focus();
    });
    holder.append(form);
    return holder;
  }

  const draw = {
    start(_, place) {
      main.append(make("h1", course.title), make("p", course.summary));
      course.modules.forEach((module) => {
        main.append(make("h2", module.title));
        const list = make("ul");
        module.objectives.forEach((text) => list.append(make("li", text)));
        main.append(list);
      });
      main.append(make("p", "Some questions speak of violence and of deaths. There is no time limit."), button("Begin", () => go(place + 1)));
    },
    lesson({ module, lesson }, place) {
      main.append(make("p", `${module.title}. ${lesson.minutes} minutes`, { class: "soft" }), make("h1", lesson.title));
      lesson.sections.forEach((section) => {
        main.append(make("h2", section.title));
        let list = null;
        section.paragraphs.forEach(([text, item]) => {
          if (!item) { list = null; main.append(make("p", text)); return; }
          if (!list) { list = make("ul"); main.append(list); }
          list.append(make("li", text));
        });
        main.append(make("p", `${section.document}. It rests on: ${section.sources.join("; ")}.`, { class: "soft" }));
      });
      const item = module.items.find((one) => one.id === lesson.check);
      main.append(question(item, null, async () => {}, () => go(place + 1)));
    },
    item({ module, item, i, all }, place) {
      main.append(make("p", `${module.title}. Question ${i + 1} of ${all.length}`, { class: "soft" }), make("h1", "The test"));
      main.append(question(item, state.a[item.id], async (given) => { state.a[item.id] = given; await keep(); }, () => go(place + 1)));
    },
    async end() {
      const rows = standing(), total = rows.reduce((n, row) => n + row.total, 0), agreed = rows.reduce((n, row) => n + row.agreed, 0);
      const result = { score: total ? agreed / total : 0, passed: rows.every((row) => row.reached), complete: rows.every((row) => row.given === row.total) };
      main.append(make("h1", `You answered ${agreed} of ${total} as the guidance does`));
      rows.forEach((row) => main.append(make("p", `${row.module.title}: ${row.agreed} of ${row.total}. ${row.reached ? "As many as are needed." : "More are needed."}`)));
      await tell(() => system.end(result));
      if (!kept) main.append(make("p", "Your result could not be sent to the learning system.", { class: "fault", role: "alert" }), button("Send it again", () => go(state.p)));
      if (!result.passed) main.append(button("Try other questions", async () => { state.t += 1; state.a = {}; await go(screens().findIndex((screen) => screen.kind === "item")); }));
      main.append(make("p", "You can close this window now."));
    },
  };
  function show() {
    const all = screens(), screen = all[Math.min(state.p, all.length - 1)];
    main.replaceChildren();
    if (!kept) main.append(make("p", "The learning system could not keep your last step. You can go on. It is tried again with each step.", { class: "fault", role: "alert" }));
    draw[screen.kind](screen, state.p);
    main.focus();
    window.scrollTo(0, 0);
  }
  let left = false;
  window.addEventListener("pagehide", () => { if (!left) { left = true; system.leave(); } });
  show();
})();
