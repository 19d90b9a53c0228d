/** Work that runs ahead of whoever takes its results, which come in the order of what went in. */

/** Whether one more may be started now; asked again after each result. */
export type MayStart = () => boolean;

/**
 * Runs `work` over the items, up to `ahead` of them at once, and yields the results in the items' order. An item is read
 * when its work starts. An error, the source's too, comes out at its place: the results before it are yielded first.
 *
 * @example
 * for await (const answer of inOrder(questions, 32, ask)) console.log(answer);
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
  mayStart: MayStart = () => true,
): AsyncGenerator<Result, void> {
  const running: Promise<Settled<Result>>[] = [];
  const source = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      while (!ended && running.length < ahead && mayStart()) {
        const next = await settle(source.next());
        ended = 'error' in next || next.value.done === true;
        if ('error' in next) running.push(Promise.resolve(next));
        else if (next.value.done !== true) running.push(settle(work(next.value.value)));
      }
      const first = running.shift();
      if (first === undefined) return;
      const settled = await first;
      if ('error' in settled) throw settled.error;
      yield settled.value;
    }
  } finally {
    await source.return?.();
  }
}

type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

/** A failure that waits for its turn must not count as unhandled meanwhile. */
function settle<Result>(promise: Promise<Result>): Promise<Settled<Result>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
