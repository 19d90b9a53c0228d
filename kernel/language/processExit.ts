/**
 * `process.exit()` in a cell. It would take the kernel with it, and every variable of the notebook, where the person (or a
 * command-line library that was called) meant to end what runs; so it ends the cell, as `sys.exit()` does in IPython.
 */
export class ProcessExit extends Error {
  override name = 'ProcessExit';

  constructor(code: string | number | null | undefined) {
    super(
      `process.exit(${code ?? ''}) ended this cell; the kernel and its variables live on. To end the kernel, shut it down in Jupyter.`,
    );
  }
}

/** Replaces `process.exit`, and returns the real one. */
export function guardProcessExit(): typeof process.exit {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new ProcessExit(code);
  };
  return exit;
}
