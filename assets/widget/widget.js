/*
 * The chat button of a car salon. One line puts it on any page:
 *
 *   <script src="https://HOST/widget.js" async></script>
 *
 * Options are attributes of that line:
 *   data-language="ru|en"        the language of button and chat; the browser's by default
 *   data-position="right|left"   the corner at the bottom; right by default
 *
 * For the page: SalonChat.open(), SalonChat.close(), SalonChat.send("a first message"), and the event `salonchat:ready`
 * on window once they are there. The button is a plain one in a shadow root, so that neither page's style reaches the
 * other. No cookies; nothing is loaded but the chat itself, from HOST, and that only when it is first opened.
 */
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script || window.SalonChat) return;

  const TEXTS = {
    ru: { open: "Задать вопрос", close: "Закрыть чат", panel: "Чат с ассистентом салона", loading: "Загружаем чат…" },
    en: { open: "Ask a question", close: "Close the chat", panel: "Chat with the salon's assistant", loading: "Loading the chat…" },
  };
  const host = new URL(script.src, window.location.href).origin;
  const asked = script.dataset.language;
  const browser = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
  const language = TEXTS[asked] ? asked : browser.find((tag) => TEXTS[tag]) || "ru";
  const texts = TEXTS[language];
  const side = script.dataset.position === "left" ? "left" : "right";
  const phone = window.matchMedia("(max-width: 480px)");

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    .launcher, .panel { position: fixed; z-index: 2147483000; font: 600 16px/1.25 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    .launcher {
      ${side}: max(20px, env(safe-area-inset-${side})); bottom: max(20px, env(safe-area-inset-bottom));
      display: inline-flex; align-items: center; gap: 10px; min-height: 56px; padding: 0 22px 0 18px; border: 1px solid #4a545e;
      border-radius: 28px; background: #1f2429; color: #f4f6f8; cursor: pointer; box-shadow: 0 6px 24px rgb(16 20 24 / 28%);
      transition: background .15s;
    }
    .launcher:hover { background: #39434d; }
    .launcher svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    :focus-visible { outline: 3px solid #1d6fb8; outline-offset: 3px; }
    .panel {
      ${side}: 20px; bottom: 90px; width: 420px; height: min(680px, calc(100vh - 110px)); overflow: hidden; border-radius: 18px;
      background: #f3f5f7; border: 1px solid #c3c9d0; box-shadow: 0 16px 48px rgb(16 20 24 / 30%);
    }
    .panel[hidden] { display: none; }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
    .wait { position: absolute; inset: 0; display: grid; place-content: center; gap: 16px; justify-items: center; color: #39434d; font-weight: 500; }
    .wait[hidden] { display: none; }
    .wait button { min-height: 44px; padding: 0 18px; border-radius: 12px; border: 1px solid #7b8590; background: #fff; color: #171a1e; font: inherit; cursor: pointer; }
    .spinner { width: 28px; height: 28px; border-radius: 50%; border: 3px solid #c3c9d0; border-top-color: #1f2429; animation: turn 1s linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    @media (max-width: 480px) {
      .panel { inset: 0; width: 100%; height: 100%; height: 100dvh; border: 0; border-radius: 0; }
      .launcher[aria-expanded="true"] { visibility: hidden; }
    }
    @media (prefers-color-scheme: dark) {
      .panel { background: #22272d; border-color: #363d45; }
      .wait { color: #eef1f4; }
    }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
  `;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 5.5h16v11h-9l-4.5 3.5v-3.5H4zM8 9.5h8M8 12.5h5");
  icon.append(path);

  const root = element("div", { id: "salon-chat" });
  const shadow = root.attachShadow({ mode: "open" });
  const label = element("span", {}, texts.open);
  const launcher = element(
    "button",
    { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel", "aria-haspopup": "dialog" },
    icon,
    label,
  );
  const abort = element("button", { type: "button" }, texts.close);
  const wait = element("div", { class: "wait" }, element("div", { class: "spinner" }), element("span", { role: "status" }, texts.loading), abort);
  const panel = element("div", { class: "panel", id: "panel", role: "dialog", "aria-label": texts.panel, lang: language }, wait);
  panel.hidden = true;
  const sheet = element("style", {});
  sheet.textContent = STYLE;
  // A landmark of its own, so that screen readers list the chat among the regions of the page.
  shadow.append(sheet, element("section", { "aria-label": texts.panel, lang: language }, panel, launcher));

  let frame = null;
  let ready = false;
  let waiting = null;
  let scrolling = "";

  function tellFrame(message) {
    if (ready) frame.contentWindow.postMessage(message, host);
  }

  function isOpen() {
    return !panel.hidden;
  }

  function open() {
    if (isOpen()) return;
    if (!frame) {
      frame = element("iframe", { title: texts.panel, src: `${host}/chat${asked ? `?lang=${language}` : ""}`, allow: "clipboard-write" });
      panel.append(frame);
      panel.append(wait);
    }
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    label.textContent = texts.close;
    if (phone.matches) {
      scrolling = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
    }
    if (ready) {
      frame.focus();
      tellFrame({ salonChat: "focus" });
    } else if (phone.matches) {
      abort.focus();
    }
  }

  function close() {
    if (!isOpen()) return;
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    label.textContent = texts.open;
    if (phone.matches || document.documentElement.style.overflow === "hidden") {
      document.documentElement.style.overflow = scrolling;
    }
    launcher.focus();
  }

  function send(text) {
    waiting = String(text);
    open();
    if (ready) flush();
  }

  function flush() {
    if (waiting !== null) tellFrame({ salonChat: "send", text: waiting });
    waiting = null;
  }

  window.addEventListener("message", (event) => {
    if (!frame || event.origin !== host || event.source !== frame.contentWindow || !event.data) return;
    if (event.data.salonChat === "close") close();
    if (event.data.salonChat === "ready") {
      ready = true;
      wait.hidden = true;
      if (isOpen()) {
        frame.focus();
        tellFrame({ salonChat: "focus" });
      }
      flush();
    }
  });

  launcher.addEventListener("click", () => (isOpen() ? close() : open()));
  abort.addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) close();
  });

  function mount() {
    document.body.append(root);
    window.SalonChat = Object.freeze({ open, close, send });
    window.dispatchEvent(new Event("salonchat:ready"));
  }

  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
