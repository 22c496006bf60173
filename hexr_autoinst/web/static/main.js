// The frame: which view is shown, when it asks again, pause, theme, keys.

import { setText } from "./dom.js";
import { traces } from "./traces.js";
import { waterfall } from "./waterfall.js";
import { seen } from "./seen.js";

const EVERY_MS = 1000;
const SLOWEST_MS = 8000;
const main = document.getElementById("main");
const stateNode = document.getElementById("state");
const pauseButton = document.getElementById("pause");
const themeButton = document.getElementById("theme");
const THEMES = ["auto", "light", "dark"];

let view = null;
let paused = false;
let delay = EVERY_MS;
let timer = 0;
let turn = 0;
let list = "#/"; // where the list was, filter and all

function route() {
  const [path, query = ""] = location.hash.replace(/^#/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (parts[0] === "trace" && /^[0-9a-f]{32}$/.test(parts[1] ?? "")) return waterfall(parts[1], parts[2], list);
  if (parts[0] === "seen") return seen();
  return traces(new URLSearchParams(query));
}

function show() {
  if (view?.place === "traces" && !/^#?\/?(\?|$)/.test(location.hash)) list = `#/?${view.filter}`;
  const next = route();
  if (view && view.key === next.key) {
    view.adopt?.(next);
  } else {
    view?.close?.();
    view = next;
    main.replaceChildren(view.node);
    document.title = `${view.title} · hexr-autoinst`;
    window.scrollTo(0, 0);
  }
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view.place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  ask(true);
}

// `once`: also while paused (a view that was just opened has nothing to show yet).
async function ask(once = false) {
  clearTimeout(timer);
  const mine = ++turn;
  if (!document.hidden && (!paused || once)) {
    try {
      const alive = await view.ask();
      if (mine !== turn) return;
      delay = EVERY_MS;
      say(paused ? "paused" : alive ? "live" : "stopped");
    } catch {
      if (mine !== turn) return;
      delay = Math.min(delay * 2, SLOWEST_MS);
      say("lost");
    }
  }
  timer = setTimeout(ask, delay);
}

const WORDS = {
  live: "live",
  paused: "paused",
  stopped: "daemon not running",
  lost: "no answer, trying again",
};

function say(what) {
  stateNode.dataset.is = what;
  setText(stateNode.lastElementChild, WORDS[what]);
}

function pause() {
  paused = !paused;
  pauseButton.setAttribute("aria-pressed", String(paused));
  setText(pauseButton, paused ? "Resume" : "Pause");
  if (paused) say("paused");
  else ask();
}

function theme(next) {
  const now = THEMES.includes(next) ? next : "auto";
  document.documentElement.dataset.theme = now;
  setText(themeButton, now[0].toUpperCase() + now.slice(1));
  try {
    localStorage.setItem("theme", now);
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}

function turnTheme() {
  theme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
}

function stored() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else if (view.place === "trace") location.hash = list;
    return;
  }
  if (typing) return;
  if (event.key === "p") pause();
  else if (event.key === "t") turnTheme();
  else if (event.key === "/" && view.focusFilter) {
    event.preventDefault();
    view.focusFilter();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
});

// Up and down walk through the rows of whatever list is shown.
function step(event) {
  const rows = [...main.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const next = rows[event.key === "ArrowDown" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
  event.preventDefault();
  next.focus();
}

pauseButton.addEventListener("click", pause);
themeButton.addEventListener("click", turnTheme);
document.addEventListener("visibilitychange", () => document.hidden || ask());
window.addEventListener("hashchange", show);
theme(new URLSearchParams(location.search).get("theme") ?? stored());
show();
