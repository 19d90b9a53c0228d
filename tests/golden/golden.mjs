/** `npm run golden` regenerates the golden files; `npm run golden -- --check` compares them with newly generated ones. */
import path from 'node:path';
import { goldenPython, run } from './environment.mjs';

process.exitCode = run(goldenPython(), [path.join(import.meta.dirname, 'check.py'), ...process.argv.slice(2)]);
