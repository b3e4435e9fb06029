// What a page gains where a script may run: a switch for colours, copied links, previews of links, and keys.
// Without it every page reads and works; nothing here asks for anything but pages of this garden.
// Its words stand in the page, in the page's language, as data attributes of its own element.

const words = document.querySelector('script[src$="/garden.js"]').dataset;
const main = document.querySelector("main");

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function draw(...paths) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const [d, kind] of paths) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    if (kind) path.setAttribute("class", kind);
    svg.append(path);
  }
  return svg;
}

// What a reader chooses stays in the browser; where nothing can be kept, a choice holds for one page.
const kept = {
  read(key) {
    try { return localStorage.getItem(`garden-${key}`); } catch { return null; }
  },
  write(key, value) {
    try {
      if (value) localStorage.setItem(`garden-${key}`, value);
      else localStorage.removeItem(`garden-${key}`);
    } catch { /* private windows of some browsers */ }
  },
};

// --- a word that something was done, for eyes and for screen readers ------------------------------

const notice = make("div", { class: "said-so", role: "status" });
document.body.append(notice);
let forgetting;

function say(text) {
  clearTimeout(forgetting);
  notice.textContent = text;
  forgetting = setTimeout(() => { notice.textContent = ""; }, 2500);
}

// --- colours: as on the device, light, dark -------------------------------------------------------

const circle = "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z";
const schemes = {
  system: [[circle], ["M8 2a6 6 0 0 1 0 12z", "full"]],
  light: [["M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 .9v1.6M8 13.5v1.6M.9 8h1.6M13.5 8h1.6M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3"]],
  dark: [["M13.6 9.7A6 6 0 0 1 6.3 2.4a6 6 0 1 0 7.3 7.3z"]],
};
const order = Object.keys(schemes);
const choose = make("button", { class: "scheme", type: "button" });
const edges = [...document.querySelectorAll("meta[name=theme-color]")].map((meta) => [meta, meta.media]);

function show(scheme) {
  if (scheme === "system") delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = scheme;
  for (const [meta, media] of edges) {
    meta.media = scheme === "system" ? media : media.includes(scheme) ? "all" : "not all";
  }
  choose.replaceChildren(draw(...schemes[scheme]));
  choose.title = words[scheme];
  choose.setAttribute("aria-label", words[scheme]);
}

let scheme = order.includes(kept.read("scheme")) ? kept.read("scheme") : "system";
show(scheme);
choose.addEventListener("click", () => {
  scheme = order[(order.indexOf(scheme) + 1) % order.length];
  kept.write("scheme", scheme === "system" ? "" : scheme);
  show(scheme);
  say(words[scheme]);
});
document.querySelector(".masthead").append(choose);

// --- links to copy --------------------------------------------------------------------------------

async function copy(url) {
  try {
    await navigator.clipboard.writeText(url);
    say(words.copied);
  } catch { /* not allowed here; the address bar shows the link */ }
}

if (navigator.clipboard) {
  main.addEventListener("click", (event) => {
    const anchor = event.target.closest("a.anchor");
    if (anchor && !event.ctrlKey && !event.metaKey && !event.shiftKey) copy(anchor.href);
  });
  const canonical = document.querySelector("link[rel=canonical]");
  for (const place of document.querySelectorAll(".flow > .onward")) {
    const button = make("button", { class: "button", type: "button" }, words.copy);
    button.addEventListener("click", () => copy(canonical.href));
    place.append(button);
  }
}

// --- spoilers: a click on words that are open already leaves them open ----------------------------

main.addEventListener("click", (event) => {
  const open = event.target.closest(".hidden-words");
  if (open && !event.target.closest("a")) event.preventDefault();
});

// --- previews: the title and first words of the page that a link leads to -------------------------

const WAIT = 350;
const LONGEST = 280;
const found = new Map();
let preview, owner, waiting, asking;

function hide() {
  clearTimeout(waiting);
  asking?.abort();
  preview?.remove();
  owner?.removeAttribute("aria-describedby");
  preview = owner = asking = undefined;
}

function leadsOn(link) {
  const url = new URL(link.href);
  const isPage = url.origin === location.origin && url.pathname.endsWith("/") && !link.closest(".preview");
  return isPage && url.pathname !== location.pathname && link.rel !== "home";
}

