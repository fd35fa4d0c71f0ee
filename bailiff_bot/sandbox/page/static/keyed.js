/** Lists that are drawn again and keep the state of their items: scroll position, focus, an open table. */

/** The data that each node was drawn from. */
const drawnFrom = new WeakMap();

/**
 * Show these items in a container. An unchanged item keeps its node.
 * @param {Element} container
 * @param {Array<object>} items
 * @param {{key: (item: object) => string, draw: (item: object) => Element}} how
 */
export function keyed(container, items, { key, draw }) {
  const before = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const focused = focusIn(container);
  const nodes = items.map((item) => {
    const name = key(item);
    const content = JSON.stringify(item);
    const kept = before.get(name);
    if (kept && drawnFrom.get(kept) === content) return kept;
    const node = draw(item);
    node.dataset.key = name;
    drawnFrom.set(node, content);
    return node;
  });
  arrange(container, nodes);
  if (focused) focusAgain(container, focused);
}

/** Put the nodes into a container in this order; move only those at another position. */
function arrange(container, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...container.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    const there = container.children[index];
    if (there !== node) container.insertBefore(node, there ?? null);
  });
}

function focusIn(container) {
  const active = document.activeElement;
  if (!active || active === container || !container.contains(active)) return null;
  const item = [...container.children].find((node) => node.contains(active));
  return { active, item: item.dataset.key, mark: active.dataset.focus };
}

/** Restore the focus: set it on the element that replaced the focused one. */
function focusAgain(container, { active, item, mark }) {
  if (active.isConnected) return;
  const node = [...container.children].find((one) => one.dataset.key === item);
  if (!node) return container.focus();
  const same = mark ? node.querySelector(`[data-focus="${CSS.escape(mark)}"]`) : null;
  const other = node.querySelector("button, a[href], select, input");
  (same ?? (node.matches("button, a[href]") ? node : other) ?? container).focus();
}
