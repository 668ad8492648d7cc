// Between the page and the map in its frame: what the map says becomes a trigger of the page, what the page has found is posted to the map.
// Nothing is put into markup here, and only messages of the map's own frame and of this origin are heard.
const KINDS = ["home", "square", "facility", "candidate", "pick", "runner_up", "gap", "ground"];
const TOOLS = ["site", "move", "close", "gate", "path", "crossing", "street", "candidate", "undo", "redo"];
const whole = (value) => value === undefined || Number.isInteger(value);
const place = (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);

function checked(message) {
  if (!message || typeof message !== "object") return null;
  const { livingCircle, kind, tool, number, level, service, lonlat } = message;
  if (![number, level, service].every(whole)) return null;
  if (livingCircle === "clicked" && KINDS.includes(kind) && place(lonlat)) return { livingCircle, kind, number, level, service, lonlat };
  const drawn = livingCircle === "drawn" && TOOLS.includes(tool) && Array.isArray(lonlat) && lonlat.length < 500 && lonlat.every(place);
  return drawn ? { livingCircle, tool, number, service, lonlat } : null;
}

export default function ({ data, parentElement, setTriggerValue }) {
  // Called again whenever its data change: the listener of the last time makes way, or everything would be heard twice.
  if (parentElement.stopHearing) parentElement.stopHearing();
  const queued = queueOf(parentElement, data.heard); // of queue.js, which stands before this
  const frame = () => [...document.querySelectorAll("iframe")].find((one) => one.title === data.map);

  function tell() {
    const map = frame();
    if (map && map.contentWindow) map.contentWindow.postMessage({ livingCircle: "show", overlay: data.overlay }, window.origin);
  }

  function heard(event) {
    const map = frame();
    if (!map || event.source !== map.contentWindow || event.origin !== window.origin) return;
    if (event.data && event.data.livingCircle === "ready") tell();
    const message = data.hears && checked(event.data);
    if (message) setTriggerValue("said", queued(message));
  }

  const stop = () => window.removeEventListener("message", heard);
  parentElement.stopHearing = stop;
  window.addEventListener("message", heard);
  tell();
  return stop;
}
