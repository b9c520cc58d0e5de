// Keeps the progress page fresh while something is published; without scripts its link does the same.
const LOOK_AGAIN_AFTER = 2000; // milliseconds

async function lookAgain(part) {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    if (fresh && fresh.innerHTML !== part.innerHTML) {
      part.replaceWith(fresh);
      part = fresh;
    }
  } catch {
    // the network is away for a moment: the next look may succeed
  }
  keepFresh(part);
}

function keepFresh(part) {
  if (part?.hasAttribute("data-running")) setTimeout(() => lookAgain(part), LOOK_AGAIN_AFTER);
}

keepFresh(document.querySelector("[data-progress]"));
