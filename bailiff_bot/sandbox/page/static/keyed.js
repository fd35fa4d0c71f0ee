/** Lists that are drawn again without losing what a reader did to their items: scroll, focus, an opened table. */

/** What each node was drawn from. */
const drawnFrom = new WeakMap();

/**
 * Let a container show these items. An item that is as it was keeps its node.
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

/** Put nodes into a container in this order, moving only those that stand elsewhere. */
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

/** Give the focus back to what stands in the place of an element that was drawn anew. */
function focusAgain(container, { active, item, mark }) {
  if (active.isConnected) return;
  const node = [...container.children].find((one) => one.dataset.key === item);
  if (!node) return container.focus();
  const same = mark ? node.querySelector(`[data-focus="${CSS.escape(mark)}"]`) : null;
  const other = node.querySelector("button, a[href], select, input");
  (same ?? (node.matches("button, a[href]") ? node : other) ?? container).focus();
}
