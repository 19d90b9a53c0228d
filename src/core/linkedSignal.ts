/** A signal that is aborted together with an outer one. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Unlinks it: the outer signal no longer aborts it. */
  readonly release: () => void;
  /** Unlinks and aborts it. */
  readonly end: () => void;
}

const groups = new WeakMap<AbortSignal, Set<AbortController>>();

/**
 * A new signal that is aborted when `outer` is, with the same reason; at once if `outer` is aborted already.
 *
 * One signal for hundreds of requests would be slow: Node checks all listeners of a signal each time one is added. So each
 * request gets a signal of its own, and `outer` has one listener.
 */
export function linkedSignal(outer: AbortSignal | undefined): LinkedSignal {
  const controller = new AbortController();
  const group = outer === undefined ? undefined : (groups.get(outer) ?? newGroup(outer));
  group?.add(controller);
  if (outer?.aborted === true) controller.abort(outer.reason);
  const release = () => void group?.delete(controller);
  const end = () => {
    release();
    controller.abort();
  };
  return { signal: controller.signal, release, end };
}

function newGroup(outer: AbortSignal): Set<AbortController> {
  const group = new Set<AbortController>();
  groups.set(outer, group);
  outer.addEventListener('abort', () => group.forEach((controller) => controller.abort(outer.reason)), { once: true });
  return group;
}
