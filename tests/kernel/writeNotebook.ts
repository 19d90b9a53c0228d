/** Notebooks for Jupyter's programs. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { kernelName } from './kernelProcess.js';

/** Writes a notebook of these cells into the folder and returns its path. */
export async function writeNotebook(folder: string, name: string, cells: readonly string[]): Promise<string> {
  const file = path.join(folder, `${name}.ipynb`);
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    // As JupyterLab saves it; nbconvert chooses the highlighting before it starts the kernel.
    metadata: {
      kernelspec: { name: kernelName, display_name: 'TypeScript (apolab)', language: 'typescript' },
      language_info: { name: 'typescript', pygments_lexer: 'typescript', file_extension: '.ts' },
    },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    })),
  };
  await writeFile(file, JSON.stringify(notebook));
  return file;
}
