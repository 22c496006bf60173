// Everything that one span says.

import { el } from "./dom.js";
import { duration, moment, tokens } from "./format.js";

export function panel(span) {
  const groups = span.attributes.map(({ title, pairs }) => section(title, pairs));
  return [
    el("h2", { text: span.name }),
    span.failed
      ? el("p", { cls: "failure" }, el("b", { text: span.error_type ?? "error" }), span.status_text && span.status_text !== span.error_type ? ` ${span.status_text}` : "")
      : null,
    facts(span),
    ...groups,
    span.events.length
      ? section("Events", span.events.map((e) => [`+${duration(e.at_us / 1000)}`, [e.name, ...e.attributes.map((a) => a.join("="))].join(" ")]))
      : null,
    span.links.length
      ? el(
          "section",
          {},
          el("h3", { text: "Links" }),
          ...span.links.map((l) => el("p", {}, el("a", { href: `#/trace/${l.trace_id}/${l.span_id}`, text: `${l.trace_id.slice(0, 8)}… / ${l.span_id}` }))),
        )
      : null,
    section("Resource", span.resource, true),
  ].filter(Boolean);
}

function facts(span) {
  const rows = [
    ["Started", moment(span.began)],
    ["Took", duration(span.duration_us / 1000)],
    span.first_us === null ? null : ["First chunk", duration(span.first_us / 1000)],
    span.input === null && span.output === null ? null : ["Tokens", tokens(span.input, span.output)],
    span.finish ? ["Finished", span.finish] : null,
    ["Seen by", { ebpf: "kernel", proxy: "proxy", har: "recording" }[span.source] ?? span.source ?? "–"],
    span.complete ? null : ["Complete", "no: see what is missing below"],
    ["Span", span.id],
  ];
  return list(rows.filter(Boolean), "summary");
}

function section(title, pairs, folded = false) {
  if (!pairs.length) return null;
  if (folded) return el("details", {}, el("summary", { text: title }), list(pairs));
  return el("section", {}, el("h3", { text: title }), list(pairs));
}

function list(pairs, cls) {
  return el("dl", { cls }, ...pairs.flatMap(([key, value]) => [el("dt", {}, ...breakable(key)), el("dd", { text: value })]));
}

// A long name may break after a dot or underscore, and copies as it is.
function breakable(name) {
  return name.split(/(?<=[._])/).flatMap((part, i) => (i ? [el("wbr"), part] : [part]));
}
