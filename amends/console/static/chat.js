// Enter sends; after an answer the box is empty and the focus is on the answer; in a form that was drawn anew it is
// on what is new. All else works without script.
(() => {
  document.documentElement.classList.add("script");
  const composer = () => document.getElementById("composer");

  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!(box instanceof HTMLTextAreaElement) || box.form === null || box.form !== composer()) return;
    event.preventDefault();
    box.form.requestSubmit();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (event.detail.successful && form === composer()) form.querySelector("textarea").value = "";
    if (!event.detail.failed && event.detail.xhr.status === 0) offline();
  });

  document.addEventListener("htmx:sendError", () => offline());

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "chat") return;
    const request = event.detail.requestConfig;
    const latest = document.getElementById("latest");
    if (latest === null || request.verb !== "post") return;
    // A pressed button is gone now, so the focus goes to the answer; whoever types goes on typing.
    if (request.elt !== composer()) latest.focus({ preventScroll: true });
    latest.scrollIntoView({ block: "start" });
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    event.detail.target.querySelector("[data-focus]")?.focus();
  });

  function offline() {
    const notice = document.getElementById("notice");
    if (notice === null) return;
    const words = document.createElement("p");
    words.className = "notice";
    words.textContent = "The desk cannot be reached. What you wrote is still here; send it again in a moment.";
    notice.replaceChildren(words);
  }
})();
