/**
 * A JupyterLab for the tests of one file, and a new notebook for each test, of which a picture is taken at its end. A file that imports
 * it gets the hooks.
 */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Lab, type Notebook, startLab } from './labPage.js';

/** The server and its browser. */
export let lab: Lab;
/** The notebook of the test that runs. */
export let notebook: Notebook;

// A browser may have to be installed first, which takes long.
const setUpTimeout = 900_000;

beforeAll(async () => {
  lab = await startLab();
}, setUpTimeout);
afterAll(() => lab.close());

beforeEach(async () => {
  notebook = await lab.openNotebook();
});
afterEach(async ({ task }) => {
  const file = await notebook.screenshot(task.name);
  if (task.result?.state === 'fail') console.error(`what the page showed: ${file}`);
  await notebook.close();
});
