/** A cell that reads standard input waits for nothing: a notebook has no keyboard. It is told what asks the person instead. */

const events = new Set<string | symbol>(['data', 'readable', 'keypress']);

/** Calls `tell` once, when a cell begins to read `process.stdin`. */
export function explainStandardInput(tell: (text: string) => void): void {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin');
  let stream: typeof process.stdin | undefined;
  const explained = () => {
    const read = own?.get?.call(process) as typeof process.stdin;
    const on = read.on.bind(read) as (name: string | symbol, listener: (...given: never[]) => void) => typeof read;
    let isTold = false;
    read.on = read.addListener = (name: string | symbol, listener: (...given: never[]) => void) => {
      if (events.has(name) && !isTold) {
        isTold = true;
        tell(
          "A notebook has no standard input, so this never receives anything: `await input('Name? ')` asks the person.",
        );
      }
      return on(name, listener);
    };
    return read;
  };
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    enumerable: true,
    get: () => (stream ??= explained()),
  });
}
