/** Whether one more item may be started now. It is asked again after each result. */
export type MayStart = () => boolean;

/**
 * Runs `work` on the items, up to `ahead` of them at once, and yields the results in the items' order. An item is read when
 * its work starts.
 *
 * @throws the error of `work` or of the source, after the results of all earlier items were yielded.
 * @example
 * const answers = mapOrdered(questions, 32, async (question) => (await policy.generate([question]))[0]);
 * for await (const answer of answers) console.log(answer);
 */
export async function* mapOrdered<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
  mayStart: MayStart = () => true,
): AsyncGenerator<Result, void> {
  const running: Promise<Settled<Result>>[] = [];
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      while (!ended && running.length < ahead && mayStart()) {
        const next = await settle(nextOf(source));
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

/** The next item; an error that a synchronous source throws becomes a rejection. */
async function nextOf<Item>(source: Iterator<Item, unknown> | AsyncIterator<Item, unknown>) {
  return await source.next();
}

type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

/** Node must not report an error as unhandled while earlier results are still awaited. */
function settle<Result>(promise: Promise<Result>): Promise<Settled<Result>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
