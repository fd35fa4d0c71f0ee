/** Lists that are drawn again and keep the state of their items: scroll position, focus, an open table. */

/** The data that each node was drawn from. */
const drawnFrom = new WeakMap();

/**
 * Show these items in a container. An unchanged item keeps its node.
 * @param {Element} container
 * @param {Array<object>} items
 * @param {{key: (item: object) => string, draw: (item: object) => Element}} options
 */
export function renderKeyedList(container, items, { key, draw }) {
  const oldNodes = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const focused = findFocus(container);
  const nodes = items.map((item) => {
    const itemKey = key(item);
    const content = JSON.stringify(item);
    const oldNode = oldNodes.get(itemKey);
    if (oldNode && drawnFrom.get(oldNode) === content) return oldNode;
    const node = draw(item);
    node.dataset.key = itemKey;
    drawnFrom.set(node, content);
    return node;
  });
  arrange(container, nodes);
  if (focused) restoreFocus(container, focused);
}

/** Put the nodes into a container in this order; move only those at another position. */
function arrange(container, nodes) {
  const kept = new Set(nodes);
  for (const node of [...container.children]) if (!kept.has(node)) node.remove();
  nodes.forEach((node, index) => {
    const current = container.children[index];
    if (current !== node) container.insertBefore(node, current ?? null);
  });
}

function findFocus(container) {
  const active = document.activeElement;
  if (!active || active === container || !container.contains(active)) return null;
  const item = [...container.children].find((node) => node.contains(active));
  return { active, item: item.dataset.key, focusKey: active.dataset.focus };
}

/** Restore the focus: set it on the element that replaced the focused one. */
function restoreFocus(container, { active, item, focusKey }) {
  if (active.isConnected) return;
  const node = [...container.children].find((candidate) => candidate.dataset.key === item);
  if (!node) return container.focus();
  const replacement = focusKey ? node.querySelector(`[data-focus="${CSS.escape(focusKey)}"]`) : null;
  const fallback = node.querySelector("button, a[href], select, input");
  (replacement ?? (node.matches("button, a[href]") ? node : fallback) ?? container).focus();
}
