// What was seen and what was missed: the account of facts, by place; the planes; the libraries; where spans go.

import * as api from "./api.js";
import { el, fill } from "./dom.js";
import { age, full, plural } from "./format.js";

export function seen() {
  const node = el("div", { cls: "view seen" });
  return {
    key: "seen",
    place: "seen",
    title: "Seen and missed",
    node,
    async ask() {
      const found = await api.seen();
      const text = JSON.stringify({ ...found, now: 0, at: 0 });
      if (node.dataset.was !== text) {
        node.dataset.was = text;
        fill(node, el("h1", { text: "What was seen and what was missed" }), when(found), ...parts(found));
      }
      return found.alive;
    },
  };
}

function when(found) {
  if (found.alive) return null;
  const said = found.at ? `It last spoke ${age(found.at, found.now)} ago; what follows is from then.` : "It has never spoken here.";
  return el("p", { cls: "note", text: `The daemon is not running. ${said} Start it with: sudo hexr-autoinst start` });
}

function parts(found) {
  const teller = found.teller ?? {};
  return [
    equation(teller.account),
    el("div", { cls: "pair" }, planes(found), sinks(teller.sinks, teller)),
    libraries(found.camera),
  ].filter(Boolean);
}

const total = (counts) => Object.values(counts ?? {}).reduce((a, b) => a + b, 0);

function equation(account) {
  if (!account) return null;
  const terms = [
    ["issued", account.issued, "facts that the planes saw"],
    ["told", account.told, "became spans and metrics"],
    ["ignored", total(account.ignored), "nothing that we tell"],
    ["dropped", total(account.dropped), "lost on the way"],
    ["open", account.open, "waiting for their end"],
  ];
  const signs = ["", "=", "+", "+", "+"];
  return el(
    "section",
    { cls: "account" },
    el("h2", { text: "The account of facts" }),
    el(
      "div",
      { cls: "equation" },
      ...terms.flatMap(([name, n, what], i) => [
        signs[i] ? el("span", { cls: "sign", text: signs[i] }) : null,
        el("div", { cls: `term ${name}${name === "dropped" && n ? " bad" : ""}` }, el("b", { text: full(n) }), el("span", { text: name }), el("small", { text: what })),
      ]),
    ),
    share(terms.slice(1), account.issued),
    el("p", {
      cls: account.balanced ? "holds" : "holds bad",
      text: account.balanced ? "It balances: nothing vanished uncounted." : "It does not balance. Please report it with: hexr-autoinst doctor --json",
    }),
    el(
      "div",
      { cls: "pair" },
      places("Ignored, by reason", account.ignored, "Nothing was ignored."),
      places("Dropped, by place", account.dropped, "Nothing was dropped."),
      Object.keys(account.swallowed ?? {}).length ? places("Errors survived, by place", account.swallowed, "") : null,
    ),
  );
}

function share(terms, whole) {
  if (!whole) return null;
  return el(
    "div",
    { cls: "share", "aria-hidden": "true" },
    ...terms.filter(([, n]) => n).map(([name, n]) => el("i", { cls: name, style: { flexGrow: String(Math.max(n / whole, 0.004)) }, title: `${name} ${full(n)}` })),
  );
}

function places(title, counts, none) {
  const rows = Object.entries(counts ?? {}).sort((a, b) => b[1] - a[1]);
  return el(
    "section",
    {},
    el("h3", { text: title }),
    rows.length ? el("dl", { cls: "counts" }, ...rows.flatMap(([k, n]) => [el("dt", { text: k.replaceAll("_", " ") }), el("dd", { text: full(n) })])) : el("p", { cls: "none", text: none }),
  );
}

function planes(found) {
  const on = found.teller?.planes ?? {};
  const rates = found.teller?.rates ?? {};
  const line = (name, up, more) =>
    el("li", { cls: up && found.alive ? "up" : "down" }, el("i", {}), el("b", { text: name }), el("span", { text: up && found.alive ? more || "connected" : more || "not connected" }));
  const front = found.front ?? {};
  return el(
    "section",
    {},
    el("h2", { text: "Planes" }),
    el(
      "ul",
      { cls: "planes" },
      line("Kernel (eBPF)", on.ebpf, found.camera ? `${plural((found.camera.attached ?? []).length, "library", "libraries")} attached` : ""),
      line("Proxy", on.proxy, typeof front.why === "string" ? front.why : ""),
    ),
    rates.facts_per_s === undefined ? null : el("p", { cls: "none", text: `${full(rates.facts_per_s)} facts and ${full(rates.spans_per_s)} spans a second` }),
  );
}

function sinks(all, teller) {
  const rows = Object.entries(all ?? {});
  if (!rows.length) return null;
  return el(
    "section",
    {},
    el("h2", { text: "Where spans go" }),
    table(
      ["Sink", "Delivered", "Queued", "Failed", "Dropped"],
      rows.map(([name, c]) => [name, full(c.delivered), full(c.queued), full(c.failed), full(c.dropped)]),
      [1, 2, 3, 4],
    ),
    teller.last_error ? el("p", { cls: "failure", text: teller.last_error }) : null,
  );
}

function libraries(camera) {
  if (!camera) return el("section", {}, el("h2", { text: "TLS libraries" }), el("p", { cls: "none", text: "The kernel plane has not spoken: nothing is attached." }));
  const attached = camera.attached ?? [];
  const refused = camera.refused ?? [];
  return el(
    "section",
    {},
    el("h2", { text: "TLS libraries" }),
    attached.length
      ? table(
          ["Library", "Found by", "Probes", "File"],
          attached.map((a) => [a.library ?? "?", a.rung ?? "?", full(a.probes ?? 0), a.path ?? ""]),
          [2],
        )
      : el("p", { cls: "none", text: "None is attached yet." }),
    refused.length ? el("h3", { text: "Cannot be read" }) : null,
    ...refused.map((r) =>
      el(
        "p",
        { cls: "refused" },
        el("b", { text: r.library ?? "?" }),
        el("span", { text: ` ${r.reason ?? ""}` }),
        el("code", { text: r.path ?? "" }),
        r.advice ? el("small", { text: r.advice }) : null,
      ),
    ),
  );
}

function table(heads, rows, numeric) {
  const cls = (i) => (numeric.includes(i) ? "num" : null);
  return el(
    "div",
    { cls: "scroll" },
    el(
      "table",
      { cls: "small" },
      el("thead", {}, el("tr", {}, ...heads.map((text, i) => el("th", { scope: "col", text, cls: cls(i) })))),
      el("tbody", {}, ...rows.map((r) => el("tr", {}, ...r.map((text, i) => el("td", { text, cls: cls(i) }))))),
    ),
  );
}
