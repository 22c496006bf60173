// The first view: who is live, and what they did, newest first.

import * as api from "./api.js";
import { el, fill, keyed, setText } from "./dom.js";
import { age, count, duration, plural, tokens } from "./format.js";
import { agentCards } from "./agents.js";
import { emptiness } from "./empty.js";

const PAGE = 50;
const MOST = 200;
const LIVE_MS = 60_000;

export function traces(params) {
  let filter = params;
  let limit = PAGE;
  const cards = el("section", { cls: "agents", "aria-label": "Agents" });
  const search = el("input", {
    type: "search",
    placeholder: "Filter: agent, model, error, trace id",
    "aria-label": "Filter the traces",
    title: "Filter ( / )",
    maxlength: 200,
    spellcheck: "false",
    oninput: () => set("q", search.value.trim()),
  });
  const errors = el("button", {
    type: "button",
    text: "Errors only",
    onclick: () => set("errors", filter.get("errors") ? "" : "1"),
  });
  const since = el(
    "select",
    { "aria-label": "How far back", onchange: () => set("since", since.value) },
    ...[["", "All time"], ["900", "15 minutes"], ["3600", "1 hour"], ["86400", "24 hours"]].map(([value, text]) =>
      el("option", { value, text }),
    ),
  );
  const chosen = el("button", { type: "button", cls: "chip", title: "Show every agent", onclick: () => set("agent", "") });
  const body = el("tbody");
  const table = el(
    "table",
    { cls: "traces" },
    el("thead", {}, el("tr", {}, ...HEADS.map(([text, cls]) => el("th", { scope: "col", text, cls })))),
    body,
  );
  const more = el("button", {
    type: "button",
    cls: "more",
    text: "Show older",
    onclick: () => {
      limit = Math.min(limit + PAGE, MOST);
      view.ask();
    },
  });
  const empty = el("div");
  const node = el(
    "div",
    { cls: "view" },
    cards,
    el("form", { cls: "bar", role: "search", onsubmit: (e) => e.preventDefault() }, search, chosen, errors, since),
    table,
    more,
    empty,
  );

  function set(name, value) {
    const next = new URLSearchParams(filter);
    if (value) next.set(name, value);
    else next.delete(name);
    filter = next;
    limit = PAGE;
    const text = next.toString();
    history.replaceState(null, "", text ? `#/?${text}` : "#/");
    controls();
    view.ask();
  }

  function controls() {
    if (document.activeElement !== search) search.value = filter.get("q") ?? "";
    errors.setAttribute("aria-pressed", String(Boolean(filter.get("errors"))));
    since.value = filter.get("since") ?? "";
    chosen.hidden = !filter.get("agent");
    setText(chosen, `${filter.get("agent") ?? ""} ×`);
  }

  let asked = 0;
  const view = {
    key: "traces",
    place: "traces",
    title: "Traces",
    node,
    focusFilter: () => search.focus(),
    adopt(next) {
      filter = next.filter;
      controls();
    },
    get filter() {
      return filter;
    },
    async ask() {
      const mine = ++asked;
      const query = new URLSearchParams(filter);
      query.set("limit", limit);
      const found = await api.overview(query);
      if (mine !== asked) return found.alive; // a later question has been asked since
      agentCards(cards, found, filter.get("agent"), (name) => set("agent", name));
      keyed(body, found.traces, (t) => t.id, makeRow, (row, t) => updateRow(row, t, found.now));
      table.hidden = !found.traces.length;
      more.hidden = !found.more || limit >= MOST;
      if (found.traces.length) fill(empty);
      else await emptiness(empty, found, filter, () => clear());
      return found.alive;
    },
  };

  function clear() {
    for (const name of ["q", "agent", "errors", "since"]) filter.delete(name);
    set("q", "");
  }

  controls();
  return view;
}

const HEADS = [
  ["Agent", ""],
  ["Model", ""],
  ["Tokens in → out", "num"],
  ["First chunk", "num"],
  ["Duration", "num"],
  ["Calls", "num"],
  ["Errors", ""],
  ["Age", "num"],
];

function makeRow() {
  const cell = (cls, label, ...inner) => el("td", { cls, "data-label": label }, ...inner);
  return el(
    "tr",
    {},
    cell("who", "", el("a", { "data-row": true })),
    cell("model", ""),
    cell("num", "tokens"),
    cell("num", "first"),
    cell("num", "took"),
    cell("num", "calls"),
    cell("err", ""),
    cell("num age", ""),
  );
}

function updateRow(row, t, now) {
  const [who, model, toks, first, took, calls, err, old] = row.children;
  const link = who.firstChild;
  const bad = t.errors > 0 || t.failed;
  row.className = bad ? "bad" : "";
  link.setAttribute("href", `#/trace/${t.id}`);
  setText(link, t.agent || "unknown process");
  const running = t.open && now - t.ended < LIVE_MS;
  who.classList.toggle("running", running);
  who.title = running ? "This invocation is still open" : `${t.name}, ${plural(t.spans, "span")}`;
  setText(model, t.models || "–");
  model.title = t.models;
  setText(toks, tokens(t.input, t.output));
  setText(first, duration(t.first_ms));
  setText(took, duration(t.duration_ms));
  setText(calls, count(t.calls));
  setText(err, bad ? [t.errors > 1 ? `${t.errors} ×` : "", t.error_type ?? "error"].join(" ").trim() : t.incomplete ? "incomplete" : "");
  err.title = t.incomplete ? `${plural(t.incomplete, "span")} could not be seen whole` : "";
  err.classList.toggle("soft", !bad);
  setText(old, age(t.ended, now));
}
