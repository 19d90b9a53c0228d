/** The exit code of a command that was stopped by Ctrl-C: 128 plus the number of SIGINT, as shells have it. */
export const interruptedCode = 130;
