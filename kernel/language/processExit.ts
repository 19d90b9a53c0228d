/**
 * Thrown by `process.exit()` in a cell. The call would end the kernel and lose every variable, while the user (or a command-line
 * library) only means to end the running code; so it ends the cell, as `sys.exit()` does in IPython.
 */
export class ProcessExit extends Error {
  override name = 'ProcessExit';

  constructor(code: string | number | null | undefined) {
    super(
      `process.exit(${code ?? ''}) ended this cell; the kernel goes on, and variables keep their values. To end the kernel, shut it down in Jupyter.`,
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
