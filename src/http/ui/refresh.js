// Fetches this page again and swaps what has changed: the server's rendering stays the only one. An element is known by
// its data-live name. One with a data-live-key is swapped as a whole when the key changes, and left alone otherwise.

const everyMs = 3000;
const lost = document.getElementById("lost");

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch("/");
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const element of document.querySelectorAll("[data-live]")) swap(element, fresh);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

function swap(element, fresh) {
  const name = element.dataset.live;
  const next = fresh.querySelector(`[data-live="${CSS.escape(name)}"]`);
  if (next === null) return;
  const key = element.dataset.liveKey;
  const isChanged = key === undefined ? next.innerHTML !== element.innerHTML : next.dataset.liveKey !== key;
  if (isChanged) element.replaceWith(document.adoptNode(next));
}

setInterval(refresh, everyMs);
document.addEventListener("visibilitychange", refresh);
