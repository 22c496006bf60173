// One trace: its spans on one axis of time, and everything the chosen one says.

import * as api from "./api.js";
import { el, fill } from "./dom.js";
import { duration, moment, money, plural, tokens } from "./format.js";
import { copyable } from "./empty.js";
import { panel } from "./panel.js";

const DEEPEST = 12;

export function waterfall(id, chosen, list) {
  const head = el("div", { cls: "head" });
  const chart = el("div", { cls: "chart", role: "list", "aria-label": "Spans" });
  const side = el("aside", { cls: "side", "aria-label": "The chosen span" });
  const node = el(
    "div",
    { cls: "view trace" },
    el("a", { cls: "back", href: list, text: "← Traces" }),
    head,
    el("div", { cls: "columns" }, chart, side),
  );
  let selected = chosen;
  let drawn = "";

  async function select(span, silent) {
    selected = span;
    if (!silent) history.replaceState(null, "", `#/trace/${id}/${span}`);
    for (const row of chart.querySelectorAll(".row")) row.setAttribute("aria-current", String(row.dataset.span === span));
    const found = await api.span(id, span);
    if (selected === span && found) fill(side, ...panel(found));
  }

  return {
    key: `trace/${id}`,
    place: "trace",
    title: `Trace ${id.slice(0, 8)}`,
    node,
    async ask() {
      const found = await api.trace(id);
      if (!found) {
        fill(head, el("h1", { text: "This trace is gone" }), el("p", { text: `The store holds no trace ${id}: the oldest go first.` }));
        fill(chart);
        fill(side);
        drawn = "";
        return true;
      }
      const state = `${found.spans.length} ${found.duration_us}`;
      if (state !== drawn) {
        drawn = state;
        heading(head, found);
        draw(chart, found, (span) => select(span));
        const known = found.spans.some((s) => s.id === selected);
        const first = found.spans.find((s) => s.failed && s.kind_of === "model") ?? found.spans.find((s) => s.kind_of === "model");
        await select(known ? selected : (first ?? found.spans[0]).id, !known);
      }
      return true;
    },
  };
}

function heading(head, found) {
  const root = found.spans.find((s) => s.kind_of === "agent");
  const calls = found.spans.filter((s) => s.kind_of === "model");
  const sum = (name) => calls.reduce((n, s) => n + (s[name] ?? 0), 0);
  const failed = found.spans.filter((s) => s.failed && s.kind_of !== "agent").length;
  const facts = [
    moment(found.began),
    duration(found.duration_us / 1000),
    plural(calls.length, "model call"),
    `${tokens(sum("input"), sum("output"))} tokens`,
    money(calls.some((s) => s.cost !== null) ? sum("cost") : null),
    failed ? plural(failed, "error") : "",
    root ? "" : "still open",
  ];
  fill(
    head,
    el("h1", { text: (root ?? found.spans[0]).agent || "unknown process" }),
    el("p", { cls: "facts" }, ...facts.filter(Boolean).map((text) => el("span", { text }))),
    el("p", { cls: "ids" }, copyable(found.trace_id)),
    found.cut ? el("p", { cls: "note", text: `Only the first ${found.spans.length} spans are drawn.` }) : null,
  );
}

function draw(chart, found, select) {
  const total = Math.max(found.duration_us, 1);
  const rows = ordered(found.spans).map(([span, depth]) => row(span, depth, total, select));
  fill(chart, axis(total), ...rows);
}

// Children under their parents, by start; a span whose parent is not here (told elsewhere, or later) stands alone.
function ordered(spans) {
  const known = new Set(spans.map((s) => s.id));
  const children = new Map();
  for (const span of spans) {
    const parent = known.has(span.parent) && span.parent !== span.id ? span.parent : "";
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(span);
  }
  const out = [];
  const seen = new Set();
  const stack = (children.get("") ?? []).map((s) => [s, 0]).reverse();
  while (stack.length) {
    const [span, depth] = stack.pop();
    if (seen.has(span.id)) continue;
    seen.add(span.id);
    out.push([span, depth]);
    for (const child of (children.get(span.id) ?? []).toReversed()) stack.push([child, depth + 1]);
  }
  for (const span of spans) if (!seen.has(span.id)) out.push([span, 0]); // a ring of parents: hostile, still shown
  return out;
}

function axis(total) {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) =>
    el("span", { style: { left: `${part * 100}%` }, text: duration((part * total) / 1000) }),
  );
  return el("div", { cls: "axis", "aria-hidden": "true" }, el("div", { cls: "lane" }, ...ticks));
}

// What an invocation adds up to.
function did(span) {
  const counts = [plural(span.calls ?? 0, "model call"), plural(span.tools ?? 0, "tool call")];
  return [...counts, money(span.cost), span.complete ? "" : "incomplete"].filter(Boolean).join(" · ");
}

// What went in and came out, and how it ended.
function given(span) {
  if (span.kind_of === "agent") return did(span);
  if (span.kind_of !== "model") return span.complete ? "" : "incomplete";
  const used = span.input === null && span.output === null ? "" : tokens(span.input, span.output);
  return [used, money(span.cost), span.failed ? "" : (span.finish ?? ""), span.complete ? "" : "incomplete"].filter(Boolean).join(" · ");
}

function row(span, depth, total, select) {
  const left = (span.start_us / total) * 100;
  const width = (span.duration_us / total) * 100;
  const at = (us) => `${Math.min(Math.max((us / Math.max(span.duration_us, 1)) * 100, 0), 100)}%`;
  const streams = span.first_us !== null && span.first_us <= span.duration_us;
  const took = [duration(span.duration_us / 1000), span.failed ? (span.error_type ?? "error") : ""].filter(Boolean).join(" · ");
  // After the bar, or before it; where both sides are too narrow, under the name.
  const room = span.failed ? 32 : 16;
  const beside =
    100 - left - width > room ? { left: `calc(${left + width}% + 8px)`, maxWidth: `calc(${100 - left - width}% - 8px)` } : left > room ? { right: `calc(${100 - left}% + 6px)` } : null;
  const label = [span.name, span.model ?? "", duration(span.duration_us / 1000), span.failed ? `error ${span.error_type ?? ""}` : ""];
  return el(
    "div",
    { role: "listitem" },
    el(
      "button",
      {
        type: "button",
        cls: `row ${span.kind_of}${span.failed ? " bad" : ""}`,
        "data-row": true,
        "data-span": span.id,
        "aria-label": label.filter(Boolean).join(", "),
        onclick: () => select(span.id),
      },
      el(
        "span",
        { cls: "label", style: { paddingInlineStart: `${Math.min(depth, DEEPEST) * 14}px` } },
        el("b", { text: span.kind_of === "agent" ? span.agent : (span.model ?? span.name) }),
        el("small", { text: [given(span) || span.name, beside ? "" : took].filter(Boolean).join(" · ") }),
      ),
      el(
        "span",
        { cls: "lane" },
        el(
          "span",
          { cls: "bar", style: { left: `${left}%`, width: `max(3px, ${width}%)` } },
          streams ? el("i", { cls: "wait", style: { width: at(span.first_us) } }) : null,
          streams ? el("i", { cls: "mark", style: { left: at(span.first_us) }, title: "first chunk" }) : null,
        ),
        beside ? el("span", { cls: "took", style: beside, text: took }) : null,
      ),
    ),
  );
}
