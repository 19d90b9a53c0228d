/**
 * Signals of single requests that follow one signal of many. A signal asks every listener that it has at each new one, so
 * with hundreds of requests under way only one listens; and the SDK never takes its listener off the signal it is given.
 */
export interface Follower {
  readonly signal: AbortSignal;
  /** Follows no longer. */
  readonly release: () => void;
}

const groups = new WeakMap<AbortSignal, Set<AbortController>>();

export function followerOf(outer: AbortSignal | undefined): Follower {
  const controller = new AbortController();
  if (outer === undefined) return { signal: controller.signal, release: () => undefined };
  if (outer.aborted) controller.abort(outer.reason);
  const group = groups.get(outer) ?? newGroup(outer);
  group.add(controller);
  return { signal: controller.signal, release: () => void group.delete(controller) };
}

function newGroup(outer: AbortSignal): Set<AbortController> {
  const group = new Set<AbortController>();
  groups.set(outer, group);
  outer.addEventListener('abort', () => group.forEach((controller) => controller.abort(outer.reason)), { once: true });
  return group;
}
