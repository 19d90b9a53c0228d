/**
 * The script that Jupyter starts on POSIX systems. A spec outlives the Node that it was made with: version managers have a folder
 * for every version, and remove it.
 */

import { setupCommand } from '../../src/core/packageRoot.js';

/** The paths of Node in the usual version managers and packages; with several versions, the newest comes last. */
const usualPlaces = [
  '"${NVM_DIR:-$HOME/.nvm}"/versions/node/*/bin/node',
  '"${FNM_DIR:-$HOME/.local/share/fnm}"/node-versions/*/installation/bin/node',
  '"$HOME/Library/Application Support/fnm"/node-versions/*/installation/bin/node',
  '"${VOLTA_HOME:-$HOME/.volta}"/tools/image/node/*/bin/node',
  '"${MISE_DATA_DIR:-$HOME/.local/share/mise}"/installs/node/*/bin/node',
  '"${ASDF_DATA_DIR:-$HOME/.asdf}"/installs/nodejs/*/bin/node',
  '/opt/homebrew/bin/node',
  '/usr/local/bin/node',
  '/home/linuxbrew/.linuxbrew/bin/node',
  '/usr/bin/node',
];

/**
 * The script's text. `start.sh <main.js> <connection file>` starts the recorded Node, or if that is gone, the first one that is new
 * enough. If there is none, it writes to stderr, the Jupyter server's log, what to do.
 *
 * @param node - the absolute path of the Node that runs now
 * @param minimum - the oldest version that will do, as `20.19`
 */
export function launcher(node: string, minimum: string): string {
  const [major, minor] = minimum.split('.');
  return `#!/bin/sh
# Starts apolab's kernel: start.sh <main.js> <connection file>
recorded=${quote(node)}

if [ ! -f "$1" ]; then
  echo "apolab: $1 is gone: the folder was moved or removed. In the new one: ${setupCommand}; for a Jupyter elsewhere: npx apolab install --help" >&2
  exit 1
fi

[ -x "$recorded" ] && exec "$recorded" "$@"

new_enough() {
  [ -x "$1" ] || return 1
  version=$("$1" --version 2>/dev/null) || return 1
  version=\${version#v}
  major=\${version%%.*}
  minor=\${version#*.}
  minor=\${minor%%.*}
  [ "$major" -gt ${major} ] 2>/dev/null || { [ "$major" -eq ${major} ] && [ "$minor" -ge ${minor} ]; } 2>/dev/null
}

found=
for node in ${usualPlaces.toReversed().join(' \\\n  ')}; do
  new_enough "$node" && found=$node
done
new_enough "$(command -v node)" && found=$(command -v node)
[ -n "$found" ] && exec "$found" "$@"

echo "apolab: $recorded is gone, and no other Node ${minimum} or newer was found. Install one, then in apolab's folder: ${setupCommand}; for a Jupyter elsewhere: npx apolab install --help" >&2
exit 1
`;
}

/** Text quoted for a shell. */
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
