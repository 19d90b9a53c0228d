/** The exit code of a command that Ctrl-C stopped: 128 plus the number of SIGINT, as shells report it. */
export const interruptedCode = 130;
