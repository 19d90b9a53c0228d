/**
 * What went wrong and how to fix it: a table from the messages of npm, pip, venv and Node to one sentence each. The first row
 * that matches is used, so a cause comes before its consequences.
 */

/** An error whose message is for the person at the terminal; any other error is a bug and keeps its stack. */
export class SetupError extends Error {}

/** A disk with fewer free bytes counts as full, even if the installer could not report it any more. */
const fullDisk = 20e6;

/** @type {readonly { when: RegExp, say: string | ((line: string) => string) }[]} */
const causes = [
  {
    when: /ENOSPC|No space left on device|not enough space on the disk|EDQUOT|quota exceeded/i,
    say: 'The disk is full. Set-up needs about 4 GB in the project folder (and some in the temporary folder): free space, then run the command again.',
  },
  {
    when: /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_HAS_EXPIRED|CERTIFICATE_VERIFY_FAILED|certificate verify failed/i,
    say: "The package registry's certificate is not trusted, as behind an inspecting proxy. Point NODE_EXTRA_CA_CERTS (npm) and PIP_CERT (pip) at your organisation's certificate file, then run the command again.",
  },
  {
    when: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|NewConnectionError|Failed to establish a new connection|NameResolutionError|ProxyError|Tunnel connection failed|ConnectTimeout|ReadTimeout|Read timed out|Connection refused|Max retries exceeded/i,
    say: 'The package registry cannot be reached. Check the network; behind a proxy set HTTPS_PROXY, for a mirror set npm_config_registry (npm) and PIP_INDEX_URL (pip), then run the command again.',
  },
  {
    when: /E40[13]\b|\b(401|403|407) (Unauthorized|Forbidden|Proxy Authentication Required)/,
    say: 'The package registry refuses the request. Check the credentials in .npmrc or pip.conf, or unset npm_config_registry and PIP_INDEX_URL to use the public one, then run the command again.',
  },
  {
    when: /npm ci` can only install packages when|EUSAGE/,
    say: 'package.json and package-lock.json disagree. Run `npm install`, then run the command again.',
  },
  {
    when: /ensurepip is not available|No module named '?(ensurepip|venv)/,
    say: 'This Python has no venv module. On Debian or Ubuntu: sudo apt install python3-venv, then run the command again.',
  },
  {
    when: /EACCES|EPERM|EROFS|Permission denied|PermissionError/,
    say: 'A file or folder of the project cannot be written. Make it your own (sudo chown -R "$USER" .) or close the program that has it open, then run the command again.',
  },
  {
    when: /No matching distribution found|Could not find a version that satisfies|ETARGET|E404/,
    say: 'The package registry does not carry a pinned version that apolab needs. If a mirror is configured (npm_config_registry, PIP_INDEX_URL), update it or unset it, then run the command again.',
  },
  {
    when: /error TS\d+/,
    say: 'The TypeScript sources do not compile. Fix the errors in the log, then run the command again.',
  },
  {
    when: /Killed signal|cc1plus.*(out of memory|Killed)|virtual memory exhausted|std::bad_alloc|LLVM ERROR: out of memory/i,
    say: (line) => `The compiler ran out of memory (${line}). Close other programs, then run the command again.`,
  },
  {
    when: /fatal error: .*(No such file or directory|file not found)/,
    say: (line) =>
      `The C++ compiler does not find a header (${line}). Install the whole compiler (Debian or Ubuntu: sudo apt install g++), then run the command again.`,
  },
  {
    when: /(unrecognized|unknown|unsupported)( command[- ]line)? (option|argument)|invalid value .* in '-std=/,
    say: (line) =>
      `The C++ compiler is too old or is another kind of compiler (${line}). Set CXX to GCC 10 or clang 12 or newer, or unset it, then run the command again.`,
  },
  {
    when: /undefined reference to|cannot find -l|(ld|lld|collect2|linker command).*(error|failed)/,
    say: (line) =>
      `The linker failed (${line}). Set CXX to another compiler, such as clang++, or unset it, then run the command again.`,
  },
  {
    when: /\.(cc|cpp|cxx|c|h|hh|hpp)(:\d+)+: (fatal )?error: /,
    say: (line) =>
      `The C++ compiler failed (${line}). Set CXX to another compiler, such as clang++, or unset it, then run the command again.`,
  },
];

/**
 * The cause and the fix for the output of a failed step.
 *
 * @param {string} output
 * @param {number} freeBytes free bytes on the project's disk
 * @returns {string}
 */
export function explain(output, freeBytes) {
  const text = freeBytes < fullDisk ? `ENOSPC, ${freeBytes} bytes are left\n${output}` : output;
  const lines = text.trim().split('\n');
  for (const { when, say } of causes) {
    const line = lines.find((candidate) => when.test(candidate));
    if (line === undefined) continue;
    const shown = line.trim().slice(0, 300);
    return typeof say === 'string' ? `${say}\nThe installer's message: ${shown}` : say(shown);
  }
  const error = lines.find((line) => /error:/i.test(line));
  if (error !== undefined) return `It ended with: ${error.trim().slice(0, 300)}`;
  const last = lines.filter((line) => !/^npm (notice|warn)|A complete log of this run/.test(line)).at(-1);
  return `It ended with: ${last || 'no output'}`;
}
