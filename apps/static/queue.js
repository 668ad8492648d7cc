// What is said to the page in order, numbered, and again until the page has acknowledged it (`heard`): a second trigger may take the place
// of a first one that the page has not seen yet. The page passes over what it knows.
function queueOf(element, heard) {
  const queue = (element.queue = element.queue || { id: Math.random().toString(36).slice(2), said: 0, waiting: [] });
  if (heard && heard[0] === queue.id) queue.waiting = queue.waiting.filter((one) => one.number > heard[1]);
  return (message) => {
    queue.said += 1;
    queue.waiting = [...queue.waiting.slice(-49), { number: queue.said, message }];
    return { queue: queue.id, messages: queue.waiting };
  };
}

