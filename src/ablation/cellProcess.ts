/** Entry of a cell's process: the real trainer on the real backend. */
import { useBackend } from '../tensor/index.js';
import { serveCell } from './cellServer.js';
import { trainCell } from './trainCell.js';

serveCell(trainCell, () => useBackend());