// Words that a spoiler hides stay hidden here, too.
function firstWords(element) {
  const copied = element.cloneNode(true);
  for (const each of copied.querySelectorAll(".hidden-words, .about, annotation")) each.remove();
  const text = copied.textContent.replace(/\s+/g, " ").trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/\s\S*$/, "")}…` : text;
}

// A conversation is often named by its first words, which need not be said twice.
function withoutTitle(text, title) {
  const named = title.replace(/[….\s]+$/, "");
  return text.startsWith(named) ? text.slice(named.length).replace(/^[….,;:?!\s]+/, "") : text;
}

function read(html, fragment) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = fragment && page.getElementById(fragment)?.querySelector(".body");
  const description = page.querySelector("meta[name=description]")?.content;
  return { title: page.querySelector("h1")?.textContent.trim(), text: said ? firstWords(said) : description };
}

async function fetchWords(link, signal) {
  const { pathname, search, hash } = new URL(link.href);
  const key = pathname + search + hash;
  if (!found.has(key)) {
    const answer = await fetch(pathname + search, { signal, credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    found.set(key, read(await answer.text(), decodeURIComponent(hash.slice(1))));
  }
  return found.get(key);
}

function place(link) {
  const box = [...link.getClientRects()].at(-1);
  const { offsetWidth: width, offsetHeight: height } = preview;
  const below = box.bottom + height + 16 < innerHeight || box.top < height + 16;
  const left = Math.max(16, Math.min(box.left, document.documentElement.clientWidth - width - 16));
  preview.style.left = `${left + scrollX}px`;
  preview.style.top = `${(below ? box.bottom + 6 : box.top - height - 6) + scrollY}px`;
}

async function open(link) {
  asking = new AbortController();
  try {
    const { title, text } = await fetchWords(link, asking.signal);
    if (owner !== link || !title) return;
    preview = make("div", { class: "preview", id: "preview", role: "tooltip", dir: "auto" }, make("b", {}, title));
    const more = withoutTitle(text ?? "", title);
    if (more) preview.append(make("p", { dir: "auto" }, more));
    preview.addEventListener("pointerleave", hide);
    document.body.append(preview);
    link.setAttribute("aria-describedby", "preview");
    place(link);
  } catch { /* no preview then: the link itself leads there */ }
}

// While a reader goes by keys, a pointer that lies on the page changes nothing.
const goesByKeys = (event) => event.type.startsWith("pointer") && owner?.matches(":focus-visible");

function consider(event) {
  const link = event.target.closest?.("main a[href]");
  // Links in a drawing tell their titles themselves.
  if (!(link instanceof HTMLAnchorElement) || link === owner || !leadsOn(link) || goesByKeys(event)) return;
  if (event.type === "focusin" && !link.matches(":focus-visible")) return;
  hide();
  owner = link;
  waiting = setTimeout(open, WAIT, link);
}

function leave(event) {
  if (!owner || event.relatedTarget?.closest?.(".preview") || owner.contains(event.relatedTarget)) return;
  if (goesByKeys(event)) return;
  if (event.target.closest?.("a") === owner) hide();
}

if (matchMedia("(hover: hover)").matches) {
  document.addEventListener("pointerover", consider);
  document.addEventListener("pointerout", leave);
}
document.addEventListener("focusin", consider);
document.addEventListener("focusout", leave);

// --- keys, which a reader can switch off ----------------------------------------------------------

const STOPS = ".message:not(.removed, .quiet), .card";
const search = document.querySelector("input[type=search]");
const map = document.querySelector(".masthead a.map");

// From where the reader is: at a link of a message or a card, or else at the top of the window.
function step(by) {
  const stops = [...main.querySelectorAll(STOPS)];
  if (!stops.length) return;
  const here = stops.indexOf(document.activeElement.closest(STOPS));
  const below = stops.findIndex((each) => each.getBoundingClientRect().top >= 0);
  const next = here >= 0 ? here + by : (below < 0 ? stops.length : below) + Math.min(by, 0);
  const stop = stops[Math.max(0, Math.min(stops.length - 1, next))];
  const link = stop.querySelector(":scope > .own .anchor") ?? stop.querySelector("a");
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "center" });
}

function find() {
  if (search) search.focus();
  else location.assign(map.href);
}

const keys = { j: () => step(1), k: () => step(-1), ...(search || map ? { "/": find } : {}), "?": help };
const uses = { j: words.next, k: words.previous, "/": words.find, "?": words.help };
let dialog;

function help() {
  if (!dialog) {
    const list = make("dl");
    for (const key of Object.keys(keys)) {
      list.append(make("dt", {}, make("kbd", {}, key)), make("dd", {}, uses[key]));
    }
    const box = make("input", { type: "checkbox" });
    box.checked = kept.read("keys") !== "off";
    box.addEventListener("change", () => kept.write("keys", box.checked ? "" : "off"));
    const close = make("button", { class: "button", autofocus: "" }, words.close);
    const form = make("form", { method: "dialog" }, make("label", {}, box, ` ${words.use}`), close);
    dialog = make("dialog", { class: "keys", "aria-labelledby": "keys" }, make("h2", { id: "keys" }, words.keys), list, form);
    document.body.append(dialog);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog?.open) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (!(event.key in keys) || kept.read("keys") === "off") return;
  event.preventDefault();
  keys[event.key]();
});

const list = make("button", { class: "list-keys", type: "button" }, words.keys);
list.addEventListener("click", help);
document.querySelector(".colophon ul").append(make("li", {}, list));
