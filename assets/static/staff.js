// What a staff page does in the browser beyond Gradio: when the log-in has ended, it leads back to the entrance; and what
// the page asks for by itself, with nobody there, is marked, so that it does not keep the log-in alive.
(() => {
  "use strict";

  const AWAY_MS = 60_000;
  const fetched = window.fetch.bind(window);
  let touched = Date.now();

  for (const event of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    window.addEventListener(event, () => { touched = Date.now(); }, { capture: true, passive: true });
  }

  window.fetch = async (resource, options) => {
    let request = new Request(resource, options);
    if (Date.now() - touched > AWAY_MS && new URL(request.url).origin === window.location.origin) {
      request = new Request(request);
      request.headers.set("X-Unattended", "1");
    }
    const response = await fetched(request);
    if (response.status === 401 && new URL(response.url).pathname.startsWith("/staff/")) {
      const next = window.location.pathname + window.location.search;
      window.location.assign("/staff/login?" + new URLSearchParams({ next }));
    }
    return response;
  };
})();
