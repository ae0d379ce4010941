// What a staff page does in the browser beyond Gradio: when the log-in has ended, it leads back to the entrance.
(() => {
  "use strict";

  const fetched = window.fetch.bind(window);

  window.fetch = async (...call) => {
    const response = await fetched(...call);
    if (response.status === 401 && new URL(response.url).pathname.startsWith("/staff/")) {
      const next = window.location.pathname + window.location.search;
      window.location.assign("/staff/login?" + new URLSearchParams({ next }));
    }
    return response;
  };
})();
