// The agents, one card each: live ones first, a press shows only theirs.

import { el, keyed, setText } from "./dom.js";
import { age, count, plural, tokens } from "./format.js";

const LIVE_MS = 60_000;
const SHOWN = 12;

export function agentCards(place, found, chosen, choose) {
  const shown = found.agents.slice(0, SHOWN);
  place.hidden = !shown.length;
  keyed(
    place,
    shown,
    (a) => `${a.tenant}/${a.agent}`,
    (a) => make(a, choose),
    (card, a) => update(card, a, found.now, chosen),
  );
}

function make(a, choose) {
  const part = (cls) => el("span", { cls });
  return el(
    "button",
    {
      type: "button",
      cls: "card",
      onclick: (e) => choose(e.currentTarget.getAttribute("aria-pressed") === "true" ? "" : a.agent),
    },
    el("span", { cls: "name" }, el("i", {}), part("text")),
    part("sub"),
    part("figures"),
    part("errors"),
  );
}

function update(card, a, now, chosen) {
  const [name, sub, figures, errors] = card.children;
  const live = now - a.last < LIVE_MS;
  card.classList.toggle("live", live);
  card.setAttribute("aria-pressed", String(a.agent === chosen));
  card.title = `${a.agent}, seen ${live ? "now" : `${age(a.last, now)} ago`}`;
  setText(name.lastChild, a.agent);
  const tenant = a.tenant && a.tenant !== "default" ? a.tenant : "";
  setText(sub, [live ? "live" : `${age(a.last, now)} ago`, a.framework, tenant].filter(Boolean).join(" · "));
  setText(figures, `${plural(a.calls, "call")} · ${tokens(a.input, a.output)}`);
  setText(errors, a.errors ? `${count(a.errors)} ${a.errors === 1 ? "error" : "errors"}` : "");
}
