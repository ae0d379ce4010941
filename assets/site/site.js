// The buttons of the page ask the assistant; the line under the heading tells whether the salon is open.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]");
    if (!button || !window.SalonChat) return;
    if (button.dataset.ask) window.SalonChat.send(button.dataset.ask);
    else window.SalonChat.open();
  });

  async function showState() {
    const answer = await fetch("/api/salon");
    if (!answer.ok) return;
    const salon = await answer.json();
    const line = document.getElementById("state");
    line.textContent = salon.open ? "Салон сейчас открыт" : "Салон сейчас закрыт, ассистент на связи";
    line.classList.toggle("open", salon.open);
  }

  showState().catch(() => undefined);
})();
