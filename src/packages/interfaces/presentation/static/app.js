// What pages gain with JavaScript; every page works without it.
(() => {
  "use strict";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
  const say = (text) => { const live = one("#live"); if (live && text) live.textContent = text; };
  const visible = (element) => element.getClientRects().length > 0;

  // --- htmx looks through all attributes of what arrives for hx-on, which no page has and the policy stops.
  const { createExpression } = XPathEvaluator.prototype;
  XPathEvaluator.prototype.createExpression = function (text, ...more) {
    return text.includes("hx-on") ? { evaluate: () => ({ iterateNext: () => null }) } : createExpression.call(this, text, ...more);
  };

  // --- Rows: j and k move a cursor, Enter opens, x chooses.
  const rows = () => all("tr[data-href]").filter(visible);
  const current = () => one("tr[data-cursor]") ?? one("tr[data-href]:target");
  function move(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(current());
    const next = list[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by, 0), list.length - 1)];
    current()?.removeAttribute("data-cursor");
    next.setAttribute("data-cursor", "");
    const target = one("a, button, input", next) ?? next;
    target.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  const open = (row) => { const link = one("a[href]", row); if (link) link.click(); else if (row) location.assign(row.dataset.href); };

  // --- Charts: the nearest row of the table twin, by pointer and by arrow keys.
  function point(figure, wanted) {
    const texts = all("tbody tr", figure);
    if (!texts.length) return;
    const at = Math.min(Math.max(wanted, 0), texts.length - 1);
    figure.dataset.at = at;
    let readout = one("output", figure);
    if (!readout) { readout = document.createElement("output"); readout.className = "mono"; one("figcaption", figure).append(readout); }
    readout.textContent = [...texts[at].cells].map((cell) => cell.textContent).join("  ");
    const svg = one(".drawing", figure);
    let hair = one(".crosshair", svg);
    if (!hair) { hair = document.createElementNS("http://www.w3.org/2000/svg", "line"); hair.setAttribute("class", "crosshair"); svg.append(hair); }
    const x = texts[at].dataset.x, height = svg.viewBox.baseVal.height;
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", 10], ["y2", height - 34]]) hair.setAttribute(name, value);
  }
  function chartKey(event, figure) {
    const count = all("tbody tr", figure).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (event.key === "t") { const twin = one("details", figure); twin.open = !twin.open; return true; }
    if (step === undefined || !count) return false;
    point(figure, Number(figure.dataset.at ?? 0) + step);
    say(one("output", figure).textContent);
    return true;
  }
  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.(".drawing");
    if (!svg) return;
    const box = svg.getBoundingClientRect(), figure = svg.closest(".chart");
    const inside = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    const away = all("tbody tr", figure).map((row) => Math.abs(row.dataset.x - inside));
    point(figure, away.indexOf(Math.min(...away)));
  });

  // --- A drawing as a PNG, twice as large.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-png]");
    if (!button) return;
    const answer = await fetch(button.dataset.png), picture = new Image(), canvas = document.createElement("canvas");
    if (!answer.ok) return complain(button, "The picture could not be made. ");
    picture.src = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
    await picture.decode();
    canvas.width = 2 * picture.width;
    canvas.height = 2 * picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${button.closest(".chart").id}.png`;
    link.click();
  });

  // --- Shortcuts, off while typing and when the profile says so.
  let leader = "";
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const figure = event.target.closest?.(".chart");
    if (figure && chartKey(event, figure)) return event.preventDefault();
    if (document.body.dataset.shortcuts !== "on" || typing(event.target) || one("dialog[open]")) return;
    const key = event.key;
    if (leader === "g") {
      leader = "";
      const link = one(`[data-go="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") { leader = "g"; setTimeout(() => { leader = ""; }, 1500); return; }
    if (key === "?") { event.preventDefault(); return one("#shortcuts")?.showModal(); }
    if (key === "/") { const box = one("input[type=search]"); if (box) { event.preventDefault(); box.focus(); } return; }
    if (key === "j" || key === "k") { event.preventDefault(); return move(key === "j" ? 1 : -1); }
    if (key === "Enter" && current() && !event.target.closest("a, button")) { event.preventDefault(); return open(current()); }
    if (key === "," || key === "." || (event.shiftKey && (key === "ArrowUp" || key === "ArrowDown"))) {
      const range = one("input[type=range][data-twin]");
      if (range) { event.preventDefault(); range.focus({ preventScroll: true }); range[key === "ArrowUp" || key === "." ? "stepUp" : "stepDown"](); range.dispatchEvent(new Event("input", { bubbles: true })); }
      return;
    }
    if (key === "x") {
      const box = current() && (one("input[type=checkbox]", current()) ?? one('[data-key="x"]', current()));
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    const scope = current() ?? one("[data-keys]") ?? document;
    const marked = `[data-key="${CSS.escape(key)}"]`;
    const button = [...all(marked, scope), ...all(`#toast ${marked}`), ...all(marked)].find(visible); // the toast is the newest act
    if (button) { event.preventDefault(); button.click(); }
  });

  // --- What comes anew by itself, while somebody looks: [data-every] is a link, and its seconds.
  let seconds = 0;
  setInterval(() => {
    const link = one("[data-every]");
    const isTyping = document.activeElement?.closest("form");
    if (link && !document.hidden && !isTyping && ++seconds % link.dataset.every === 0) link.click();
  }, 1000);

  // --- Twins: a range and a number field that say the same.
  document.addEventListener("input", (event) => {
    const twin = event.target.dataset?.twin && document.getElementById(event.target.dataset.twin);
    if (twin && twin.value !== event.target.value) twin.value = event.target.value;
  });

  // --- A chart's threshold, dragged: [data-drag] names the range whose ends are the ends of the plot.
  let dragged = null;
  const drag = (event) => {
    const svg = dragged && one(`[data-drag="${dragged.id}"] .drawing`);
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const [, , width] = svg.getAttribute("viewBox").split(" ").map(Number);
    const share = Math.min(Math.max(((event.clientX - box.left) / box.width * width - 48) / (width - 60), 0), 1);
    dragged.value = Number(dragged.min) + share * (dragged.max - dragged.min);
    dragged.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("pointerdown", (event) => {
    const frame = event.target.closest?.("[data-drag]");
    if (!frame || !event.target.closest(".drawing") || event.button) return;
    dragged = document.getElementById(frame.dataset.drag);
    event.preventDefault();
    drag(event);
  });
  document.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { dragged = null; });

  // --- Answers: after one was given for the current row, on to the next; what stands for a while only.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches?.("[data-advance]") && current()?.contains(event.detail.elt)) move(1);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const passing = event.detail.elt;
    if (passing.dataset?.seconds) setTimeout(() => { passing.hidden = true; }, passing.dataset.seconds * 1000);
  });

  // --- Buttons that open dialogs, menus that close, forms that ask first.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    const copier = event.target.closest("[data-copy]");
    if (copier) navigator.clipboard?.writeText(document.getElementById(copier.dataset.copy).textContent).then(() => say("Copied."));
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of all("details.menu[open]")) { menu.open = false; one("summary", menu).focus(); }
  });

  // --- A form that leads to another page is sent once, however often it is clicked. Fields may be called "method" or "dataset".
  let sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (Date.now() - (sent.get(form) ?? 0) < 5000) event.preventDefault();
    else sent.set(form, Date.now());
  });
  addEventListener("pageshow", () => { sent = new WeakMap(); });

  // --- Uploads: progress, and files dropped.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const bar = one("progress[data-upload]", form);
    if (!bar || !one("input[type=file]", form)?.files.length) return;
    event.preventDefault();
    if (!bar.hidden) return;  // it is under way
    const request = new XMLHttpRequest();
    bar.hidden = false;
    request.upload.onprogress = (step) => { if (step.lengthComputable) { bar.max = step.total; bar.value = step.loaded; } };
    request.onload = () => {
      const href = request.getResponseHeader("HX-Redirect");
      if (href) return location.assign(href);
      const main = one("main"), crumbs = one(".crumbs", main);
      main.innerHTML = request.responseText;
      if (crumbs) main.prepend(crumbs);
      htmx.process(main);
      if (request.status >= 400) document.title = `Error: ${document.title.replace(/^Error: /, "")}`;
      arrived(main);
    };
    request.onerror = () => { bar.hidden = true; complain(form, "The upload was interrupted; nothing was stored. "); };
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(new FormData(form));
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.(".drop");
      if (!zone) return;
      event.preventDefault();
      zone.toggleAttribute("data-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        const input = one("input[type=file]", zone);
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  // --- htmx: say that a target is busy, what arrived, and keep the focus where the reader is.
  const arrived = (element) => { const problem = one("#problem", element); if (problem) problem.focus(); };
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));
  let held = false, words = "";
  document.addEventListener("htmx:beforeSwap", () => { held = document.activeElement !== document.body; });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;  // one of all that came; what was asked for speaks for the others
    const said = one("[data-announce]", target)?.textContent ?? target.dataset?.announce;
    if (said && (!words || target.id === event.detail.target?.id)) {
      if (!words) queueMicrotask(() => { say(words); words = ""; });
      words = said;
    }
    arrived(target);
    if (held && document.activeElement === document.body) one("h1, h2, h3, [tabindex='-1'], a, button, input", target)?.focus();
  });

  // --- Back leads to where the reader was, also where the page was longer then: it comes anew, htmx keeps no copies.
  document.addEventListener("htmx:beforeHistoryUpdate", () => history.replaceState({ ...history.state, y: scrollY }, ""));
  addEventListener("load", () => addEventListener("popstate", ({ state }) => {  // after htmx, which writes a state of its own
    if (state?.y === undefined) return;
    history.scrollRestoration = "manual";
    history.replaceState({ ...state, again: state.y }, "");
  }));
  addEventListener("pageshow", () => {
    const { again, ...state } = history.state ?? {};
    if (again === undefined) return;
    history.replaceState(state, "");
    scrollTo(0, again);
    setTimeout(() => { history.scrollRestoration = "auto"; }, 1000);  // any sooner, and the browser still scrolls
  });

  // --- What failed is told where it was asked for, whose old content stays; a page that is not ours, such as a proxy's, is not shown.
  function complain(target, words, request) {
    const box = document.createElement("div"), link = document.createElement("a");
    box.className = "notice";
    box.dataset.kind = "error";
    box.dataset.trouble = "";
    box.setAttribute("role", "alert");
    link.href = location.href;
    link.textContent = "Try again";
    box.append(words, link);
    if (request) box.append(" Request ", request);
    for (const old of all("[data-trouble]")) old.remove();
    const table = target.closest(".scroll");
    if (table) table.before(box);
    else if (target.matches("div, section, form.stack, main")) target.prepend(box);
    else target.before(box);
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail, text = (from) => from?.textContent ?? "";
    for (const old of all("[data-trouble]")) old.remove();
    if (xhr.status < 400) return;
    const ours = one("[data-problem]", new DOMParser().parseFromString(xhr.responseText, "text/html"));
    if (!ours && xhr.status === 422) return;  // a form with what is wrong in it
    event.detail.shouldSwap = false;
    const told = ours ? all("h1, h1 ~ p:not(.cluster, .muted)", ours).map(text).join(". ") : `The server failed (${xhr.status})`;
    complain(target, `${told.replace(/\.?$/, ".")} What you see is from before. `, one("code", ours ?? document.createElement("p")));
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      complain(event.detail.target ?? one("main"), "The server did not answer; what you see is from before. ");
    });
  }

  // --- Jobs: what the server tells of them, while somebody looks; the page comes anew when one is over.
  const streams = new Map();
  function follow() {
    for (const [box, stream] of streams) if (document.hidden || !box.isConnected) { stream.close(); streams.delete(box); }
    if (document.hidden) return;
    for (const box of all("[data-job]")) {
      if (streams.has(box)) continue;
      const stream = new EventSource(box.dataset.job);
      streams.set(box, stream);
      stream.addEventListener("job", (event) => { box.innerHTML = event.data; });
      stream.addEventListener("done", () => { stream.close(); location.reload(); });
    }
  }
  document.addEventListener("visibilitychange", follow);
  document.addEventListener("htmx:afterSettle", follow);
  addEventListener("pagehide", () => { for (const stream of streams.values()) stream.close(); streams.clear(); });
  addEventListener("pageshow", follow);

  arrived(document);
})();
