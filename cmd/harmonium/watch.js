// Follows the stream of the server and shows the newest body. Opened details, the focus and the
// place on the page stay.
"use strict";
const page = document.getElementById("page");
const live = document.getElementById("live");
const pause = document.getElementById("pause");
let paused = false, latest = null, shown = null;

function key(element) {
  const section = element.closest("section");
  const alike = [...(section || page).querySelectorAll(element.tagName)];
  return (section ? section.id : "") + " " + element.tagName + " " + alike.indexOf(element);
}

function show() {
  if (paused || latest === null || latest === shown) return;
  const open = new Set([...page.querySelectorAll("details[open]")].map(key));
  const active = document.activeElement;
  const focused = page.contains(active) ? key(active) : null;
  page.innerHTML = latest;
  shown = latest;
  for (const details of page.querySelectorAll("details")) details.open = open.has(key(details));
  if (focused !== null) {
    const tag = focused.split(" ")[1];
    for (const element of page.querySelectorAll(tag)) if (key(element) === focused) element.focus({ preventScroll: true });
  }
  live.textContent = "live, last change at " + new Date().toLocaleTimeString();
}

const events = new EventSource("/events");
events.onmessage = (e) => { latest = JSON.parse(e.data); show(); };
events.onopen = () => { live.textContent = "live"; };
events.onerror = () => { live.textContent = "no connection: is harmonium watch still at work?"; };

pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (paused) live.textContent = "paused"; else { live.textContent = "live"; show(); }
});

page.addEventListener("click", async (e) => {
  const run = e.target.dataset.stop;
  if (run === undefined || !confirm("End the run with a checkpoint?")) return;
  const answer = await fetch("/stop?run=" + encodeURIComponent(run), { method: "POST" });
  live.textContent = answer.ok ? "asked the run to end after its update" : "not ended: " + await answer.text();
});
