#!/usr/bin/env node
// The door of every command: `node src/setup/launch.mjs <command> [arguments]`, also as `npm start` and `npx apolab`.
// Kept in syntax that old Nodes can read, so that an old Node gets a sentence and not a stack.
import { nodeVersionProblem } from './nodeVersion.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  console.error('apolab: ' + problem);
  process.exitCode = 1;
} else {
  import('./main.mjs').then((module) => module.main(process.argv.slice(2)));
}
