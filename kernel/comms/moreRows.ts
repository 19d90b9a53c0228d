/**
 * Rows of tables that did not fit into an output. The page asks for them by a comm: the extension of JupyterLab opens one per
 * request (kernelspec/labextension), which gets the rows as its only message.
 */
import { randomUUID } from 'node:crypto';
import { offerMoreRows, type MoreRows } from '../../src/core/moreRows.js';
import type { Comms } from './comm.js';

/** Tables whose rows are kept; with another one, the oldest is forgotten. */
const most = 20;

/** Keeps the rows of tables from now on, and answers the pages that ask for them. */
export function keepRowsOfTables(comms: Comms): void {
  const kept = new Map<string, MoreRows>();
  offerMoreRows((rows) => {
    const table = randomUUID();
    kept.set(table, rows);
    if (kept.size > most) kept.delete([...kept.keys()][0]!);
    return table;
  });
  comms.register('apolab.rows', (comm, { data }) => {
    const { table, start } = data as { readonly table?: unknown; readonly start?: unknown };
    const rows = typeof table === 'string' && Number.isInteger(start) ? kept.get(table) : undefined;
    if (rows !== undefined) comm.send({ rows: rows(start as number) });
    // A comm that is closed without a message: these rows are not known any more.
    comm.close();
  });
}
