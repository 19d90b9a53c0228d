#!/usr/bin/env node
// The entry of every command: `node src/setup/launch.mjs <command> [arguments]`, also as `npm start` and `npx apolab`.
// Its syntax is one that old versions of Node can parse, so that they print a sentence and not a stack.
import { nodeVersionProblem } from './nodeVersion.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  console.error('apolab: ' + problem);
  process.exitCode = 1;
} else {
  import('./main.mjs').then((module) => module.main(process.argv.slice(2)));
}
