// What the chat page does in the browser beyond Gradio: keeps the session id, moves focus and scrolls, talks to the
// page that embeds it. Loaded before Gradio; everything it needs from the page it looks for when it is there.
(() => {
  "use strict";

  const KEYS = { session: "salon-chat-session", visitor: "salon-chat-visitor" };

  // Storage may be forbidden in a frame; then the dialog lasts as long as the page.
  function read(key) {
    try {
      return window.localStorage.getItem(key) || "";
    } catch {
      return "";
    }
  }

  function write(key, value) {
    try {
      if (value) window.localStorage.setItem(key, value);
      else window.localStorage.removeItem(key);
    } catch {
      // nothing to keep it in
    }
  }

  // What was written and is to be sent, and what was sent last. The text leaves the box in the very moment of the key
  // press, so that nothing typed after it is mixed up with it, and comes back when it could not be sent.
  const outbox = [];
  let sent = "";
  let draft = "";

  // After a lost connection Gradio loads the page anew; what was typed or waits to be sent outlives that in the tab.
  const UNSENT = "salon-chat-unsent";

  function noteUnsent() {
    const waiting = [sent, ...outbox].filter(Boolean);
    try {
      if (draft || waiting.length) window.sessionStorage.setItem(UNSENT, JSON.stringify({ draft, waiting }));
      else window.sessionStorage.removeItem(UNSENT);
    } catch {
      // nothing to keep it in
    }
  }

  function dropUnsent() {
    sent = draft = "";
    outbox.length = 0;
    noteUnsent();
  }

  try {
    const unsent = JSON.parse(window.sessionStorage.getItem(UNSENT) || "{}");
    draft = unsent.draft || "";
    outbox.push(...(unsent.waiting || []));
  } catch {
    // nothing was kept
  }

  function messageBox() {
    return document.querySelector("#message textarea");
  }

  function fill(box, text) {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function submit() {
    const box = messageBox();
    if (!box || !box.value.trim()) return;
    outbox.push(box.value.trim());
    fill(box, "");
    noteUnsent();
    document.getElementById("dispatch").click();
  }

  // Gradio tells of a lost connection in a corner, in its own words, and forgets what was to be sent. Here the visitor
  // is told in the page's words, and the text is back in the box.
  const plainFetch = window.fetch.bind(window);

  window.fetch = async (...request) => {
    const url = String(request[0]?.url || request[0]);
    const sends = url.includes("/gradio_api/queue/join");
    const asks = sends || url.includes("/gradio_api/run/predict");
    try {
      const response = await plainFetch(...request);
      if (asks) tellConnection(response.ok);
      if (sends && response.ok) {
        sent = "";
        noteUnsent();
      }
      return response;
    } catch (error) {
      if (asks && error.name !== "AbortError") tellConnection(false);
      throw error;
    }
  };

  function tellConnection(works) {
    const line = document.getElementById("link-alert");
    if (line) line.textContent = works ? "" : line.dataset.text;
    const box = messageBox();
    if (works || !sent || !box || box.value) return;
    const text = sent;
    sent = "";
    fill(box, text);
  }

  document.addEventListener("input", (event) => {
    if (event.target !== messageBox()) return;
    draft = event.target.value;
    noteUnsent();
  });

  function pickUp() {
    const box = messageBox();
    if (box && !box.value && draft) fill(box, draft);
    for (let waiting = outbox.length; waiting > 0; waiting -= 1) document.getElementById("dispatch").click();
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target !== messageBox() || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      submit();
    },
    true,
  );

  document.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest?.("#send")) return;
      event.stopPropagation();
      submit();
      messageBox()?.focus();
    },
    true,
  );

  window.salonChat = {
    next: () => (sent = outbox.shift() || ""),
    kept: () => [read(KEYS.session), read(KEYS.visitor)],
    keep: (session, visitor) => {
      if (!session) dropUnsent();
      write(KEYS.session, session);
      write(KEYS.visitor, visitor);
    },
  };

  // The page around us ------------------------------------------------------------------------------------------------

  const embedded = window.parent !== window;

  function trustedOrigins() {
    const listed = document.querySelector('meta[name="salon-embed-origins"]')?.content || "";
    return [window.location.origin, ...listed.split(" ").filter(Boolean)];
  }

  function tellHost(type) {
    if (!embedded) return;
    for (const origin of trustedOrigins()) window.parent.postMessage({ salonChat: type }, origin);
  }

  let firstMessage = "";

  window.addEventListener("message", (event) => {
    if (!embedded || event.source !== window.parent || !trustedOrigins().includes(event.origin)) return;
    const data = event.data;
    if (!data || typeof data !== "object") return;
    if (data.salonChat === "send" && typeof data.text === "string") {
      firstMessage = data.text.slice(0, 4000);
      sendFirst();
    }
    if (data.salonChat === "focus") takeFocus();
  });

  function sendFirst() {
    const box = messageBox();
    if (!firstMessage.trim() || !box || !visible(box)) return;
    outbox.push(firstMessage.trim());
    firstMessage = "";
    document.getElementById("dispatch").click();
  }

  // Focus -------------------------------------------------------------------------------------------------------------

  function visible(element) {
    return element.getClientRects().length > 0;
  }

  function shownView() {
    return [...document.querySelectorAll(".view")].find(visible) || null;
  }

  function focusView(view) {
    if (!view) return;
    const target =
      view.id === "view-chat"
        ? chatTarget()
        : view.querySelector("h2") || view.querySelector("button");
    if (!target) return;
    if (target.tagName === "H2") target.tabIndex = -1;
    target.focus({ preventScroll: view.id === "view-chat" });
  }

  // The frame may get the focus a moment after it is told to take it.
  function takeFocus() {
    let tries = 0;
    const timer = window.setInterval(attempt, 60);
    function attempt() {
      tries += 1;
      const there = document.hasFocus() && document.activeElement !== document.body;
      if (there || tries > 20) window.clearInterval(timer);
      else focusView(shownView());
    }
    focusView(shownView());
  }

  // On a touch screen the keyboard would cover half of the dialog, so there the log is focused instead of the box.
  function chatTarget() {
    return window.matchMedia("(pointer: coarse)").matches ? document.getElementById("salon-log") : messageBox();
  }

  let lastView = null;

  function viewChanged() {
    const view = shownView();
    if (!view || view === lastView) return;
    // The opening card is filled by the server after the page has come up.
    const chat = view.id === "view-chat";
    if (!view.querySelector("h2") && !chat) return;
    const first = lastView === null;
    lastView = view;
    view.scrollTop = 0;
    if (!first || chat) focusView(view);
    if (first) tellHost("ready");
    if (chat) {
      scrollLog(true);
      pickUp();
      sendFirst();
    }
  }

  // The log -----------------------------------------------------------------------------------------------------------

  let turns = 0;
  let following = true;

  function scrollLog(force) {
    const log = document.getElementById("salon-log");
    if (!log) return;
    if (!log.dataset.watched) {
      log.dataset.watched = "yes";
      log.addEventListener("scroll", () => {
        following = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      });
      new ResizeObserver(() => scrollLog(true)).observe(log);
    }
    const all = log.querySelectorAll(".turn");
    const last = all[all.length - 1];
    const grown = all.length > turns;
    turns = all.length;
    if (!last || (!force && !following && !(grown && last.classList.contains("visitor")))) return;
    // A long answer is read from its beginning: the question and the first lines stay in sight.
    const asked = last.classList.contains("assistant") && last.previousElementSibling;
    const start = (asked && asked.offsetHeight < log.clientHeight / 3 ? asked : last).offsetTop - 12;
    log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, Math.max(start, 0));
  }

  // One name makes one group, in which the arrow keys work; Gradio gives every choice a name of its own, again and again.
  function group() {
    for (const scale of document.querySelectorAll(".scale"))
      for (const choice of scale.querySelectorAll('input[type="radio"]'))
        if (choice.name !== scale.id) choice.name = scale.id;
  }

  // What Gradio leaves out for screen readers --------------------------------------------------------------------------

  function describe() {
    for (const scale of document.querySelectorAll(".scale fieldset, fieldset.scale")) {
      const label = scale.querySelector('[data-testid="block-info"]');
      if (!label || scale.getAttribute("aria-labelledby")) continue;
      label.id ||= `label-${scale.id || scale.parentElement.id}`;
      scale.setAttribute("role", "radiogroup");
      scale.setAttribute("aria-labelledby", label.id);
    }
    const box = messageBox();
    if (box && !box.hasAttribute("aria-label")) box.setAttribute("aria-label", box.closest("label").textContent.trim());
    const close = document.getElementById("close-chat");
    if (close && embedded && close.hidden) {
      close.hidden = false;
      close.addEventListener("click", () => tellHost("close"));
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tellHost("close");
  });

  function start() {
    let scheduled = false;
    new MutationObserver((changes) => {
      if (changes.some((change) => change.target.closest?.("#salon-log, #log-slot") || change.target.parentElement?.closest("#salon-log")))
        scrollLog(false);
      group();
      if (scheduled) return;
      scheduled = true;
      window.requestAnimationFrame(() => {
        scheduled = false;
        describe();
        viewChanged();
      });
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "name"] });
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
