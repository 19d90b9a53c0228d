/**
 * Signals of single requests that follow one signal of many. A signal asks every listener that it has at each new one, so
 * with hundreds of requests under way only one listens; and the SDK never takes its listener off the signal it is given.
 */
export interface Follower {
  readonly signal: AbortSignal;
  /** Follows no longer. */
  readonly release: () => void;
  /** Follows no longer, and ends what still listens. */
  readonly end: () => void;
}

const groups = new WeakMap<AbortSignal, Set<AbortController>>();

export function followerOf(outer: AbortSignal | undefined): Follower {
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
