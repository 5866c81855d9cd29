// What makes the shop a little smoother, and tells it how its pages do. Nothing here is needed to buy.
"use strict";
(() => {
  for (const select of document.querySelectorAll("select[data-submit]")) {
    const button = select.form.querySelector("button");
    if (button) button.hidden = true;
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  // On a phone what was found comes first.
  if (window.matchMedia("(max-width: 46rem)").matches) {
    for (const filters of document.querySelectorAll(".facets details")) filters.open = false;
  }
  // Pressing twice sends once. Who stopped the page from loading may press again after a while.
  const stillSending = 15_000;
  for (const form of document.querySelectorAll('form[method="post"]')) {
    let sent = 0;
    form.addEventListener("submit", (event) => {
      if (sent && performance.now() - sent < stillSending) event.preventDefault();
      else sent = performance.now();
      form.setAttribute("aria-busy", "true");
      setTimeout(() => form.removeAttribute("aria-busy"), stillSending);
    });
    window.addEventListener("pageshow", () => {
      sent = 0;
      form.removeAttribute("aria-busy");
    });
  }

  // At checkout the price follows the country and the way of shipping.
  const checkout = document.querySelector("form[data-priced]");
  if (checkout) {
    const look = checkout.querySelector("button[name=look]");
    const chosen = (name) => checkout.elements[name]?.value ?? "";
    let asked = 0;
    look.hidden = true;
    checkout.addEventListener("change", async ({ target }) => {
      if (target.name !== "country" && target.name !== "speed") return;
      const mine = ++asked;
      try {
        const answer = await fetch(`/checkout?${new URLSearchParams({ country: chosen("country"), speed: chosen("speed") })}`);
        if (mine !== asked) return;
        if (!answer.ok || answer.redirected) throw new Error("no price");
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of checkout.querySelectorAll("[data-part]")) {
          // Where the finger is stays as it is.
          if (part.contains(target)) continue;
          part.replaceChildren(...fresh.querySelector(`[data-part="${part.dataset.part}"]`).childNodes);
        }
      } catch {
        look.hidden = false;
      }
    });
  }

  let reports = 0;
  const reportsMax = 10;
  const report = (fields) => {
    if (++reports > reportsMax) return;
    const body = JSON.stringify({ page: location.pathname, ...fields });
    fetch("/rum", { method: "POST", body, keepalive: true, headers: { "content-type": "application/json" } }).catch(() => {});
  };
  window.addEventListener("load", () => setTimeout(() => {
    const [times] = performance.getEntriesByType("navigation");
    if (!times) return;
    report({
      ttfb_ms: Math.round(times.responseStart),
      dom_ms: Math.round(times.domContentLoadedEventEnd),
      load_ms: Math.round(times.loadEventEnd),
    });
  }, 0));
  const text = (value) => String(value).replace(/[\u0000-\u001f\u007f]/g, " ").slice(0, 300);
  window.addEventListener("error", (event) => {
    report({ error: text(event.message), source: text(`${event.filename}:${event.lineno}`) });
  });
  window.addEventListener("unhandledrejection", (event) => report({ error: text(event.reason) }));
})();
