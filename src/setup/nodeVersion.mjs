/** The oldest Node that apolab runs on: the first release of 20 that vitest 4 supports. */
const oldest = { major: 20, minor: 19 };

/**
 * What is wrong with a Node version, and how to fix it; undefined if it is new enough.
 *
 * @param {string} version as in `process.versions.node`, such as '20.19.0'
 * @returns {string | undefined}
 */
export function nodeVersionProblem(version) {
  const parts = version.split('.').map(Number);
  const major = parts[0] || 0;
  const minor = parts[1] || 0;
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined;
  return (
    'this is Node ' +
    version +
    ', and apolab needs Node 20.19 or newer. ' +
    'Install the current LTS from https://nodejs.org (or: nvm install --lts), then run the command again.'
  );
}
